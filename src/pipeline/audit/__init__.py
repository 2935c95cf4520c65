"""What ratings hold, in numbers, before anything is learnt of them."""

import dataclasses
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from pipeline.attendance import attendance
from pipeline.audit.counted import Counted
from pipeline.audit.levels import Levels, levels_of
from pipeline.dataset import Dataset
from pipeline.evaluation import Problem
from pipeline.parameters import InvalidInput
from pipeline.split import SplitSettings, split_ratings

DAY = 86_400  # seconds


@dataclass(frozen=True)
class Sizes:
    """How much there is."""

    ratings: int
    users: int
    movies: int
    unrated_movies: int
    genres: int
    actors: int
    franchises: int
    density: float  # share of the pairs of a user and a movie that are rated


@dataclass(frozen=True)
class Spread:
    """Of counts: the least, the quartiles, the most."""

    least: float
    lower: float
    median: float
    upper: float
    most: float


@dataclass(frozen=True)
class Times:
    """When was rated."""

    first: str  # UTC, ISO, to the second
    last: str
    days: float  # between them
    tied: float  # share of the ratings that are of the second of another one by their user


@dataclass(frozen=True)
class Known:
    """How much is known of movies."""

    what: str
    movies: float  # share of the movies of which it is known
    ratings: float  # share of the ratings that are of such movies


@dataclass(frozen=True)
class Part:
    """One part of the split."""

    name: str
    ratings: int
    users: int  # who have a rating in it
    without: int  # users who have none
    cold: int | None  # of its users, those without any rating that the model was fitted on; None of training


@dataclass(frozen=True)
class Audit:
    """All of it."""

    name: str
    fingerprint: str
    ratings_fingerprint: str
    sizes: Sizes
    levels: Levels
    per_user: Spread  # ratings
    per_movie: Spread  # ratings, of those that are never rated, too
    times: Times
    known: tuple[Known, ...]
    parts: tuple[Part, ...]  # empty where the split leaves one of them empty
    undivided: str | None  # why it does


def audited(counted: Counted, split: SplitSettings) -> Audit:
    """Look at a dataset of at least one rating, and at what a split makes of it."""
    data = counted.dataset
    parts, undivided = _divided(data, split)
    return Audit(
        name=data.name,
        fingerprint=data.fingerprint,
        ratings_fingerprint=ratings_fingerprint(data),
        sizes=_sizes(counted),
        levels=levels_of(counted),
        per_user=_spread(counted.of_user),
        per_movie=_spread(counted.of_movie),
        times=_times(counted),
        known=tuple(_known(counted)),
        parts=tuple(parts),
        undivided=undivided,
    )


def ratings_fingerprint(dataset: Dataset) -> str:
    """Hash the ratings alone: who gave what to which of the movies when, on which scale.

    Two sources that hold equal ratings of the same list of movies have the same, whatever else they know of
    them: the ids of users and movies are part of it, titles, years, genres, casts and franchises are not.
    """
    n_movies = dataset.n_movies
    nothing = sparse.csr_array((n_movies, 0), dtype=np.float64)
    blank = dataclasses.replace(
        dataset,
        titles=np.zeros(n_movies, dtype="<U1"),
        years=np.zeros(n_movies, dtype=np.int32),
        genre_names=np.zeros(0, dtype="<U1"),
        genres=nothing,
        billing=nothing,
        franchises=np.full(n_movies, -1, dtype=np.int32),
    )
    return blank.fingerprint


def moment(seconds: int) -> str:
    """Write a time in UTC, ISO, however late."""
    return str(np.datetime64(seconds, "s"))


def _sizes(counted: Counted) -> Sizes:
    data = counted.dataset
    return Sizes(
        ratings=data.n_ratings,
        users=data.n_users,
        movies=data.n_movies,
        unrated_movies=int((counted.of_movie == 0).sum()),
        genres=len(data.genre_names),
        actors=int(data.billing.shape[1]),
        franchises=int(data.franchises.max(initial=-1)) + 1,
        density=data.n_ratings / (data.n_users * data.n_movies),
    )


def _spread(counts: NDArray[np.intp]) -> Spread:
    return Spread(*np.quantile(counts, [0, 0.25, 0.5, 0.75, 1]).tolist())


def _times(counted: Counted) -> Times:
    times = counted.dataset.timestamps
    first, last = int(times.min()), int(times.max())
    return Times(moment(first), moment(last), (last - first) / DAY, counted.share_tied)


def _known(counted: Counted) -> list[Known]:
    data, of_movie = counted.dataset, counted.of_movie
    known = {
        "title": data.titles != "",
        "year": data.years > 0,
        "genres": np.diff(data.genres.indptr) > 0,
        "cast": np.diff(data.billing.indptr) > 0,
        "franchise": data.franchises >= 0,
    }
    return [
        Known(what, float(is_known.mean()), float(of_movie[is_known].sum() / data.n_ratings))
        for what, is_known in known.items()
    ]


def _divided(data: Dataset, settings: SplitSettings) -> tuple[list[Part], str | None]:
    try:
        split = split_ratings(data, settings)
    except InvalidInput as error:
        return [], str(error)
    cold = attendance(Problem(data, split))
    unknown = {"validation": cold.validation.users.cold, "test": cold.test.users.cold}
    parts = []
    for name in ("train", "validation", "test"):
        mask = getattr(split, name)
        users = int((np.bincount(data.users[mask], minlength=data.n_users) > 0).sum())
        parts.append(Part(name, int(mask.sum()), users, data.n_users - users, unknown.get(name)))
    return parts, None
