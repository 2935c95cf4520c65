"""Predictors without hyperparameters that stand beside every result, for a number alone says nothing."""

import numpy as np
from numpy.typing import NDArray

from pipeline.evaluation import Problem, measurement
from pipeline.features import features_of
from pipeline.metrics import TOLERANCE, TOP, HeldOut, Measurement
from pipeline.ranking import top_movies

# Damping of the biases, in ratings: an item or user with this many ratings keeps half of its deviation.
ITEM_DAMPING = 3
USER_DAMPING = 5


def references(problem: Problem) -> dict[str, dict[str, Measurement]]:
    """Measure every reference on validation (fitted on train) and on test (fitted on train + validation).

    Returns:
        reference name to {"validation": …, "test": …}.

    """
    return {
        name: {
            "validation": reference(problem, problem.train, problem.validation),
            "test": reference(problem, problem.train_and_validation, problem.test),
        }
        for name, reference in REFERENCES.items()
    }


def best_constant(problem: Problem, fit: NDArray[np.bool_], part: HeldOut) -> Measurement:
    """Always answer the one rating that is most often within the tolerance on the fitted ratings."""
    levels, counts = np.unique(problem.dataset.ratings[fit], return_counts=True)
    candidates = np.linspace(0, 1, 101)
    error = np.abs(levels[:, None] - candidates)
    hits = counts @ (error <= TOLERANCE)
    squares = counts @ error**2
    constant = candidates[np.lexsort((squares, -hits))[0]]
    return measurement(np.full(len(part.users), constant), None, part)


def popularity(problem: Problem, fit: NDArray[np.bool_], part: HeldOut) -> Measurement:
    """Recommend to everybody the movies with the most fitted ratings that the user has not rated."""
    counts = np.bincount(problem.dataset.movies[fit], minlength=part.n_movies)
    scores = np.tile(counts.astype(np.float32), (part.n_users, 1))
    return measurement(None, top_movies(scores, TOP, features_of(problem.dataset, fit).ratings), part)


def bias(problem: Problem, fit: NDArray[np.bool_], part: HeldOut) -> Measurement:
    """Predict the mean plus the movie's and the user's damped deviations (Koren 2008, section 2.1)."""
    data = problem.dataset
    users, movies, y = data.users[fit], data.movies[fit], data.ratings[fit]
    mean = y.mean()
    of_movie = _damped_deviation(movies, y - mean, part.n_movies, ITEM_DAMPING)
    of_user = _damped_deviation(users, y - mean - of_movie[movies], part.n_users, USER_DAMPING)
    predicted = np.clip(mean + of_movie[part.movies] + of_user[part.users], 0, 1)
    scores = np.tile((of_movie - of_movie.min()).astype(np.float32), (part.n_users, 1))
    return measurement(predicted, top_movies(scores, TOP, features_of(data, fit).ratings), part)


def _damped_deviation(
    index: NDArray[np.int32], deviation: NDArray[np.float64], size: int, damping: float
) -> NDArray[np.float64]:
    return np.bincount(index, deviation, size) / (np.bincount(index, minlength=size) + damping)


REFERENCES = {"best constant": best_constant, "popularity": popularity, "bias": bias}
