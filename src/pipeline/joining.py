"""Ratings that came in after a dataset was made, joined to it."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pipeline.dataset import Dataset
from pipeline.sources.assemble import numbers, ordered, rating_order


@dataclass(frozen=True, eq=False)
class Joined:
    """A dataset with what came in."""

    dataset: Dataset
    came_in: NDArray[np.bool_]  # (n_ratings,) of its ratings, those that were joined
    n_left_out: int  # ratings that came in of movies which the catalogue does not have


def with_ratings(
    dataset: Dataset,
    user_ids: Sequence[str],
    movie_ids: Sequence[str],
    ratings: ArrayLike,
    timestamps: ArrayLike,
) -> Joined:
    """Join ratings to a dataset; who rated a movie again is held to the latest rating of it.

    Of two ratings of one moment the higher counts, so that the result hangs neither on the order in which
    they come nor on how often they are joined. New users are added, new movies are not: nothing is known of
    them.

    Args:
        dataset: to join them to; it stays as it is.
        user_ids: (n,) as the source writes them.
        movie_ids: (n,) likewise.
        ratings: (n,) y in [0, 1].
        timestamps: (n,) seconds since 1970.

    """
    movie_of = numbers(dataset.movie_ids)
    known = [place for place, movie_id in enumerate(movie_ids) if movie_id in movie_of]
    n_left_out = len(movie_ids) - len(known)
    if not known:
        return Joined(dataset, np.zeros(dataset.n_ratings, dtype=np.bool_), n_left_out)

    ids = ordered([*dataset.user_ids.tolist(), *(user_ids[place] for place in known)])
    ids = ids.astype(np.result_type(ids, dataset.user_ids))  # at least as wide: equal ids, equal bytes
    user_of = numbers(ids)
    moved = np.array([user_of[user_id] for user_id in dataset.user_ids.tolist()], dtype=np.int32)
    users = _followed(moved[dataset.users], [user_of[user_ids[place]] for place in known])
    movies = _followed(dataset.movies, [movie_of[movie_ids[place]] for place in known])
    values = _followed(dataset.ratings, np.asarray(ratings)[known])
    times = _followed(dataset.timestamps, np.asarray(timestamps)[known])
    came_in = np.arange(len(users)) >= dataset.n_ratings

    latest = _latest(users, movies, (~came_in, values, times))
    kept = latest[rating_order(users[latest], movies[latest], times[latest])]
    joined = dataclasses.replace(
        dataset,
        users=users[kept],
        movies=movies[kept],
        ratings=values[kept],
        timestamps=times[kept],
        user_ids=ids,
    )
    return Joined(joined, came_in[kept], n_left_out)


def _followed(old: NDArray[Any], new: ArrayLike) -> NDArray[Any]:
    """Put new values behind old ones, in the type of the old."""
    return np.concatenate([old, np.asarray(new).astype(old.dtype)])


def _latest(
    users: NDArray[np.int32], movies: NDArray[np.int32], keys: Sequence[NDArray[Any]]
) -> NDArray[np.intp]:
    """Return where the last rating of each pair of user and movie is; of the keys the last weighs most."""
    order = np.lexsort((*keys, movies, users))
    user, movie = users[order], movies[order]
    is_last = np.append((user[1:] != user[:-1]) | (movie[1:] != movie[:-1]), [True])
    return np.asarray(order[is_last])
