"""What each user contributed to a measurement, as one file beside it: intervals are made of it."""

import dataclasses
import zlib
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

import numpy as np
from numpy.lib.format import write_array

from pipeline.evaluation import Evaluation
from pipeline.metrics import PerUser

PARTS = ("validation", "test")
PER_USER_FILE = "per_user.npz"  # in a trial's folder
BASELINE_FILE = "baseline_per_user.npz"  # in the run's folder
# Arrays of which no compression makes less.
PATTERNLESS = ("ranking", "squares")


def write_contributions(path: Path, evaluation: Evaluation) -> None:
    """Keep what each user contributed on validation and test, as numpy's savez_compressed does.

    Compressed as fast as can be, which takes a third of the time and a tenth more room.
    """
    with ZipFile(path, "w") as file:
        for part in PARTS:
            per_user = getattr(evaluation, part).per_user
            for field in dataclasses.fields(PerUser):
                array = BytesIO()
                write_array(array, getattr(per_user, field.name), allow_pickle=False)
                kind = ZIP_STORED if field.name in PATTERNLESS else ZIP_DEFLATED
                # Without the time of day, so that equal figures make equal files.
                name = ZipInfo(f"{part}.{field.name}.npy")
                file.writestr(name, array.getbuffer(), kind, compresslevel=1)


def read_contributions(path: Path, part: str) -> PerUser | None:
    """Read back one part; None where the file was cleaned away or damaged, or an older version wrote it."""
    names = [field.name for field in dataclasses.fields(PerUser)]
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            return PerUser(**{name: arrays[f"{part}.{name}"] for name in names})
    except (OSError, EOFError, LookupError, ValueError, BadZipFile, zlib.error):
        return None
