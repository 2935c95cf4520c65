"""The Movies Dataset of Kaggle: MovieLens ratings joined with TMDB's films, casts and collections."""

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.dataset import Dataset
from pipeline.parameters import InvalidInput, parameter
from pipeline.sources.assemble import numbers
from pipeline.sources.catalogue import FROM_TITLES, Catalogue
from pipeline.sources.content import digest_of
from pipeline.sources.grouplens.movielens import RATINGS_READER
from pipeline.sources.grouplens.release import NotARelease
from pipeline.sources.intake import Intake, Tally
from pipeline.sources.means import Means
from pipeline.sources.readers import reader_for
from pipeline.sources.tmdb.casts import read_casts
from pipeline.sources.tmdb.files import CREDITS, METADATA, Files, find_files
from pipeline.sources.tmdb.links import read_links
from pipeline.sources.tmdb.movies import read_metadata


@dataclass(frozen=True, kw_only=True)
class MoviesDataset:
    """Where the files lie, and which of the two sets of ratings is taken."""

    path: str | None = parameter(None, "folder or zip file of The Movies Dataset")
    small: bool = parameter(False, "links_small and ratings_small where both sizes are there")
    franchises_from_titles: bool = parameter(True, FROM_TITLES)

    def conflicts(self) -> Iterator[str]:
        if self.path is None:
            yield "path must be the folder or zip file of The Movies Dataset, got None"
            return
        try:
            find_files(self.path, self.small)
        except NotARelease as error:
            yield f"path {error}"


def identity(settings: MoviesDataset, cache: Path) -> object:
    """Name the files that are read and their content, wherever they lie."""
    files = _files(settings)
    try:
        digests = [digest_of(path, cache) for path in files.paths]
    except OSError as error:
        raise InvalidInput(f"data.path must hold files that can be read, {error}") from error
    return [*files.names, *digests, settings.franchises_from_titles]


def build(settings: MoviesDataset, means: Means) -> tuple[Dataset, Intake]:
    """Read movies, casts, links and ratings; what of them cannot be used is dropped and counted.

    Raises:
        InvalidInput: where a file cannot be read, lacks a column, or a rating is not as it must be.

    """
    files = _files(settings)
    reader = reader_for("movies_dataset", RATINGS_READER)
    megabytes = sum(path.stat().st_size for path in files.paths) / 1e6
    means.announce(f"reading The Movies Dataset of {files.release.path} ({megabytes:,.1f} MB, once) …")
    tally = Tally()
    try:
        catalogue = _catalogue(files, tally, from_titles=settings.franchises_from_titles)
        linked = reader.Linked(*_places(_links(files, catalogue, tally), numbers(catalogue.ids)))
        with files.open(files.release.layout.ratings) as file:
            user_ids, ratings = reader.read_linked_ratings(file, files.release.layout, linked, tally)
    except NotARelease as error:
        raise InvalidInput(f"data.path {error}") from error
    dataset = catalogue.dataset("movies_dataset", ratings, user_ids.astype(np.str_), reader.STARS)
    _note(dataset, files, tally)
    return dataset, tally.closed()


def _catalogue(files: Files, tally: Tally, *, from_titles: bool) -> Catalogue:
    with files.open(METADATA) as file:
        movies = read_metadata(file, METADATA, tally)
    with files.open(CREDITS) as file:
        casts = read_casts(file, CREDITS, tally, movies)
    return Catalogue.of(
        [dataclasses.replace(movie, cast=casts.get(movie.id, ())) for movie in movies.values()],
        franchises_from_titles=from_titles,
        tally=tally,
    )


def _links(files: Files, catalogue: Catalogue, tally: Tally) -> dict[int, str]:
    with files.open(files.links) as file:
        return read_links(file, files.links, tally, numbers(catalogue.ids))


def _places(
    links: Mapping[int, str], place_of: Mapping[str, int]
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Return the MovieLens ids (n,) ascending, and the place (n,) in the catalogue that each leads to."""
    ids = sorted(links)
    places = [place_of[links[one]] for one in ids]
    return np.array(ids, dtype=np.int64), np.array(places, dtype=np.int32)


def _note(dataset: Dataset, files: Files, tally: Tally) -> None:
    """Tell which files were read and what the movies lack."""
    tally.note(f"read {', '.join(files.names)}")
    rated = np.bincount(dataset.movies, minlength=dataset.n_movies)
    lacking = {
        "ratings": int((rated == 0).sum()),
        "a cast": int((np.diff(dataset.billing.indptr) == 0).sum()),
        "genres": int((np.diff(dataset.genres.indptr) == 0).sum()),
        "a release year": int((dataset.years == 0).sum()),
    }
    for what, count in lacking.items():
        if count:
            tally.note(f"{count:,} of {dataset.n_movies:,} movies are without {what}; they are kept")


def _files(settings: MoviesDataset) -> Files:
    try:
        return find_files(str(settings.path), settings.small)
    except NotARelease as error:
        raise InvalidInput(f"data.path {error}") from error
