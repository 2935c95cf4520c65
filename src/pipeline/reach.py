"""Which hyperparameters can matter on a dataset, which cannot, and why."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from pipeline.audit.counted import Counted
from pipeline.hyperparameters import COMPONENT_WEIGHTS, POLICY, POPULARITY_WEIGHTS, Phase1
from pipeline.needs import NEEDS
from pipeline.parameters import Parameter, parameters

# What takes its share from others, so that they shrink where it has nothing to give.
SHARES = (*COMPONENT_WEIGHTS, *POPULARITY_WEIGHTS, "collaborative_weight")

CAN = "can"
CANNOT = "cannot"
IDLE = "cannot as configured"
SCALES = "only scales the others"
BY_NUMBER = "goes by movie ids"
OF_POLICY = "policy"
VERDICTS = (CAN, CANNOT, IDLE, SCALES, BY_NUMBER, OF_POLICY)


@dataclass(frozen=True)
class Reach:
    """What one hyperparameter can do on a dataset.

    can: nothing excludes that it changes a score. cannot: it changes none, whatever its value and those of
    others. cannot as configured: it changes none with the others as they are, or from the value on that `why`
    names. only scales the others: what it weighs is the same for all movies. goes by movie ids: it weighs by
    order, of which the data has none but that of the ids. policy: it is part of no score.
    """

    name: str
    value: Any  # as it is configured
    verdict: str
    why: str  # empty where it can


def reaches(counted: Counted, hyperparameters: Phase1) -> list[Reach]:
    """Say of each hyperparameter what it can do on these data, the others as they are."""
    values = asdict(hyperparameters)
    lacking = {name: need.why(counted) for name, need in NEEDS.items() if not need.is_there(counted)}
    idle = dict(_by_length(counted.longest_cast, values))
    return [
        Reach(name, values[name], *_judged(spec, lacking, idle))
        for name, spec in parameters(type(hyperparameters)).items()
    ]


def _judged(spec: Parameter, lacking: Mapping[str, str], idle: Mapping[str, str]) -> tuple[str, str]:
    if spec.name in POLICY:
        return OF_POLICY, "it decides what is deployed, and no score"
    missing = [name for name in spec.needs if name in lacking]
    if not missing:
        return (IDLE, idle[spec.name]) if spec.name in idle else (CAN, "")
    why = "; ".join(dict.fromkeys(lacking[name] for name in missing))
    if spec.name in SHARES:
        return SCALES, why
    return (BY_NUMBER if missing == ["order"] else CANNOT), why


def _by_length(longest: int, values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Name what no cast is long enough for, with why."""
    lead, supporting = values["cast_lead_threshold"], values["cast_supporting_threshold"]
    no_longer = f"no cast is longer than {longest}"
    for name, value in (("cast_lead_threshold", lead), ("cast_supporting_threshold", supporting)):
        if value >= longest:
            yield name, f"from {longest} on all its values are one: {no_longer}"
    if min(lead, longest) == min(supporting, longest):
        yield "cast_supporting_weight", f"no role is supporting: leads end at {lead}, {no_longer}"
    if supporting >= longest:
        yield "cast_background_weight", f"all roles come before {supporting}: {no_longer}"
    if lead == 0:
        yield "cast_lead_weight", "no role is a lead: cast_lead_threshold is 0"
