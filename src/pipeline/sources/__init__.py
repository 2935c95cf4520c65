"""Where ratings come from: one entry a source, all of them to the same Dataset."""

import dataclasses
import hashlib
import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.dataset import Dataset
from pipeline.parameters import InvalidInput, nearest, read
from pipeline.provenance import hash_of_sources
from pipeline.sources import movielens, movielens_100k, synthetic
from pipeline.sources.fetch import Announce, DataUnavailable
from pipeline.sources.movielens import MovieLens
from pipeline.sources.movielens_100k import MovieLens100K
from pipeline.sources.synthetic import Synthetic
from pipeline.store import cached, default_cache

__all__ = [
    "SOURCES",
    "DataUnavailable",
    "MovieLens",
    "MovieLens100K",
    "Source",
    "Synthetic",
    "load",
    "read_settings",
    "what",
]

SourceSettings = MovieLens100K | MovieLens | Synthetic

# What decides how a dataset lies on the disk, beside its source.
STORED_BY = ("dataset.py", "folders.py", "store.py")


def what(settings: SourceSettings) -> dict[str, Any]:
    """Return the settings that say what the data is; where it lies is told by `path` alone."""
    return {name: value for name, value in dataclasses.asdict(settings).items() if name != "path"}


def _its_settings(settings: SourceSettings, _cache: Path) -> object:
    return what(settings)


@dataclass(frozen=True)
class Source:
    """How a source is asked for, and what makes a dataset of it."""

    settings: type[SourceSettings]
    build: Callable[[Any, Path, Announce], Dataset]
    identity: Callable[[Any, Path], object] = _its_settings  # what makes it, as values that JSON knows


SOURCES: dict[str, Source] = {
    "movielens_100k": Source(MovieLens100K, movielens_100k.build),
    "movielens": Source(MovieLens, movielens.build, movielens.identity),
    "synthetic": Source(Synthetic, synthetic.build),
}


def read_settings(values: Mapping[str, object], prefix: str = "data.") -> tuple[SourceSettings, Path | None]:
    """Split a composed `data` mapping into what the data is and where it is cached.

    The cache is kept apart because equal data elsewhere is the same data: settings are part of a trial's
    identity, a folder is not.

    Raises:
        InvalidInput: with every problem of the chosen source.

    """
    name, cache = values.get("name"), values.get("cache")
    if not isinstance(name, str) or name not in SOURCES:
        known = ", ".join(SOURCES)
        raise InvalidInput(f"{prefix}name must be one of {known}, got {name!r}{nearest(str(name), SOURCES)}")
    if cache is not None and not (isinstance(cache, str) and cache):
        raise InvalidInput(f"{prefix}cache must be a folder, or null for the default, got {cache!r}")
    asked = {key: value for key, value in values.items() if key not in ("name", "cache")}
    settings = read(SOURCES[name].settings, asked, prefix)
    return settings, Path(cache).expanduser() if cache else None


def to_stderr(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def load(settings: SourceSettings, cache: Path | None = None, announce: Announce = to_stderr) -> Dataset:
    """Return the dataset, built at the first call and mapped from the cache ever after.

    Raises:
        DataUnavailable: where the data can neither be found nor fetched.
        InvalidInput: where the cache cannot be written, or the data is not as it must be.

    """
    folder = default_cache() if cache is None else cache
    name, source = next((n, s) for n, s in SOURCES.items() if type(settings) is s.settings)
    identity = source.identity(settings, folder)

    def build() -> Dataset:
        dataset = source.build(settings, folder, announce)
        if source.identity(settings, folder) != identity:
            raise InvalidInput("data.path must stay as it is while it is read, but it changed; try again")
        return dataset

    return cached(f"{name}-{_key(identity)}", build, folder)


def _key(identity: object) -> str:
    """Hash what makes the arrays: source, the code that builds them, numpy, whose draws may change."""
    room = Path(__file__).parents[1]
    code = hash_of_sources([*Path(__file__).parent.glob("*.py"), *(room / name for name in STORED_BY)])
    made_of = json.dumps([identity, code, np.__version__], sort_keys=True)
    return hashlib.sha256(made_of.encode()).hexdigest()[:16]
