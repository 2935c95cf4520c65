"""A fitted recommender as one file of arrays; nothing in it is ever executed."""

import dataclasses
import json
import struct
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib.npyio import NpzFile
from scipy import sparse

from pipeline.cast import SharedCast
from pipeline.features import Features
from pipeline.genres import GenreFit
from pipeline.hyperparameters import Phase1
from pipeline.parameters import InvalidInput, read

FORMAT = "reeltune-phase1-1"
# What reading a file raises that is damaged, or that somebody else wrote.
UNREADABLE = (
    OSError,
    EOFError,
    LookupError,
    TypeError,
    ValueError,
    RuntimeError,
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
)


Contents = tuple[Phase1, Features, sparse.csr_array]


def save(contents: Contents, path: Path) -> None:
    """Write what a fitted recommender is made of to an .npz file."""
    hyperparameters, features, cast_overlap = contents
    header = json.dumps({"format": FORMAT, "hyperparameters": dataclasses.asdict(hyperparameters)})
    arrays = _flatten("features", features) | _flatten("cast_overlap", cast_overlap)
    with path.open("wb") as file:
        np.savez(file, header=np.array(header), **arrays)


def load(path: Path) -> Contents:
    """Read back what a fitted recommender is made of, bit for bit.

    Raises:
        InvalidInput: in one line, where the file is not one that `save` wrote.

    """
    try:
        # Not np.load: it takes any file for a pickle, and then advises to load it unsafely.
        with path.open("rb") as file, NpzFile(file, allow_pickle=False) as arrays:
            header = json.loads(str(arrays["header"]))
            if header["format"] != FORMAT:
                raise InvalidInput(f"format must be {FORMAT}, got {header['format']}")
            features = {f.name: _read(f.type, f"features.{f.name}", arrays) for f in _fields(Features)}
            overlap = _read(sparse.csr_array, "cast_overlap", arrays)
            return read(Phase1, header["hyperparameters"]), Features(**features), overlap
    except UNREADABLE as error:
        reason = "; ".join(str(error).splitlines()) or type(error).__name__
        raise InvalidInput(f"{path} is not a saved recommender: {reason}") from error


def _fields(cls: type[Any]) -> tuple[dataclasses.Field[Any], ...]:
    return dataclasses.fields(cls)


def _flatten(name: str, value: Any) -> dict[str, Any]:
    """Name every array inside a value by its dotted path."""
    if isinstance(value, sparse.csr_array):
        return {
            f"{name}.indptr": value.indptr,
            f"{name}.indices": value.indices,
            f"{name}.data": value.data,
            f"{name}.shape": np.asarray(value.shape),
        }
    if dataclasses.is_dataclass(value):
        inside = (_flatten(f"{name}.{f.name}", getattr(value, f.name)) for f in dataclasses.fields(value))
        return {key: array for part in inside for key, array in part.items()}
    return {name: np.asarray(value)}


def _read(kind: Any, name: str, arrays: Any) -> Any:
    """Put the arrays below a dotted path together again."""
    if kind is sparse.csr_array:
        parts = (arrays[f"{name}.{part}"] for part in ("data", "indices", "indptr"))
        matrix = sparse.csr_array(tuple(parts), shape=tuple(arrays[f"{name}.shape"]))
        matrix.check_format()  # a column beyond the shape would be read from foreign memory
        return matrix
    if kind in (GenreFit, SharedCast):
        return kind(**{f.name: _read(f.type, f"{name}.{f.name}", arrays) for f in _fields(kind)})
    return arrays[name]
