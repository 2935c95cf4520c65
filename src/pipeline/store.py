"""Keep a dataset as a folder of arrays that later processes map into memory instead of parsing again."""

import errno
import json
import os
import shutil
import uuid
from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from pipeline.dataset import Dataset
from pipeline.locks import alone
from pipeline.parameters import InvalidInput

CONTENTS = "dataset.json"
MATRICES = ("genres", "billing")
SCALARS = ("name", "stars")
ARRAYS = tuple(field.name for field in fields(Dataset) if field.name not in (*SCALARS, *MATRICES))
TAKEN = (errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR)  # a folder cannot take the place of what is there
PARTS = ("data", "indices", "indptr")  # of a csr matrix, in the order of its constructor


class Damaged(Exception):
    """The folder is not what `save` left: missing, incomplete or altered."""


def default_cache() -> Path:
    """Return $REELTUNE_CACHE, else $XDG_CACHE_HOME/reeltune, else ~/.cache/reeltune."""
    chosen = os.environ.get("REELTUNE_CACHE")
    if chosen:
        return Path(chosen).expanduser()
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "reeltune"


def cached(folder_name: str, build: Callable[[], Dataset], cache: Path) -> Dataset:
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
        return _opened(folder) or _kept(build(), folder)


def _kept(dataset: Dataset, folder: Path) -> Dataset:
    try:
        save(dataset, folder)
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


def save(dataset: Dataset, folder: Path) -> None:
    """Write the dataset beside the folder, then rename: whoever looks meets the whole of it or nothing."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = _sibling(folder)
    try:
        temporary.mkdir()
        _write(dataset, temporary)
        _put(temporary, folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _sibling(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}-{uuid.uuid4().hex}")


def _write(dataset: Dataset, folder: Path) -> None:
    for name, array in _flat(dataset).items():
        with (folder / name).open("wb") as file:
            np.save(file, array, allow_pickle=False)
            _to_disk(file)
    contents = {
        **{name: getattr(dataset, name) for name in SCALARS},
        "fingerprint": dataset.fingerprint,
        "shapes": {name: list(getattr(dataset, name).shape) for name in MATRICES},
        "bytes": {file.name: file.stat().st_size for file in sorted(folder.iterdir())},
    }
    with (folder / CONTENTS).open("wb") as file:
        file.write(json.dumps(contents, indent=2).encode() + b"\n")
        _to_disk(file)


def _to_disk(file: IO[bytes]) -> None:
    """Flush to the disk: a power cut may otherwise leave files of the right size without content."""
    file.flush()
    os.fsync(file.fileno())


def _flat(dataset: Dataset) -> dict[str, NDArray[Any]]:
    """Return the dataset's arrays under the names of their files."""
    arrays = {f"{name}.npy": getattr(dataset, name) for name in ARRAYS}
    for name in MATRICES:
        arrays |= {f"{name}.{part}.npy": getattr(getattr(dataset, name), part) for part in PARTS}
    return arrays


def _put(temporary: Path, folder: Path) -> None:
    """Rename, unless another process was faster; what is damaged goes out of the way first."""
    while True:
        try:
            temporary.rename(folder)
        except OSError as error:
            if error.errno not in TAKEN:
                raise
        else:
            return
        if _opened(folder) is not None:
            return
        _remove(folder)


def _remove(folder: Path) -> None:
    """Rename, then delete: nobody meets a half-deleted folder. Another process may have been faster."""
    away = _sibling(folder)
    try:
        folder.rename(away)
    except FileNotFoundError:
        return
    if away.is_dir():
        shutil.rmtree(away)
    else:
        away.unlink()


def open_(folder: Path) -> Dataset:
    """Return the dataset over memory-mapped, read-only arrays; nothing is read until it is used.

    Raises:
        Damaged: where a file is missing, or its size is not the one that was written.

    """
    try:
        contents = json.loads((folder / CONTENTS).read_text(encoding="utf-8"))
        _check_sizes(folder, contents["bytes"])
        values: dict[str, Any] = {name: contents[name] for name in SCALARS}
        values |= {name: _map(folder / f"{name}.npy") for name in ARRAYS}
        values |= {name: _map_matrix(folder, name, tuple(contents["shapes"][name])) for name in MATRICES}
        dataset = Dataset(**values)
        # A cached property keeps its value in the instance's dictionary: put there, it is not hashed again.
        dataset.__dict__["fingerprint"] = contents["fingerprint"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Damaged(f"{folder}: {error}") from error
    return dataset


def _check_sizes(folder: Path, sizes: Mapping[str, int]) -> None:
    for name, size in sizes.items():
        found = (folder / name).stat().st_size
        if found != size:
            raise Damaged(f"{folder / name} must have {size} bytes, got {found}")


def _map(path: Path) -> NDArray[Any]:
    # A plain view: memmap is a subclass whose every slice and sum costs more.
    mapped: NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False).view(np.ndarray)
    return mapped


def _map_matrix(folder: Path, name: str, shape: tuple[int, int]) -> sparse.csr_array:
    parts = tuple(_map(folder / f"{name}.{part}.npy") for part in PARTS)
    return sparse.csr_array(parts, shape=shape, copy=False)
