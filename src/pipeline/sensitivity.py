"""Does every hyperparameter move something? One is moved at a time, the others stay as they are."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from pipeline.metrics import Measurement

Range = tuple[float, float]
Value = float | str  # of a hyperparameter


@dataclass(frozen=True)
class Effect:
    """What a configuration with one hyperparameter moved has ahead of the current one."""

    accuracy: float | None  # change, None where either is not defined
    ndcg: float | None  # change of NDCG@10, None likewise
    rmse: float | None  # change of RMSE in stars, below 0 for better, None likewise
    users_changed: float  # share of users whose ten, or their order, changed
    is_none: bool  # every metric and every ranking stayed the same


@dataclass(frozen=True)
class Knob:
    """What one hyperparameter does over the values that were tried, beside its current one."""

    name: str
    values: tuple[Value, ...]
    accuracy: Range | None  # lowest and highest change, None where it is not defined
    ndcg: Range | None  # lowest and highest change of NDCG@10, None likewise
    users_changed: float  # the largest share of users whose ten, or their order, changed
    is_dead: bool  # none of the values changed a metric or a ranking; False where none was tried


def effect(center: Measurement, moved: Measurement) -> Effect:
    """Compare a configuration with the current one, on the same held-out ratings.

    A score may move without crossing the tolerance or changing an order: RMSE then tells, which is why all
    metrics are asked and not those alone whose change is given.
    """
    changed = center.per_user.ranking != moved.per_user.ranking
    return Effect(
        accuracy=_change(center, moved, "accuracy"),
        ndcg=_change(center, moved, "ndcg"),
        rmse=_change(center, moved, "rmse"),
        users_changed=float(np.mean(changed)),
        is_none=center.metrics == moved.metrics and not changed.any(),
    )


def knobs(center: Measurement, moved: Mapping[str, Mapping[Value, Measurement]]) -> list[Knob]:
    """Sum up what each hyperparameter does.

    Args:
        center: the current configuration.
        moved: name of each hyperparameter to what was measured with it at other values, all else as it is.

    """
    return [_knob(name, center, measured) for name, measured in moved.items()]


def _knob(name: str, center: Measurement, measured: Mapping[Value, Measurement]) -> Knob:
    effects = [effect(center, one) for one in measured.values()]
    return Knob(
        name=name,
        values=tuple(measured),
        accuracy=_range(one.accuracy for one in effects),
        ndcg=_range(one.ndcg for one in effects),
        users_changed=max((one.users_changed for one in effects), default=0.0),
        is_dead=bool(effects) and all(one.is_none for one in effects),
    )


def _change(center: Measurement, moved: Measurement, metric: str) -> float | None:
    before, after = center.metrics[metric], moved.metrics[metric]
    return None if before is None or after is None else after - before


def _range(changes: Iterable[float | None]) -> Range | None:
    """Find the lowest and the highest of the defined changes; None where there are none."""
    defined = [change for change in changes if change is not None]
    return (min(defined), max(defined)) if defined else None
