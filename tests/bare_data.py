"""A synthetic dataset, and the same with one thing taken out of it."""

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

from pipeline.dataset import Dataset
from pipeline.sources import synthetic
from pipeline.sources.means import Means
from pipeline.sources.synthetic import Synthetic


def whole(users: int = 120, movies: int = 90, ratings: int = 2400, seed: int = 3) -> Dataset:
    """Draw synthetic ratings, which lack nothing."""
    settings = Synthetic(users=users, movies=movies, ratings=ratings, seed=seed)
    return synthetic.build(settings, Means(Path("nowhere")))[0]


def without(**changed: Any) -> Callable[[Dataset], Dataset]:
    """Replace fields of a dataset by others of the same shape, made of it."""
    return lambda data: dataclasses.replace(data, **{name: make(data) for name, make in changed.items()})


def emptied(matrix: sparse.csr_array) -> sparse.csr_array:
    return sparse.csr_array(matrix.shape, dtype=matrix.dtype)


def liked_once(data: Dataset) -> np.ndarray:
    """Lower all of a user's ratings that are above 0.6 but the last of them."""
    high = data.ratings > 0.6
    last = np.zeros(data.n_ratings, dtype=bool)
    for user in range(data.n_users):
        last[np.flatnonzero(high & (data.users == user))[-1:]] = True
    return np.where(high & ~last, 0.6, data.ratings)


def one_film_each(data: Dataset) -> np.ndarray:
    """Break franchises up whose films a user rated two of."""
    franchises = data.franchises.copy()
    for user in range(data.n_users):
        own = data.movies[data.users == user]
        rated = franchises[own]
        for franchise in np.unique(rated[rated >= 0]):
            films = own[rated == franchise]
            if len(films) > 1:
                franchises[films] = -1
    return franchises


def at_one_moment(data: Dataset) -> Dataset:
    """Give all ratings one time, which leaves a user's in the order of the movies."""
    order = np.lexsort((data.movies, data.users))
    columns = {name: getattr(data, name)[order] for name in ("users", "movies", "ratings")}
    return dataclasses.replace(data, **columns, timestamps=np.full_like(data.timestamps, 10**9))


# What is taken out, by what `pipeline.needs` calls it.
TAKEN: dict[str, Callable[[Dataset], Dataset]] = {
    "genres": without(genres=lambda data: emptied(data.genres)),
    "casts": without(billing=lambda data: emptied(data.billing)),
    "franchises": without(franchises=lambda data: np.full_like(data.franchises, -1)),
    "sequels": without(franchises=one_film_each),
    "years": without(years=lambda data: np.zeros_like(data.years)),
    "order": at_one_moment,
    "levels": without(ratings=lambda data: np.full_like(data.ratings, 0.8)),
    "opinions": without(ratings=lambda data: (1 + data.users % 5) / 5),
    "likes": without(ratings=lambda data: np.minimum(data.ratings, 0.6)),
    "pairs": without(ratings=liked_once),
}
