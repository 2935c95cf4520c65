"""A rating predicted from the parts of the score: ridge regression, and what a user deviates from it."""

from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np
from numpy.typing import NDArray

# What ratings are regressed on, in the order of the coefficients.
COMPONENTS = ("genre", "cast", "franchise", "rating_level", "mean_rating", "count_share", "preference")


@dataclass(frozen=True, eq=False)
class RatingModel:
    """Predicted rating = the user's constant + the sum of coefficients times components."""

    coefficients: NDArray[np.float64]  # (len(COMPONENTS),)
    user_constant: NDArray[np.float64]  # (n_users,) everybody's for a cold user


def fit_rating_model(
    components: NDArray[np.float64],
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
        components: (n, len(COMPONENTS)) of n training ratings, each made without it.
        users: (n,) user of each.
        y: (n,) the ratings.
        n_users: of the dataset.
        alpha: strength of the penalty, above 0, in ratings.

    """
    rows = np.ascontiguousarray(components.T)
    center, mean = np.array([row.cumsum()[-1] for row in rows]) / len(y), y.mean()
    a, deviation = rows - center[:, None], y - mean
    gram = _products(a)
    beta = np.linalg.solve(gram + alpha * np.eye(len(a)), np.array([(one * deviation).sum() for one in a]))
    rest = deviation - weighted_sum(beta, a)
    moved = np.bincount(users, rest, n_users) / (np.bincount(users, minlength=n_users) + alpha)
    return RatingModel(beta, mean - (center * beta).sum() + moved)


def _products(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Multiply rows with each other, in an order that no library chooses: (n_rows, n_rows)."""
    gram = np.empty((len(rows), len(rows)))
    for i, j in combinations_with_replacement(range(len(rows)), 2):
        gram[i, j] = gram[j, i] = (rows[i] * rows[j]).sum()
    return gram


def weighted_sum(weights: NDArray[np.float64], rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Add up weighted rows one after the other, in an order that no library chooses."""
    total = np.zeros(rows.shape[1:])
    for weight, row in zip(weights, rows, strict=True):
        total += weight * row
    return total
