"""Values made of arrays as files that can be mapped: dataclasses, dicts, tuples, csr matrices."""

import dataclasses
from collections.abc import Callable
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from pipeline.folders import mapped, write_array

OF_CSR: dict[str, Any] = dict.fromkeys(("data", "indices", "indptr"), NDArray[np.generic])
PLACE = "@place"  # the folder that holds a part of a value already; no name of a part begins so

T = TypeVar("T")


def write(value: Any, name: str, folder: Path) -> Any:
    """Write the arrays inside a value under their dotted names, and tell the rest as JSON can hold it.

    What was itself mapped from another folder beside this one is named, not written again.

    Raises:
        TypeError: where something inside is of no kind that could be read back.

    """
    if isinstance(value, np.ndarray):
        write_array(folder / f"{name}.npy", value)
        return f"{name}.npy"
    parts = _parts(value)
    if parts is None:
        if not isinstance(value, bool | int | float | str | None):
            raise TypeError(f"{name} must be of arrays and plain values, got {type(value)}")
        return value
    if place_of(value) is not None:
        return {PLACE: place_of(value)}
    return {part: write(one, f"{name}.{part}", folder) for part, one in parts.items()}


def read(told: Any, kind: Any, folder: Path, opened: Callable[[Path, Any], Any]) -> Any:
    """Put a value together again, its arrays mapped.

    Args:
        told: what `write` returned.
        kind: the value's type.
        folder: that it was written to.
        opened: opens the value of another folder beside this one.

    Raises:
        LookupError, OSError, TypeError, ValueError: where this is not what was written.

    """
    if get_origin(kind) is np.ndarray:
        return mapped(folder / told)
    if not isinstance(told, dict):
        return told
    if get_origin(kind) is UnionType:  # of what may be missing, and is not
        kind = next(one for one in get_args(kind) if one is not NoneType)
    if PLACE in told:
        return opened(folder.with_name(told[PLACE]), kind)
    types = _types(kind, told)
    return _made(kind, {part: read(one, types[part], folder, opened) for part, one in told.items()})


def frozen(value: T) -> T:
    """Make the arrays inside a value read-only: many trials look at them, none may change them."""
    if isinstance(value, np.ndarray):
        value.flags.writeable = False
    for one in (_parts(value) or {}).values():
        frozen(one)
    return value


def place_of(value: Any) -> str | None:
    """Name the folder that a dataclass was mapped from, where it was noted."""
    place: str | None = vars(value).get(PLACE) if dataclasses.is_dataclass(value) else None
    return place


def note_place(value: Any, folder: Path) -> None:
    """Note the folder that a value was mapped from; only dataclasses have a place for it."""
    if dataclasses.is_dataclass(value):
        vars(value)[PLACE] = folder.name


def _parts(value: Any) -> dict[str, Any] | None:
    """Take a value apart; None for what has no parts."""
    if isinstance(value, sparse.csr_array):
        return {part: getattr(value, part) for part in OF_CSR} | {"shape": tuple(map(int, value.shape))}
    if isinstance(value, tuple):
        return {str(place): one for place, one in enumerate(value)}
    if dataclasses.is_dataclass(value):
        return {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
    return value if isinstance(value, dict) else None


def _types(kind: Any, told: dict[str, Any]) -> dict[str, Any]:
    """Say of which type each part of a value is."""
    if kind is sparse.csr_array:
        return OF_CSR | {"shape": tuple[int, int]}
    if dataclasses.is_dataclass(kind):
        return get_type_hints(kind)
    arguments = get_args(kind)
    if get_origin(kind) is tuple:
        return {str(place): one for place, one in enumerate(arguments)}
    return dict.fromkeys(told, arguments[1])


def _made(kind: Any, parts: dict[str, Any]) -> Any:
    if kind is sparse.csr_array:
        return sparse.csr_array(tuple(parts[part] for part in OF_CSR), shape=parts["shape"], copy=False)
    if get_origin(kind) is tuple:
        return tuple(parts.values())
    make: Any = kind if dataclasses.is_dataclass(kind) else dict
    return make(**parts)
