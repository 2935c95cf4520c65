"""Keep a dataset as a folder of arrays that later processes map into memory instead of parsing again."""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from numpy.typing import NDArray
from scipy import sparse

from pipeline.dataset import Dataset
from pipeline.folders import Damaged, check_sizes, mapped, sizes_in, write_array, write_json, written
from pipeline.locks import alone
from pipeline.parameters import InvalidInput

CONTENTS = "dataset.json"
MATRICES = ("genres", "billing")
SCALARS = ("name", "stars")
ARRAYS = tuple(field.name for field in fields(Dataset) if field.name not in (*SCALARS, *MATRICES))
PARTS = ("data", "indices", "indptr")  # of a csr matrix, in the order of its constructor


def default_cache() -> Path:
    """Return $REELTUNE_CACHE, else $XDG_CACHE_HOME/reeltune, else ~/.cache/reeltune."""
    chosen = os.environ.get("REELTUNE_CACHE")
    if chosen:
        return Path(chosen).expanduser()
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "reeltune"


Built = tuple[Dataset, Mapping[str, Any]]  # a dataset, and notes on how it came about, plain values


def cached(folder_name: str, build: Callable[[], Built], cache: Path) -> Dataset:
    """Open the dataset of this name, building and keeping it where there is none or a damaged one.

    The name must change with all that changes the dataset: its settings and the code that builds it. A cache
    that can only be read serves what it holds. Of several processes that find none one builds, others wait.

    Raises:
        InvalidInput: where the cache cannot be written.

    """
    folder = cache / folder_name
    found = _opened(folder)
    if found is not None:
        return found
    with alone(folder.with_name(f".{folder_name}.lock")):
        return _opened(folder) or kept(*build(), folder)


def opened(folder_name: str, cache: Path) -> Dataset | None:
    """Open the dataset of this name; None where there is none, or a damaged one."""
    return _opened(cache / folder_name)


def kept(dataset: Dataset, notes: Mapping[str, Any], folder: Path) -> Dataset:
    """Write a dataset into the cache, and open it there.

    Raises:
        InvalidInput: where the cache cannot be written.

    """
    try:
        save(dataset, folder, notes)
    except OSError as error:
        raise InvalidInput(
            f"the cache {folder.parent} must be a folder that can be written, got {error.strerror}; "
            "set data.cache or REELTUNE_CACHE to another"
        ) from error
    return _opened(folder) or dataset  # missing for a moment where another process replaces a damaged folder


def _opened(folder: Path) -> Dataset | None:
    try:
        return open_(folder)
    except Damaged:
        return None


def save(dataset: Dataset, folder: Path, notes: Mapping[str, Any] | None = None) -> None:
    """Write the dataset to a folder that others may be opening, or writing too."""
    written(folder, lambda empty: _write(dataset, notes or {}, empty), lambda at: _opened(at) is not None)


def folder_of(dataset: Dataset) -> Path | None:
    """Name the folder that a dataset was opened from; None for one that was made in memory."""
    folder: Path | None = vars(dataset).get("folder")
    return folder


def notes_of(dataset: Dataset) -> Mapping[str, Any]:
    """Read the notes that were kept with a dataset; none for one that was made in memory."""
    folder = folder_of(dataset)
    if folder is None:
        return {}
    notes: Mapping[str, Any] = json.loads((folder / CONTENTS).read_text(encoding="utf-8"))["notes"]
    return notes


def _write(dataset: Dataset, notes: Mapping[str, Any], folder: Path) -> None:
    for name, array in _flat(dataset).items():
        write_array(folder / name, array)
    contents = {
        **{name: getattr(dataset, name) for name in SCALARS},
        "fingerprint": dataset.fingerprint,
        "notes": notes,
        "shapes": {name: list(getattr(dataset, name).shape) for name in MATRICES},
        "bytes": sizes_in(folder),
    }
    write_json(folder / CONTENTS, contents)


def _flat(dataset: Dataset) -> dict[str, NDArray[Any]]:
    """Return the dataset's arrays under the names of their files."""
    arrays = {f"{name}.npy": getattr(dataset, name) for name in ARRAYS}
    for name in MATRICES:
        arrays |= {f"{name}.{part}.npy": getattr(getattr(dataset, name), part) for part in PARTS}
    return arrays


def open_(folder: Path) -> Dataset:
    """Return the dataset over memory-mapped, read-only arrays; nothing is read until it is used.

    Raises:
        Damaged: where a file is missing, or its size is not the one that was written.

    """
    try:
        contents = json.loads((folder / CONTENTS).read_text(encoding="utf-8"))
        check_sizes(folder, contents["bytes"])
        values: dict[str, Any] = {name: contents[name] for name in SCALARS}
        values |= {name: mapped(folder / f"{name}.npy") for name in ARRAYS}
        values |= {name: _map_matrix(folder, name, tuple(contents["shapes"][name])) for name in MATRICES}
        dataset = Dataset(**values)
        # A cached property keeps its value in the instance's dictionary: put there, it is not hashed again.
        dataset.__dict__["fingerprint"] = contents["fingerprint"]
        dataset.__dict__["folder"] = folder
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Damaged(f"{folder}: {error}") from error
    return dataset


def _map_matrix(folder: Path, name: str, shape: tuple[int, int]) -> sparse.csr_array:
    parts = tuple(mapped(folder / f"{name}.{part}.npy") for part in PARTS)
    return sparse.csr_array(parts, shape=shape, copy=False)
