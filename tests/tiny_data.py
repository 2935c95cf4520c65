"""Datasets small enough to be solved by eye, and strategies that draw small ones and legal settings."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st
from scipy import sparse

from pipeline.dataset import Dataset
from pipeline.evaluation import Problem
from pipeline.hyperparameters import COMPONENT_WEIGHTS, Phase1
from pipeline.metrics import HeldOut, PerUser
from pipeline.parameters import Parameter, parameters
from pipeline.split import Split, SplitSettings, split_ratings

NO_BOOST = {"genre_boost_high": 0.0, "genre_boost_medium": 0.0, "genre_boost_low": 0.0}


def only(weight: str, **others: Any) -> Phase1:
    """Make a score of one component alone, without boosts."""
    return Phase1(**{**alone(weight), **others})


def alone(weight: str) -> dict[str, float]:
    """Give one component all the weight, and no boost any."""
    return dict.fromkeys(COMPONENT_WEIGHTS, 0.0) | {weight: 1.0} | NO_BOOST


def tiny(
    ratings: Sequence[tuple[int, int, float, int]],
    *,
    genres: Sequence[str],
    cast: Sequence[str] = (),
    franchises: Sequence[int] = (),
    years: Sequence[int] = (),
    n_users: int | None = None,
) -> Dataset:
    """Make a dataset of (user, movie, stars of 5, time) and of one text a movie.

    `genres` has a letter a genre, `cast` a letter an actor, the first-billed first; "" for none.
    """
    rows = sorted(ratings, key=lambda row: (row[0], row[3], row[1]))
    users, movies, stars, times = zip(*rows, strict=True)
    n_users = max(users) + 1 if n_users is None else n_users
    n_movies = len(genres)
    names = sorted(set("".join(genres)))
    actors = sorted(set("".join(cast)))
    has_genre = np.array([[name in movie for name in names] for movie in genres], dtype=np.int8)
    billing = np.zeros((n_movies, len(actors)), dtype=np.int32)
    for movie, credits_ in enumerate(cast):
        for number, actor in enumerate(credits_, start=1):
            billing[movie, actors.index(actor)] = number
    return Dataset(
        name="tiny",
        users=np.array(users, dtype=np.int32),
        movies=np.array(movies, dtype=np.int32),
        ratings=np.array(stars, dtype=np.float64) / 5,
        timestamps=np.array(times, dtype=np.int64),
        stars=5.0,
        user_ids=np.array([str(user) for user in range(n_users)]),
        movie_ids=np.array([str(movie) for movie in range(n_movies)]),
        titles=np.array([f"movie {movie}" for movie in range(n_movies)]),
        years=np.array(years or [0] * n_movies, dtype=np.int32),
        genre_names=np.array(names, dtype=np.str_),
        genres=sparse.csr_array(has_genre.reshape(n_movies, len(names))),
        billing=sparse.csr_array(billing),
        franchises=np.array(franchises or [-1] * n_movies, dtype=np.int32),
    )


def checkerboard(size: int = 8) -> Problem:
    """Make users who gave five stars to every movie of their own colour.

    User u and movie m meet where u + m is even. The diagonal is withheld: movie u is the one film of the
    user's colour that the user has not seen, and so the right answer.
    """
    colours = ["b" if movie % 2 == 0 else "w" for movie in range(size)]
    cells = [(u, m, 5.0, int(u == m)) for u in range(size) for m in range(size) if (u + m) % 2 == 0]
    dataset = tiny(cells, genres=colours)
    diagonal = dataset.users == dataset.movies
    return Problem(dataset, Split(train=~diagonal, validation=diagonal, test=diagonal))


def held_out_of(
    ratings: Sequence[tuple[int, int, float]], *, n_users: int, n_movies: int, stars: float = 5.0
) -> HeldOut:
    """Make held-out ratings of (user, movie, stars)."""
    rows = sorted(ratings)
    return HeldOut(
        users=np.array([row[0] for row in rows], dtype=np.int32),
        movies=np.array([row[1] for row in rows], dtype=np.int32),
        ratings=np.array([row[2] for row in rows], dtype=np.float64) / stars,
        n_users=n_users,
        n_movies=n_movies,
        stars=stars,
    )


def users_of(ratings: np.ndarray, hits: np.ndarray, ndcg: np.ndarray) -> PerUser:
    """Make users of these counts (n_users, n_levels) and this NDCG and recall (n_users,), NaN for none."""
    n_users = len(ndcg)
    return PerUser(
        ratings=ratings.astype(np.int32),
        hits=hits.astype(np.int32),
        ndcg=ndcg,
        recall=ndcg,
        ranking=np.zeros(n_users, dtype=np.uint32),
        squares=np.full(n_users, np.nan),
        fitted=np.zeros(n_users, dtype=np.int32),
    )


def users_of_ndcg(ndcg: np.ndarray) -> PerUser:
    """Make users of whom nothing is known but their NDCG (n_users,), NaN for none."""
    no_ratings = np.zeros((len(ndcg), 1), dtype=np.int32)
    return users_of(no_ratings, no_ratings, ndcg)


@st.composite
def datasets(draw: st.DrawFn, at_least: int = 1) -> Dataset:
    """Draw up to 5 users and 9 movies: some without ratings, genres, cast, franchise or year."""
    n_users, n_movies = draw(st.integers(1, 5)), draw(st.integers(at_least, 9))

    def one_each(strategy: st.SearchStrategy[Any]) -> list[Any]:
        return draw(st.lists(strategy, min_size=n_movies, max_size=n_movies))

    pair = st.tuples(st.integers(0, n_users - 1), st.integers(0, n_movies - 1))
    pairs = draw(st.lists(pair, min_size=at_least, max_size=25, unique=True))
    stars, times = st.sampled_from([0.0, 0.5, 1, 2, 3, 4, 5, 5]), st.integers(0, 9)
    subsets = st.sampled_from(["", "a", "a", "b", "c", "ab", "abc", "bc"])
    billed = st.lists(st.sampled_from("xyzuvw"), unique=True, max_size=6).map("".join)
    return tiny(
        [(user, movie, draw(stars), draw(times)) for user, movie in pairs],
        genres=one_each(subsets),
        cast=one_each(billed),
        franchises=one_each(st.integers(-1, 2)),
        years=one_each(st.sampled_from([0, 1960, 1994, 1995])),
        n_users=n_users,
    )


@st.composite
def masks(draw: st.DrawFn, dataset: Dataset) -> np.ndarray:
    """Draw which ratings are learnt from, one at least; a user may be left without any."""
    n = dataset.n_ratings
    mask = np.array(draw(st.lists(st.booleans(), min_size=n, max_size=n)))
    mask[draw(st.integers(0, n - 1))] = True
    return mask


@st.composite
def splits(draw: st.DrawFn, protocol: type[SplitSettings], dataset: Dataset) -> SplitSettings:
    """Draw ends that leave every part a rating; some ratings may lie beyond the test."""
    places = np.unique(protocol().positions(dataset)).tolist()
    assume(len(places) >= 3)
    train, validation = sorted(draw(st.sets(st.sampled_from(places[1:]), min_size=2, max_size=2)))
    beyond = [place for place in places if place > validation]
    test = draw(st.sampled_from([1.0, *beyond]))
    return protocol(train_until=train, validation_until=validation, test_until=test)


@st.composite
def problems(draw: st.DrawFn, protocol: type[SplitSettings]) -> Problem:
    """Draw a dataset and split it."""
    dataset = draw(datasets(at_least=6))
    return Problem(dataset, split_ratings(dataset, draw(splits(protocol, dataset))))


def reals(low: float, high: float) -> st.SearchStrategy[float]:
    """Draw numbers whose products float64 holds with all their digits, or 0."""
    return st.floats(low, high).map(lambda value: value if abs(value) > 1e-100 else 0.0)


@st.composite
def legal_hyperparameters(
    draw: st.DrawFn, dataset: Dataset | None = None, model: type[Phase1] = Phase1
) -> Phase1:
    """Draw what a model allows; thresholds often lie exactly on a similarity of the dataset."""
    values = {name: draw(_legal(spec)) for name, spec in parameters(model).items()}
    with_genres = int(dataset.genres.toarray().any(axis=1).sum()) if dataset is not None else 0
    grid = [step / (2 * with_genres) for step in range(2 * with_genres + 1)] if with_genres else [0.5]
    threshold = st.sampled_from(grid) | st.floats(0, 1)
    drawn = sorted(draw(st.tuples(threshold, threshold, threshold)))
    values |= dict(
        zip(("genre_threshold_low", "genre_threshold_medium", "genre_threshold_high"), drawn, strict=True)
    )
    lead, supporting = sorted([values["cast_lead_threshold"], values["cast_supporting_threshold"]])
    values |= {"cast_lead_threshold": lead, "cast_supporting_threshold": supporting}
    for group in (("genre_weight", "popularity_weight"), ("popularity_rating_weight",)):
        values |= {name: max(values[name], draw(st.sampled_from([1e-3, 0.5]))) for name in group}
    return model(**values)


def _legal(spec: Parameter) -> st.SearchStrategy[Any]:
    """Draw what one parameter allows."""
    if spec.choices:
        return st.sampled_from(spec.choices)
    return st.integers(0, 7) if spec.kind is int else reals(spec.low, spec.high)
