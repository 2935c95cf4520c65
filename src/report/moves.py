"""What each hyperparameter does by itself: the runs of search=sensitivity, read back."""

from collections import defaultdict
from collections.abc import Sequence

import yaml

from db.answers import RecordedExperiment
from pipeline.metrics import Measurement
from pipeline.sensitivity import Knob, Range, Value, knobs
from project import ROOT
from report.findings import Findings, contributions_of
from report.outcome import SENSITIVITY
from report.tables import Column, Table, change, listed

COLUMNS = (
    Column("hyperparameter", numeric=False),
    Column("tried"),
    Column("accuracy"),
    Column("NDCG@10"),
    Column("users whose\nten changed"),
)


def moved_alone(findings: Findings) -> Sequence[Knob]:
    """Say what each hyperparameter does, the strongest first.

    Returns:
        empty for runs of other searches, and where the folder of the current configuration is gone.

    """
    experiments = [one for one in findings.completed if findings.method == SENSITIVITY]
    center = next((one for one in experiments if one.trial_number == 1), None)
    current = None if center is None else _measured(center)
    if center is None or current is None:
        return []
    typed = set(_overrides(center))
    moved: dict[str, dict[Value, Measurement]] = defaultdict(dict)
    for one in experiments:
        moves = [line for line in _overrides(one) if line.startswith("model.") and line not in typed]
        measured = _measured(one) if len(moves) == 1 else None
        if measured is not None:
            name, _, typed_value = moves[0].removeprefix("model.").partition("=")
            moved[name][_value(one, name, typed_value)] = measured
    return sorted(knobs(current, moved), key=_strength, reverse=True)


def moves_table(found: Sequence[Knob]) -> Table:
    """Lay out how far each hyperparameter moved accuracy, NDCG@10 and rankings on validation."""
    rows = [
        [one.name, _tried(one), _ends(one.accuracy), _ends(one.ndcg), f"{one.users_changed:.0%}"]
        for one in found
    ]
    return Table("each hyperparameter moved alone: lowest and highest change on validation", COLUMNS, [rows])


def moves_lines(found: Sequence[Knob]) -> list[str]:
    """Name those that do nothing."""
    dead = [one.name for one in found if one.is_dead]
    if not dead:
        return ["No hyperparameter is dead: each changes a metric or somebody's ten."]
    verb = "changes" if len(dead) == 1 else "change"
    return [f"Dead: {listed(dead)} {verb} neither a metric nor anybody's ten, so that a search is of no use."]


def _measured(experiment: RecordedExperiment) -> Measurement | None:
    per_user = contributions_of(experiment, "validation")
    return None if per_user is None else Measurement(dict(experiment.validation), per_user)


def _overrides(experiment: RecordedExperiment) -> Sequence[str]:
    """Read what made a trial; weights are recorded as shares, so that the record does not tell what moved."""
    path = ROOT / (experiment.output_dir or "") / ".hydra" / "overrides.yaml"
    if not path.is_file():
        return []
    return [str(line) for line in yaml.safe_load(path.read_text(encoding="utf-8")) or []]


def _value(experiment: RecordedExperiment, name: str, typed: str) -> Value:
    """Read the value that was moved to: a text as it is recorded, a number as it was typed."""
    recorded = experiment.hyperparameters.get(name)
    return recorded if isinstance(recorded, str) else float(typed)


def _strength(knob: Knob) -> float:
    return max((abs(change) for ends in (knob.accuracy, knob.ndcg) if ends for change in ends), default=0.0)


def _tried(knob: Knob) -> str:
    texts = [value for value in knob.values if isinstance(value, str)]
    if texts:
        return ", ".join(texts)
    numbers = [float(value) for value in knob.values]
    low, high = min(numbers), max(numbers)
    return f"{low:g} to {high:g}" if low < high else f"{low:g}"


def _ends(ends: Range | None) -> str:
    return "–" if ends is None else f"{change(ends[0])} {change(ends[1])}"
