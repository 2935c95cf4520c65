"""Kernels of `preferences`: sums by user and genre, and what other ratings say of a genre."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.compiled.kernel import kernel
from pipeline.preferences import EMPTY, SHRINKAGE, SQUARED_STEP, STEP


@kernel
def taste_sums(
    users: NDArray[np.int32],
    starts: NDArray[np.int64],
    cell: NDArray[np.int64],
    w: NDArray[np.float64],
    y: NDArray[np.float64],
    sizes: tuple[int, int],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Sum w, w * y and w * y^2 of ratings by user and by cell, as `preferences.Sums` does: (3, size) each."""
    own, by_genre = np.zeros((3, sizes[0])), np.zeros((3, sizes[1]))
    for i in range(len(w)):
        weight, rating = w[i], w[i] * y[i]
        square = rating * y[i]
        own[0, users[i]] += weight
        own[1, users[i]] += rating
        own[2, users[i]] += square
        for k in range(starts[i], starts[i + 1]):
            by_genre[0, cell[k]] += weight
            by_genre[1, cell[k]] += rating
            by_genre[2, cell[k]] += square
    return own, by_genre


@kernel
def tastes_left_out(
    users: NDArray[np.int32],
    starts: NDArray[np.int64],
    cell: NDArray[np.int64],
    w: NDArray[np.float64],
    y: NDArray[np.float64],
    by_genre: Any,
    own: Any,
) -> NDArray[np.float64]:
    """Add up over its genres what `preferences.tastes` makes of the other ratings: (n,) of n ratings."""
    found = np.empty(len(w))
    for i in range(len(w)):
        user, rating, total = users[i], w[i] * y[i], 0.0
        square = rating * y[i]
        level = (own[1][user] - rating) / max(own[0][user] - w[i], EMPTY)
        for k in range(starts[i], starts[i + 1]):
            weight = by_genre[0][cell[k]] - w[i]
            if weight > EMPTY:
                mean = (by_genre[1][cell[k]] - rating) / weight
                variance = max((by_genre[2][cell[k]] - square) / weight - mean * mean, 0.0)
                deviation = min(max((mean - level) / STEP, -1.0), 1.0)
                total += deviation * (weight / (weight + SHRINKAGE)) / (1 + variance / SQUARED_STEP)
        found[i] = total
    return found
