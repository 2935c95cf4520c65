"""What is computed from a dataset of the cache, kept beside it: computed once, mapped by all processes.

Workers share the pages of what they map, so that another worker costs no copy and no computation. A dataset
that was made in memory has no folder: what is computed from it stays with the process, as does what is
computed from small data.
"""

import contextlib
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from pipeline.dataset import Dataset
from pipeline.folders import Damaged, check_sizes, remove, sizes_in, write_json, written
from pipeline.locks import alone
from pipeline.store import folder_of
from pipeline.written_values import frozen, note_place, read, write

FOLDER = "derived"  # in the dataset's
CONTENTS = "contents.json"
# Fewer ratings are computed with as fast as files are opened.
SMALL = 50_000
# Results of one function that are kept of a dataset: of its last two splits, with and without validation.
KEPT = 4
# Seconds after which a folder that was not finished is one whose process is gone.
ABANDONED = 3600

T = TypeVar("T")


def derived(dataset: Dataset, name: str, key: str, compute: Callable[[], T], kind: Any) -> T:
    """Map what was computed before, by whatever process, or compute it and keep it.

    Its arrays are read-only, mapped or not. A cache that cannot be written leaves it in memory.

    Args:
        dataset: what it is computed from.
        name: of the function that computes it.
        key: names all that decides the result beside the dataset's content: masks, code, libraries.
        compute: computes it where nobody has.
        kind: its type, of those that `written_values` reads.

    """
    folder = folder_of(dataset)
    if folder is None or dataset.n_ratings < SMALL:
        return frozen(compute())
    place = folder / FOLDER / f"{name}-{key}"
    value = _opened(place, kind)
    if value is None:
        with alone(place.with_name(f".{place.name}.lock")):
            value = _opened(place, kind)
            if value is None:
                value = _kept(place, name, frozen(compute()), kind)
    result: T = value
    return result


def _kept(place: Path, name: str, value: Any, kind: Any) -> Any:
    """Write a result, and map what was written in its place."""
    try:
        written(place, lambda empty: _write(value, empty), lambda there: _opened(there, kind) is not None)
        _forget_oldest(place.parent, name)
    except OSError:
        return value
    mapped_value = _opened(place, kind)
    return value if mapped_value is None else mapped_value


def _opened(place: Path, kind: Any) -> Any | None:
    try:
        contents = json.loads((place / CONTENTS).read_text(encoding="utf-8"))
        check_sizes(place, contents["bytes"])
        value = read(contents["value"], kind, place, _linked)
    except (Damaged, OSError, ValueError, LookupError, TypeError):
        return None
    with contextlib.suppress(OSError):
        os.utime(place / CONTENTS)  # what was asked for last is forgotten last
    note_place(value, place)
    return value


def _write(value: Any, folder: Path) -> None:
    told = write(value, "value", folder)
    write_json(folder / CONTENTS, {"value": told, "bytes": sizes_in(folder)})


def _linked(place: Path, kind: Any) -> Any:
    value = _opened(place, kind)
    if value is None:
        raise Damaged(f"{place} is gone")
    return value


def _forget_oldest(folder: Path, name: str) -> None:
    """Delete all but the last results of a function, and what was never finished."""
    made = sorted(folder.glob(f"{name}-*"), key=_asked, reverse=True)
    begun = [path for path in folder.glob(f".{name}-*") if time.time() - _asked(path) > ABANDONED]
    for path in [*made[KEPT:], *begun]:
        remove(path)


def _asked(place: Path) -> float:
    """Say when a result was last opened; who still maps it keeps its pages, whatever happens here."""
    for path in (place / CONTENTS, place):
        with contextlib.suppress(OSError):
            return path.stat().st_mtime
    return 0.0
