"""Kernels of `preferences`: sums by genre, and what other ratings say of a genre."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.compiled.kernel import kernel
from pipeline.preferences import EMPTY, SHRINKAGE, SQUARED_STEP, STEP


@kernel
def genre_sums(
    cell: NDArray[np.int64], row: NDArray[np.intp], w: NDArray[np.float64], y: NDArray[np.float64], size: int
) -> NDArray[np.float64]:
    """Sum w, w * y and w * y^2 of ratings by cell, as `preferences.Sums` does: (3, size)."""
    sums = np.zeros((3, size))
    for k in range(len(cell)):
        weight, rating = w[row[k]], w[row[k]] * y[row[k]]
        sums[0, cell[k]] += weight
        sums[1, cell[k]] += rating
        sums[2, cell[k]] += rating * y[row[k]]
    return sums


@kernel
def tastes_left_out(
    cell: NDArray[np.int64],
    row: NDArray[np.intp],
    w: NDArray[np.float64],
    y: NDArray[np.float64],
    users: NDArray[np.int32],
    by_genre: Any,
    own: Any,
) -> NDArray[np.float64]:
    """Add up over its genres what `preferences.tastes` makes of the other ratings: (n,) of n ratings."""
    found = np.zeros(len(w))
    for k in range(len(cell)):
        i, user = row[k], users[row[k]]
        rating = w[i] * y[i]
        weight = by_genre[0][cell[k]] - w[i]
        if weight > EMPTY:
            mean = (by_genre[1][cell[k]] - rating) / weight
            variance = max((by_genre[2][cell[k]] - rating * y[i]) / weight - mean * mean, 0.0)
            level = (own[1][user] - rating) / max(own[0][user] - w[i], EMPTY)
            deviation = min(max((mean - level) / STEP, -1.0), 1.0)
            found[i] += deviation * (weight / (weight + SHRINKAGE)) / (1 + variance / SQUARED_STEP)
    return found
