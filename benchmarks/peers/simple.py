"""Predictors without personality: they say what a number is worth."""

import numpy as np
from numpy.typing import NDArray
from optuna.distributions import FloatDistribution

from peers.peer import Peer, Ratings, Scores
from pipeline.metrics import TOLERANCE

CANDIDATES = np.linspace(0, 1, 101)


def best_constant(ratings: Ratings, seed: int) -> Scores:
    """Answer the one rating that is most often within the tolerance; of equals, the one of least squares."""
    levels, counts = np.unique(ratings.y, return_counts=True)
    error = np.abs(levels[:, None] - CANDIDATES)
    hits, squares = counts @ (error <= TOLERANCE), counts @ error**2
    return np.full(ratings.shape, CANDIDATES[np.lexsort((squares, -hits))[0]])


def global_mean(ratings: Ratings, seed: int) -> Scores:
    return np.full(ratings.shape, ratings.y.mean())


def popularity(ratings: Ratings, seed: int) -> Scores:
    """Score a movie by the number of its ratings."""
    counts = np.bincount(ratings.movies, minlength=ratings.shape[1])
    return np.tile(counts, (ratings.shape[0], 1))


def bias(ratings: Ratings, seed: int, movie_damping: float, user_damping: float) -> Scores:
    """Add the movie's and the user's damped deviations to the mean (Koren 2008, section 2.1)."""
    n_users, n_movies = ratings.shape
    mean = ratings.y.mean()
    movie = damped(ratings.movies, ratings.y - mean, n_movies, movie_damping)
    user = damped(ratings.users, ratings.y - mean - movie[ratings.movies], n_users, user_damping)
    return mean + user[:, None] + movie


def damped(
    index: NDArray[np.int32], deviation: NDArray[np.float64], size: int, damping: float
) -> NDArray[np.float64]:
    """Divide sums of deviations by their number plus the damping: (size,), 0 without ratings."""
    return np.bincount(index, deviation, size) / (np.bincount(index, minlength=size) + damping)


DAMPING = FloatDistribution(0.5, 50, log=True)
SIMPLE = (
    Peer("best constant", best_constant, "accuracy", ranks=False),
    Peer("global mean", global_mean, "rmse", ranks=False),
    Peer("popularity", popularity, "ndcg", predicts=False),
    Peer(
        "bias",
        bias,
        "rmse",
        space={"movie_damping": DAMPING, "user_damping": DAMPING},
        default={"movie_damping": 5.0, "user_damping": 5.0},
    ),
)
