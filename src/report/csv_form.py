"""Experiments as CSV, a row each, with full precision."""

import csv
import io
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from db.answers import RecordedExperiment
from db.tables import HYPERPARAMETERS, METRICS

# What a row of the CSV file has by itself, and what it has once for each name.
OF_EACH = {"hyperparameters": HYPERPARAMETERS, "validation": METRICS, "test": METRICS}
OWN = [name for name in RecordedExperiment.__dataclass_fields__ if name not in OF_EACH]
PREFIXES = {"hyperparameters": "", "validation": "validation_", "test": "test_"}


def csv_text(experiments: Sequence[RecordedExperiment]) -> str:
    """Write experiments as CSV; what is not defined is empty."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_heads())
    writer.writerows(_values(one) for one in experiments)
    return out.getvalue()


def _heads() -> list[str]:
    return [*OWN, *(f"{PREFIXES[part]}{name}" for part, names in OF_EACH.items() for name in names)]


def _values(experiment: RecordedExperiment) -> list[Any]:
    own = [getattr(experiment, name) for name in OWN]
    each = [getattr(experiment, part).get(name) for part, names in OF_EACH.items() for name in names]
    return [value.isoformat() if isinstance(value, datetime) else value for value in (*own, *each)]
