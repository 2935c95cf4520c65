"""What each user contributed to a measurement, as one file beside it: intervals are made of it."""

import dataclasses
import zlib
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from pipeline.evaluation import Evaluation
from pipeline.metrics import PerUser

PARTS = ("validation", "test")
PER_USER_FILE = "per_user.npz"  # in a trial's folder
BASELINE_FILE = "baseline_per_user.npz"  # in the run's folder


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
    """Read back one part; None where the file was cleaned away or damaged, or an older version wrote it."""
    names = [field.name for field in dataclasses.fields(PerUser)]
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return PerUser(**{name: arrays[f"{part}.{name}"] for name in names})
    except (OSError, EOFError, LookupError, ValueError, BadZipFile, zlib.error):
        return None
