"""Whether a candidate may answer users: rules over what was measured, each with both figures.

Rules of policy can be forced, those of integrity cannot: figures that are not there, or of other data, say
nothing.
"""

import dataclasses
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from deployment.measuring import Candidate, Rival
from pipeline.intervals import Difference, paired_differences
from pipeline.metrics import PerUser
from pipeline.parameters import InvalidInput, nearest, parameter, read
from pipeline.references import REFERENCES

Quality = Literal["not_worse", "better"]
# What each reference is held against: the metric of those that have an interval which it is good at.
REFERENCE_METRICS = {"best constant": ("accuracy",), "popularity": ("ndcg",), "bias": ("accuracy", "ndcg")}
NAMES = {"accuracy": "accuracy", "ndcg": "NDCG@10"}
MEASURED = "accuracy and NDCG@10 measured on validation and test, finite"


@dataclass(frozen=True, kw_only=True)
class Gate:
    """The keys of conf/gate."""

    accuracy_threshold: float | None = parameter(
        None, "validation accuracy needed; null = the candidate's own accuracy_threshold", low=0, high=1
    )
    quality: Quality = parameter(  # noqa: RUF009 - a field like the others
        "not_worse", "what NDCG@10 on test must be beside the active version's", choices=get_args(Quality)
    )
    quality_margin: float = parameter(
        0.01, "NDCG@10 that its 95% interval may reach below the active version's", low=0, high=1
    )
    recommendation_ms: float | None = parameter(
        50.0, "milliseconds that recommending to one user may take; null = any", low=0.001, high=1e6
    )
    ahead_of: tuple[str, ...] = ()  # references whose 95% interval on test it must be ahead of

    def conflicts(self) -> Iterator[str]:
        yield from ()


@dataclass(frozen=True)
class Rule:
    """One rule as it was applied."""

    name: str
    must: str  # what must hold, with its figure
    found: str  # what was found, with its figure
    passed: bool
    integrity: bool = False  # cannot be forced
    applies: bool = True  # the first version has none before it to be compared with


@dataclass(frozen=True)
class Verdict:
    """What the gate says of a candidate."""

    rules: Sequence[Rule]

    @property
    def refusals(self) -> list[Rule]:
        return [rule for rule in self.rules if not rule.passed]

    @property
    def passed(self) -> bool:
        return not self.refusals

    def allows(self, *, force: bool) -> bool:
        """Say whether the candidate may go live, with force against the rules of policy."""
        return not any(rule.integrity or not force for rule in self.refusals)

    def as_json(self) -> dict[str, Any]:
        return {"rules": [dataclasses.asdict(rule) for rule in self.rules]}


def read_gate(values: Mapping[str, Any], prefix: str = "gate.") -> Gate:
    """Read the gate section of a config.

    Raises:
        InvalidInput: with every problem, each under its dotted key.

    """
    asked = dict(values)
    names = asked.pop("ahead_of", [])
    problems = list(_problems_of_references(names, f"{prefix}ahead_of"))
    try:
        gate = read(Gate, asked, prefix)
    except InvalidInput as error:
        raise InvalidInput([*error.problems, *problems]) from error
    if problems:
        raise InvalidInput(problems)
    return dataclasses.replace(gate, ahead_of=tuple(names))


def _problems_of_references(names: object, key: str) -> Iterator[str]:
    known = ", ".join(REFERENCES)
    if not isinstance(names, list):
        yield f"{key} must be a list of {known}, got {names!r}"
        return
    for name in names:
        if name not in REFERENCES:
            yield f"{key} must be a list of {known}, got {name!r} in it{nearest(str(name), REFERENCES)}"


def judged(gate: Gate, candidate: Candidate, rival: Rival | None) -> Verdict:
    """Apply every rule; those that need figures are left out where there are none.

    Args:
        gate: the rules.
        candidate: to be judged.
        rival: the active version, measured on the same held-out ratings; None before the first deployment.

    """
    rules = [_measured(candidate), _same_data(candidate)]
    if all(rule.passed for rule in rules):
        rules += [
            _changes(candidate, rival),
            _accurate(gate, candidate),
            _quality(gate, candidate, rival),
            *(
                _ahead(candidate, name, metric)
                for name in gate.ahead_of
                for metric in REFERENCE_METRICS[name]
            ),
            *([] if gate.recommendation_ms is None else [_fast(gate.recommendation_ms, candidate)]),
        ]
    return Verdict(rules)


def unmeasured(reason: str) -> Verdict:
    """Refuse what has no figures to be judged by."""
    return Verdict([Rule("measured", MEASURED, reason, passed=False, integrity=True)])


def _measured(candidate: Candidate) -> Rule:
    """Ask for finite figures of validation and test; a metric that is not defined is no figure."""
    found = {
        f"{part} {NAMES[metric]}": measurement.metrics.get(metric)
        for part, measurement in (("validation", candidate.validation), ("test", candidate.test))
        for metric in NAMES
    }
    bad = [f"{name} {value}" for name, value in found.items() if value is None or not math.isfinite(value)]
    said = ", ".join(bad or (f"{name} {value:.4f}" for name, value in found.items()))
    return Rule("measured", MEASURED, said, passed=not bad, integrity=True)


def _same_data(candidate: Candidate) -> Rule:
    must = f"chosen on today's data {candidate.data_fingerprint}"
    found = f"chosen on {candidate.chosen_on}"
    same = candidate.chosen_on == candidate.data_fingerprint
    return Rule("same data", must, found, passed=same, integrity=True)


def _changes(candidate: Candidate, rival: Rival | None) -> Rule:
    if rival is None:
        return _first("something changes", "another configuration, data or code than the active version's")
    must = f"other than version {rival.version}, key {rival.config_key}"
    found = f"key {candidate.config_key}"
    return Rule("something changes", must, found, passed=candidate.config_key != rival.config_key)


def _accurate(gate: Gate, candidate: Candidate) -> Rule:
    asked = gate.accuracy_threshold
    threshold = candidate.hyperparameters.accuracy_threshold if asked is None else asked
    whose = "accuracy_threshold of the candidate" if asked is None else "gate.accuracy_threshold"
    accuracy = float(candidate.validation.metrics["accuracy"] or 0)
    must = f"validation accuracy at least {threshold:g}, the {whose}"
    return Rule("accuracy", must, f"{accuracy:.4f}", passed=accuracy >= threshold)


def _quality(gate: Gate, candidate: Candidate, rival: Rival | None) -> Rule:
    """Compare on test, which picked nothing, on the same users."""
    least = -gate.quality_margin if gate.quality == "not_worse" else 0.0
    must = f"test NDCG@10 {gate.quality.replace('_', ' ')}: 95% interval of the difference above {least:g}"
    if rival is None:
        return _first("quality", must)
    ahead = _difference(candidate.test.per_user, rival.test, "ndcg")
    found = f"{_interval(ahead)} to version {rival.version}"
    # Of few users the interval is narrower than its name says: not enough to call anything better.
    enough = gate.quality == "not_worse" or not ahead.too_few_users
    return Rule("quality", must, found, passed=ahead.low > least and enough)


def _ahead(candidate: Candidate, name: str, metric: str) -> Rule:
    must = f"test {NAMES[metric]}: 95% interval of the difference to {name} above 0"
    reference = candidate.references.get(name)
    if reference is None:
        return Rule(f"ahead of {name}", must, "not measured", passed=False, integrity=True)
    ahead = _difference(candidate.test.per_user, reference.per_user, metric)
    passed = ahead.low > 0 and not ahead.too_few_users
    return Rule(f"ahead of {name}", must, _interval(ahead), passed=passed)


def _fast(budget: float, candidate: Candidate) -> Rule:
    must = f"at most {budget:g} ms for one user's recommendations"
    took = candidate.recommendation_ms
    return Rule("fast enough", must, f"{took:.2f} ms", passed=took <= budget)


def _first(name: str, must: str) -> Rule:
    return Rule(name, must, "no version is active yet", passed=True, applies=False)


def _difference(candidate: PerUser, other: PerUser, metric: str) -> Difference:
    return paired_differences([candidate], other, metric)[0]


def _interval(ahead: Difference) -> str:
    few = f", of {ahead.n_users} users only" if ahead.too_few_users else ""
    return f"{ahead.estimate:+.4f} [{ahead.low:+.4f}, {ahead.high:+.4f}]{few}"
