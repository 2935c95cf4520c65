"""Any GroupLens release, ml-100k to ml-32m, as a folder or the zip file it comes in."""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.dataset import Dataset
from pipeline.parameters import InvalidInput, parameter
from pipeline.sources.assemble import billing_matrix, genre_matrix
from pipeline.sources.content import digest_of
from pipeline.sources.intake import Intake
from pipeline.sources.means import Means
from pipeline.sources.movie_files import read_movies
from pipeline.sources.release import NotARelease, Release, recognised

INSTALL = "python -m pip install -c constraints.txt -e '.[readers]'"


@dataclass(frozen=True, kw_only=True)
class MovieLens:
    """Where the release lies; what it is, its files say."""

    path: str | None = parameter(None, "folder or zip file of a GroupLens release")

    def conflicts(self) -> Iterator[str]:
        if self.path is None:
            yield "path must be the folder or zip file of a GroupLens release, got None"
            return
        try:
            recognised(self.path)
        except NotARelease as error:
            yield f"path {error}"


def identity(settings: MovieLens, cache: Path) -> object:
    """Name the layout and the content, wherever they lie."""
    release = _release(settings)
    try:
        return [release.layout.name, *(digest_of(file, cache) for file in release.files)]
    except OSError as error:
        raise InvalidInput(f"data.path must hold files that can be read, {error}") from error


def build(settings: MovieLens, means: Means) -> tuple[Dataset, Intake]:
    """Read ratings and movies; GroupLens releases have neither casts nor franchises.

    Raises:
        InvalidInput: where a file cannot be read or is not as it must be, with file, row and column.

    """
    release = _release(settings)
    reader = _reader()
    megabytes = sum(file.stat().st_size for file in release.files) / 1e6
    means.announce(f"reading {release.layout.ratings} of {release.path} ({megabytes:,.1f} MB, once) …")
    try:
        with release.open(release.layout.movies) as file:
            movies = read_movies(file.read(), release.layout.movies)
        with release.open(release.layout.ratings) as file:
            user_ids, columns = reader.read_ratings(file, release.layout, movies.ids)
    except NotARelease as error:
        raise InvalidInput(f"data.path {error}") from error
    genre_names, genres = genre_matrix(movies.genres)
    nobody = np.empty(0, dtype=np.int64)
    dataset = Dataset(
        name="movielens",
        users=columns.users,
        movies=columns.movies,
        ratings=columns.ratings,
        timestamps=columns.timestamps,
        stars=reader.STARS,
        user_ids=user_ids.astype(np.str_),
        movie_ids=movies.ids.astype(np.str_),
        titles=np.array(movies.titles, dtype=np.str_),
        years=np.array(movies.years, dtype=np.int32),
        genre_names=genre_names,
        genres=genres,
        billing=billing_matrix(nobody, nobody, (len(movies.ids), 0)),
        franchises=np.full(len(movies.ids), -1, dtype=np.int32),
    )
    return dataset, Intake({"ratings": dataset.n_ratings, "movies": dataset.n_movies})


def _release(settings: MovieLens) -> Release:
    try:
        return recognised(str(settings.path))
    except NotARelease as error:
        raise InvalidInput(f"data.path {error}") from error


def _reader() -> Any:
    return reader_for("movielens")


def reader_for(source: str) -> Any:
    """Import what knows polars, which is not asked for by whoever opens a cache.

    Raises:
        InvalidInput: where polars is not installed.

    """
    if find_spec("polars") is None:
        raise InvalidInput(f"data={source} needs polars: run {INSTALL}")
    return import_module("pipeline.sources.rating_files")
