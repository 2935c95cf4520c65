"""What is liked next: how often users went on from one movie to another soon after."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from pipeline.blocks import starts_of
from pipeline.dataset import Dataset
from pipeline.kept import once_per_training_set, shared_per_training_set
from pipeline.kernels import Csr, compiled
from pipeline.metrics import RELEVANT

# A movie is believed as if it had gone on to nothing in particular this many times, and is as popular as
# with this many ratings more.
SHRINKAGE = 5
DAMPING = 10


@once_per_training_set
def next_weights(
    dataset: Dataset, train: NDArray[np.bool_], half_life: float, discount: float
) -> NDArray[np.float32]:
    """Say how much a movie (row) speaks for liking another next (column): (n_movies, n_movies).

        C[a, b] = sum over users who liked b after a of 0.5^(steps / half_life)
        weights = C / (the row's sum + 5) / (ratings of b + 10)^discount

    A Markov chain of the first order whose steps may skip ratings (Rendle et al., WWW 2010, factorise one),
    which item-item models of sessions weigh likewise (Choi et al., SLIST, WWW 2021).

    Args:
        dataset: the data.
        train: (n_ratings,) mask of the ratings to learn from.
        half_life: steps after which what follows counts half.
        discount: 0 to 1; at 1 the popularity of what follows is divided out.

    """
    counts = _followed(dataset, train, half_life)
    rated = np.bincount(dataset.movies[train], minlength=dataset.n_movies)
    popular = ((rated + DAMPING) ** discount).astype(np.float32)
    totals = counts.sum(axis=1, keepdims=True) + np.float32(SHRINKAGE)
    kernels = compiled(counts.size)
    if kernels is not None:
        return np.asarray(kernels.divided(counts, totals, popular))
    weights: NDArray[np.float32] = counts / totals
    weights /= popular
    return weights


@once_per_training_set
def _followed(dataset: Dataset, train: NDArray[np.bool_], half_life: float) -> NDArray[np.float32]:
    """Count what was liked after what, near steps first: C (n_movies, n_movies)."""
    users, movies = dataset.users[train], dataset.movies[train].astype(np.intp)
    likes = dataset.ratings[train] >= RELEVANT
    starts = starts_of(users, dataset.n_users)
    longest = int(np.diff(starts).max(initial=0))
    kernels = compiled(int((np.diff(starts) ** 2).sum()))
    if kernels is not None:
        return np.asarray(kernels.followed(*_steps(dataset, train), _counts_of_steps(longest, half_life)))
    later, n = _later(longest, half_life), dataset.n_movies
    counts = np.zeros(n * n, dtype=np.float32)
    for begin, end in pairwise(starts):
        liked = np.flatnonzero(likes[begin:end])
        # A user rates a movie once, so that no pair of movies occurs twice and none is lost.
        pairs = movies[begin:end, None] * n + movies[begin:end][liked]
        counts[pairs.ravel()] += later[: end - begin].take(liked, axis=1).ravel()
    return counts.reshape(n, n)


@shared_per_training_set
def _steps(
    dataset: Dataset, train: NDArray[np.bool_]
) -> tuple[Csr, NDArray[np.uint32], NDArray[np.int32], NDArray[np.int64]]:
    """Line up who rated what, and what is liked after it, for the kernel `followed`."""
    users, movies = dataset.users[train], dataset.movies[train]
    likes = dataset.ratings[train] >= RELEVANT
    until, ends = np.cumsum(likes, dtype=np.int64), np.searchsorted(users, users, side="right")
    order = np.argsort(movies, kind="stable")
    starts = starts_of(movies[order], dataset.n_movies)
    raters = starts, order.astype(np.int32), until[order]
    return raters, np.flatnonzero(likes).astype(np.uint32), movies[likes], until[ends - 1]


def _later(n: int, half_life: float) -> NDArray[np.float32]:
    """Weigh the column's place after the row's among n ratings: (n, n), 0 where it is not after it."""
    steps = np.arange(n) - np.arange(n)[:, None]
    return np.where(steps > 0, _counts_of_steps(n, half_life)[np.maximum(steps, 0)], np.float32(0))


def _counts_of_steps(n: int, half_life: float) -> NDArray[np.float32]:
    """Say what a rating 0, 1, … n - 1 steps later counts: (n,)."""
    counts: NDArray[np.float64] = 0.5 ** (np.arange(n) / half_life)
    return counts.astype(np.float32)
