"""A row of hp_experiments as an answer."""

from collections.abc import Mapping
from typing import Any, TypeVar

from sqlalchemy import Row

from db.answers import RecordedExperiment
from db.tables import HYPERPARAMETERS, METRICS, Split, metric_column

_MAPPINGS = {"hyperparameters", "validation", "test"}
_OWN_COLUMNS = [name for name in RecordedExperiment.__dataclass_fields__ if name not in _MAPPINGS]
_METRIC_COLUMNS: dict[Split, dict[str, str]] = {
    split: {metric: metric_column(split, metric) for metric in METRICS} for split in ("validation", "test")
}
E = TypeVar("E", bound=RecordedExperiment)


def answer(kind: type[E], row: Row[*tuple[Any, ...]]) -> E:
    """Take a row of all columns apart: hyperparameters of its model only, metrics by part."""
    found = row._mapping
    return kind(
        **{name: found[name] for name in _OWN_COLUMNS},
        hyperparameters={name: found[name] for name in HYPERPARAMETERS if found[name] is not None},
        validation=_metrics(found, "validation"),
        test=_metrics(found, "test"),
    )


def _metrics(found: Mapping[Any, Any], split: Split) -> dict[str, float | None]:
    return {metric: found[column] for metric, column in _METRIC_COLUMNS[split].items()}
