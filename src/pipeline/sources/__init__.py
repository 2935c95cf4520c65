"""Where ratings come from: one entry a source, all of them to the same Dataset."""

import dataclasses
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.dataset import Dataset
from pipeline.parameters import InvalidInput
from pipeline.provenance import hash_of_sources
from pipeline.sources import movielens_100k, synthetic
from pipeline.sources.fetch import DataUnavailable
from pipeline.sources.grouplens import movielens
from pipeline.sources.grouplens.movielens import MovieLens
from pipeline.sources.intake import Intake
from pipeline.sources.means import Announce, Means, OpenTables, to_stderr
from pipeline.sources.movielens_100k import MovieLens100K
from pipeline.sources.own import database, files
from pipeline.sources.own.database import Sql
from pipeline.sources.own.files import Csv
from pipeline.sources.synthetic import Synthetic
from pipeline.sources.tmdb import movies_dataset
from pipeline.sources.tmdb.movies_dataset import MoviesDataset
from pipeline.store import Built, cached, default_cache, folder_of, kept, notes_of

__all__ = [
    "SOURCES",
    "Csv",
    "DataUnavailable",
    "MovieLens",
    "MovieLens100K",
    "MoviesDataset",
    "Source",
    "SourceSettings",
    "Sql",
    "Synthetic",
    "intake_of",
    "load",
    "snapshot_of",
    "what",
]

SourceSettings = MovieLens100K | MovieLens | MoviesDataset | Csv | Sql | Synthetic
WHERE = ("path", "url", "credits")  # settings that say where data lies, not what it is

# What decides how a dataset lies on the disk, beside its source.
STORED_BY = ("dataset.py", "folders.py", "store.py")


def what(settings: SourceSettings) -> dict[str, Any]:
    """Return the settings that say what the data is; those of WHERE only tell where it lies."""
    return {name: value for name, value in dataclasses.asdict(settings).items() if name not in WHERE}


def _its_settings(settings: SourceSettings, _cache: Path) -> object:
    return what(settings)


@dataclass(frozen=True)
class Source:
    """How a source is asked for, and what makes a dataset of it."""

    settings: type[SourceSettings]
    build: Callable[[Any, Means], tuple[Dataset, Intake]]
    # What makes it, as values that JSON knows; None for what has to be read to know whether it changed.
    identity: Callable[[Any, Path], object] | None = _its_settings


SOURCES: dict[str, Source] = {
    "movielens_100k": Source(MovieLens100K, movielens_100k.build),
    "movielens": Source(MovieLens, movielens.build, movielens.identity),
    "movies_dataset": Source(MoviesDataset, movies_dataset.build, movies_dataset.identity),
    "csv": Source(Csv, files.build, files.identity),
    "sql": Source(Sql, database.build, identity=None),
    "synthetic": Source(Synthetic, synthetic.build),
}


def load(
    settings: SourceSettings,
    cache: Path | None = None,
    announce: Announce = to_stderr,
    *,
    open_tables: OpenTables | None = None,
) -> Dataset:
    """Return the dataset, built at the first call and mapped from the cache ever after.

    Data in a database is read at every call, as nothing else tells whether it changed.

    Args:
        settings: of the source.
        cache: folder of all datasets; None for the default.
        announce: is told what takes a moment.
        open_tables: opens the database of a source that lies in one.

    Raises:
        DataUnavailable: where the data can neither be found nor fetched.
        InvalidInput: where the cache cannot be written, or the data is not as it must be.

    """
    means = Means(default_cache() if cache is None else cache, announce, open_tables)
    name, source = next((n, s) for n, s in SOURCES.items() if type(settings) is s.settings)
    if source.identity is None:
        dataset, intake = source.build(settings, means)
        return kept(dataset, intake.values(), means.cache / f"{name}-{dataset.fingerprint}")
    identity = source.identity(settings, means.cache)

    def build() -> Built:
        dataset, intake = source.build(settings, means)
        if source.identity is not None and source.identity(settings, means.cache) != identity:
            raise InvalidInput("data.path must stay as it is while it is read, but it changed; try again")
        return dataset, intake.values()

    return cached(f"{name}-{_key(identity)}", build, means.cache)


def snapshot_of(dataset: Dataset) -> str | None:
    """Name a dataset of the cache, so that it can be opened again; None for one that was made in memory."""
    folder = folder_of(dataset)
    return None if folder is None else folder.name


def intake_of(dataset: Dataset) -> Intake | None:
    """Return what was read, dropped and mended when a dataset of the cache was made."""
    notes = notes_of(dataset)
    return Intake.of(notes) if notes else None


def _key(identity: object) -> str:
    """Hash what makes the arrays: source, the code that builds them, numpy, whose draws may change."""
    room = Path(__file__).parents[1]
    code = hash_of_sources([*Path(__file__).parent.rglob("*.py"), *(room / name for name in STORED_BY)])
    made_of = json.dumps([identity, code, np.__version__], sort_keys=True)
    return hashlib.sha256(made_of.encode()).hexdigest()[:16]
