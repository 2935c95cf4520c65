"""What each user contributed to a measurement, as one file beside it: intervals are made of it."""

import dataclasses
from pathlib import Path

import numpy as np

from pipeline.evaluation import Evaluation
from pipeline.metrics import PerUser

PARTS = ("validation", "test")


def write_contributions(path: Path, evaluation: Evaluation) -> None:
    """Keep what each user contributed on validation and test; a few bytes a user, compressed."""
    arrays = {
        f"{part}.{field.name}": getattr(getattr(evaluation, part).per_user, field.name)
        for part in PARTS
        for field in dataclasses.fields(PerUser)
    }
    with path.open("wb") as file:
        np.savez_compressed(file, **arrays)


def read_contributions(path: Path, part: str) -> PerUser | None:
    """Read back one part; None where the file was cleaned away, or an older version wrote it."""
    if not path.is_file():
        return None
    names = [field.name for field in dataclasses.fields(PerUser)]
    with np.load(path, allow_pickle=False) as arrays:
        if any(f"{part}.{name}" not in arrays for name in names):
            return None
        return PerUser(**{name: arrays[f"{part}.{name}"] for name in names})
