"""Predictors that stand beside every result, for a number alone says nothing.

What they have to tune is tuned with a budget like a search's, because a search easily beats what nobody
tuned (Ferrari Dacrema et al. 2019; Rendle et al. 2019): 101 constants, 49 pairs of dampings. Popularity has
nothing to tune.
"""

from collections.abc import Collection, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from pipeline.blocks import blocks_of
from pipeline.evaluation import Problem, measurement
from pipeline.features import Features, features_of
from pipeline.metrics import TOLERANCE, TOP, HeldOut, Measurement
from pipeline.ranking import top_movies

# Dampings tried for movies and for users, in ratings: with this many half of a deviation is kept.
DAMPINGS = (0.5, 1, 2, 4, 8, 16, 32)


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


def missing_references(measured: Collection[str]) -> list[str]:
    """Name the references that a result lacks: nothing may be called the best without them."""
    return [name for name in REFERENCES if name not in measured]


def best_constant(problem: Problem, fit: NDArray[np.bool_], part: HeldOut) -> Measurement:
    """Always answer the one rating that is most often within the tolerance on the fitted ratings."""
    levels, counts = np.unique(problem.dataset.ratings[fit], return_counts=True)
    candidates = np.linspace(0, 1, 101)
    error = np.abs(levels[:, None] - candidates)
    hits = counts @ (error <= TOLERANCE)
    squares = counts @ error**2
    constant = candidates[np.lexsort((squares, -hits))[0]]
    fitted = features_of(problem.dataset, fit).ratings_per_user
    return measurement(np.full(len(part.users), constant), None, part, fitted)


def popularity(problem: Problem, fit: NDArray[np.bool_], part: HeldOut) -> Measurement:
    """Recommend to everybody the movies with the most fitted ratings that the user has not rated."""
    counts = np.bincount(problem.dataset.movies[fit], minlength=part.n_movies)
    features = features_of(problem.dataset, fit)
    best = _best_for_everybody(counts.astype(np.float32), part, features)
    return measurement(None, best, part, features.ratings_per_user)


def bias(problem: Problem, fit: NDArray[np.bool_], part: HeldOut) -> Measurement:
    """Predict the mean plus the movie's and the user's damped deviations (Koren 2008, section 2.1)."""
    of_movie, of_user = best_dampings(problem)
    deviation, predicted = _biases(problem, fit, part, of_movie, [of_user])
    features = features_of(problem.dataset, fit)
    best = _best_for_everybody((deviation - deviation.min()).astype(np.float32), part, features)
    return measurement(next(predicted), best, part, features.ratings_per_user)


def _best_for_everybody(scores: NDArray[np.float32], part: HeldOut, features: Features) -> NDArray[np.intp]:
    """Recommend by one list of scores (n_movies,) what each user ranked has not rated: (n_ranked, 10)."""
    ranked = part.ranked
    best = np.empty((len(ranked), TOP), dtype=np.intp)
    for block in blocks_of(len(ranked)):
        of_block = np.tile(scores, (block.stop - block.start, 1))
        best[block] = top_movies(of_block, TOP, features.ratings[ranked[block]])
    return best


def best_dampings(problem: Problem) -> tuple[float, float]:
    """Choose the dampings of movies and of users with the least validation RMSE, fitted on train.

    The first of those that tie is taken. Test is predicted with the same pair: it chooses nothing.
    """
    part = problem.validation
    squares = [
        ((predicted - part.ratings) ** 2).mean()
        for of_movie in DAMPINGS
        for predicted in _biases(problem, problem.train, part, of_movie, DAMPINGS)[1]
    ]
    of_movie, of_user = divmod(int(np.argmin(squares)), len(DAMPINGS))
    return DAMPINGS[of_movie], DAMPINGS[of_user]


def _biases(
    problem: Problem, fit: NDArray[np.bool_], part: HeldOut, of_movie: float, of_user: Sequence[float]
) -> tuple[NDArray[np.float64], Iterator[NDArray[np.float64]]]:
    """Fit the movies' deviations with one damping, then the users' with several.

    Returns:
        (n_movies,) deviations, and for each of `of_user` (n,) predicted ratings in [0, 1] of the part.

    """
    data = problem.dataset
    users, movies, y = data.users[fit], data.movies[fit], data.ratings[fit]
    mean = y.mean()
    movie = _damped_means(movies, y - mean, part.n_movies, [of_movie])[0]
    user = _damped_means(users, y - mean - movie[movies], part.n_users, of_user)
    without_user = mean + movie[part.movies]
    return movie, (np.clip(without_user + one[part.users], 0, 1) for one in user)


def _damped_means(
    index: NDArray[np.int32], deviation: NDArray[np.float64], size: int, dampings: Sequence[float]
) -> NDArray[np.float64]:
    """Divide sums of deviations by their numbers plus each damping: (n_dampings, size), 0 without ratings."""
    counts = np.bincount(index, minlength=size)
    return np.asarray(np.bincount(index, deviation, size) / (counts + np.array(dampings)[:, None]))


REFERENCES = {"best constant": best_constant, "popularity": popularity, "bias": bias}
