"""A fitted recommender as one file of arrays; nothing in it is ever executed."""

import dataclasses
import json
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

import numpy as np
from numpy.lib.npyio import NpzFile
from scipy import sparse

from pipeline.hyperparameters import MODELS
from pipeline.parameters import InvalidInput, read

FORMAT = "reeltune-3"
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


F = TypeVar("F")


def save(model: Any, path: Path) -> None:
    """Write a fitted model, a dataclass of hyperparameters and arrays, to an .npz file."""
    settings = model.hyperparameters
    name = next(name for name, kind in MODELS.items() if kind is type(settings))
    header = {"format": FORMAT, "model": name, "hyperparameters": dataclasses.asdict(settings)}
    arrays = {
        key: array for f in _parts(type(model)) for key, array in _flatten(f, getattr(model, f)).items()
    }
    with path.open("wb") as file:
        np.savez(file, header=np.array(json.dumps(header)), **arrays)


def load(path: Path, fitted: Mapping[str, Callable[..., F]]) -> F:
    """Read back a fitted model, bit for bit.

    Args:
        path: the file.
        fitted: name of a model to the dataclass of its fitted form.

    Raises:
        InvalidInput: in one line, where the file is not one that `save` wrote.

    """
    try:
        # Not np.load: it takes any file for a pickle, and then advises to load it unsafely.
        with path.open("rb") as file, NpzFile(file, allow_pickle=False) as arrays:
            header = json.loads(str(arrays["header"]))
            if header["format"] != FORMAT:
                raise InvalidInput(f"format must be {FORMAT}, got {header['format']}")
            if header["model"] not in fitted:
                raise InvalidInput(f"model must be one of {', '.join(fitted)}, got {header['model']!r}")
            settings = read(MODELS[header["model"]], header["hyperparameters"])
            kind = fitted[header["model"]]
            parts = {name: _read(of, name, arrays) for name, of in _parts(kind).items()}
            return kind(settings, **parts)
    except UNREADABLE as error:
        reason = "; ".join(str(error).splitlines()) or type(error).__name__
        raise InvalidInput(f"{path} is not a saved recommender: {reason}") from error


def _parts(kind: Any) -> dict[str, Any]:
    """Name what a fitted model is made of beside its hyperparameters, and of which type it is."""
    return {name: of for name, of in _types(kind).items() if name != "hyperparameters"}


def _types(kind: Any) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {f.name: hints[f.name] for f in dataclasses.fields(kind)}


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


def _read(kind: type[Any], name: str, arrays: Any) -> Any:
    """Put the arrays below a dotted path together again."""
    if kind is sparse.csr_array:
        parts = (arrays[f"{name}.{part}"] for part in ("data", "indices", "indptr"))
        matrix = sparse.csr_array(tuple(parts), shape=tuple(arrays[f"{name}.shape"]))
        matrix.check_format()  # a column beyond the shape would be read from foreign memory
        return matrix
    if dataclasses.is_dataclass(kind):
        return kind(**{part: _read(of, f"{name}.{part}", arrays) for part, of in _types(kind).items()})
    return arrays[name]
