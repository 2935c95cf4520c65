"""Folders of arrays that many processes write and map at once: each is whole or not there."""

import errno
import json
import os
import re
import shutil
import time
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from pipeline.locks import is_forsaken, marked

TAKEN = (errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR)  # a folder cannot take the place of what is there
BEGUN = re.compile(r"\..+-[0-9a-f]{32}")  # names of `_sibling`
SETTLED = 10.0  # seconds within which whoever makes a folder marks it
_PARSING = Lock()


class Damaged(Exception):
    """The folder is not what was written: missing, incomplete or altered."""


def written(folder: Path, write: Callable[[Path], None], is_whole: Callable[[Path], bool]) -> None:
    """Write beside the folder, then rename.

    Args:
        folder: where it shall lie; what lies there is kept if it is whole.
        write: fills an empty folder.
        is_whole: says whether a folder is as it was written.

    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    _remove_forsaken(folder.parent)
    temporary = _sibling(folder)
    try:
        temporary.mkdir()
        with marked(temporary):
            write(temporary)
            _put(temporary, folder, is_whole)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _remove_forsaken(parent: Path) -> None:
    """Delete what processes that were killed had begun beside."""
    for begun in parent.glob(".*-*"):
        with suppress(OSError):
            is_old = time.time() - begun.stat().st_mtime > SETTLED
            if is_old and BEGUN.fullmatch(begun.name) and begun.is_dir() and is_forsaken(begun):
                shutil.rmtree(begun)


def write_array(path: Path, array: NDArray[Any]) -> None:
    """Write an array in numpy's own format, without pickle."""
    with path.open("wb") as file:
        np.save(file, array, allow_pickle=False)
        _to_disk(file)


def write_json(path: Path, content: Any) -> None:
    """Write plain values as JSON."""
    with path.open("wb") as file:
        file.write(json.dumps(content, indent=2).encode() + b"\n")
        _to_disk(file)


def _to_disk(file: IO[bytes]) -> None:
    """Flush to the disk: a power cut may otherwise leave files of the right size without content."""
    file.flush()
    os.fsync(file.fileno())


def mapped(path: Path) -> NDArray[Any]:
    """Map an array into memory, read-only; nothing is read until it is used."""
    # A header is a Python literal, and Python 3.11 fails now and then where two threads parse at once.
    with _PARSING:
        found = np.load(path, mmap_mode="r", allow_pickle=False)
    # A plain view: memmap is a subclass whose every slice and sum costs more.
    array: NDArray[Any] = found.view(np.ndarray)
    return array


def sizes_in(folder: Path) -> dict[str, int]:
    """Note the size of every file of a folder, in bytes."""
    return {file.name: file.stat().st_size for file in sorted(folder.iterdir())}


def check_sizes(folder: Path, sizes: Mapping[str, int]) -> None:
    """Hold files against the sizes that were noted.

    Raises:
        Damaged: where one has another size.

    """
    for name, size in sizes.items():
        found = (folder / name).stat().st_size
        if found != size:
            raise Damaged(f"{folder / name} must have {size} bytes, got {found}")


def remove(folder: Path) -> None:
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


def _sibling(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}-{uuid.uuid4().hex}")


def _put(temporary: Path, folder: Path, is_whole: Callable[[Path], bool]) -> None:
    """Rename, unless another process was faster; what is damaged goes out of the way first."""
    while True:
        try:
            temporary.rename(folder)
        except OSError as error:
            if error.errno not in TAKEN:
                raise
        else:
            return
        if is_whole(folder):
            return
        remove(folder)
