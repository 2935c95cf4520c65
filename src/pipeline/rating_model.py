"""A rating predicted from the parts of the score: ridge regression, and what a user deviates from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np
from numpy.typing import NDArray

from pipeline.kernels import compiled

# What ratings are regressed on, in the order of the coefficients.
COMPONENTS = ("genre", "cast", "franchise", "rating_level", "mean_rating", "count_share", "preference")
# Sums are kept beside each other and added up last: an order that no library chooses, and processors like.
LANES = 64


@dataclass(frozen=True, eq=False)
class RatingModel:
    """Predicted rating = the user's constant + the sum of coefficients times components."""

    coefficients: NDArray[np.float64]  # (len(COMPONENTS),)
    user_constant: NDArray[np.float64]  # (n_users,) everybody's for a cold user


def fit_rating_model(
    components: Mapping[str, NDArray[np.float64]],
    users: NDArray[np.int32],
    y: NDArray[np.float64],
    *,
    n_users: int,
    alpha: float,
) -> RatingModel:
    """Minimise the squared errors plus alpha times the squared coefficients, in closed form.

        beta = (A'A + alpha I)^-1 A'(y - mean(y)),  A the components less their means   (Hoerl & Kennard 1970)

    What is left of a user's ratings then moves the user's constant: its sum / (number + alpha), the ridge
    solution for one indicator a user. The two steps are not solved as one: within a user a level that leaves
    a rating out falls exactly where that rating is high, and indicators of users would learn that.

    Args:
        components: each of COMPONENTS to (n,) of n training ratings, made without the rating.
        users: (n,) user of each.
        y: (n,) the ratings.
        n_users: of the dataset.
        alpha: strength of the penalty, above 0, in ratings.

    """
    rows = np.stack([*(components[name] for name in COMPONENTS), y])
    center = np.array([_total(row) for row in rows]) / len(y)
    gram = _products(rows, center)
    penalised = gram[:-1, :-1] + alpha * np.eye(len(COMPONENTS))
    beta = np.asarray(np.linalg.solve(penalised, gram[-1, :-1]), dtype=np.float64)
    left = _left_by_users(rows, center, beta, users, n_users)
    moved = left / (np.bincount(users, minlength=n_users) + alpha)
    return RatingModel(beta, center[-1] - (center[:-1] * beta).sum() + moved)


def _total(values: NDArray[np.float64]) -> np.float64:
    """Add up (n,): every LANES-th value, and then the sums of these."""
    whole = len(values) - len(values) % LANES
    lanes = values[:whole].reshape(-1, LANES).sum(axis=0)
    lanes[: len(values) - whole] += values[whole:]
    return np.float64(lanes.cumsum()[-1])


def _products(rows: NDArray[np.float64], center: NDArray[np.float64]) -> NDArray[np.float64]:
    """Multiply rows (m, n), less their center (m,), with each other: (m, m)."""
    kernels = compiled(rows.size * len(rows))
    if kernels is not None:
        return np.asarray(kernels.products(rows, center))
    a, gram = rows - center[:, None], np.empty((len(rows), len(rows)))
    for i, j in combinations_with_replacement(range(len(rows)), 2):
        gram[i, j] = gram[j, i] = _total(a[i] * a[j])
    return gram


def _left_by_users(
    rows: NDArray[np.float64],
    center: NDArray[np.float64],
    beta: NDArray[np.float64],
    users: NDArray[np.int32],
    n_users: int,
) -> NDArray[np.float64]:
    """Add up by user what the components, all rows but the last, leave of the last: (n_users,)."""
    kernels = compiled(rows.size)
    if kernels is not None:
        return np.asarray(kernels.left_by_users(rows, center, beta, users, n_users))
    *a, deviation = rows - center[:, None]
    rest = deviation - sum(weight * row for weight, row in zip(beta, a, strict=True))
    return np.bincount(users, rest, n_users).astype(np.float64, copy=False)
