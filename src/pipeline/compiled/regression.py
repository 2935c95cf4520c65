"""Kernels of `rating_model`: sums of products of components, and what they leave of ratings."""

import numpy as np
from numpy.typing import NDArray

from pipeline.compiled.kernel import kernel
from pipeline.rating_model import LANES


@kernel
def products(rows: NDArray[np.float64], center: NDArray[np.float64]) -> NDArray[np.float64]:
    """Do what `rating_model._products` does: (m, m) of rows (m, n) less their center (m,)."""
    m, n = rows.shape
    some, lanes = np.empty((m, LANES)), np.zeros((m, m, LANES))
    for start in range(0, n, LANES):
        width = min(LANES, n - start)
        for i in range(m):
            for k in range(width):
                some[i, k] = rows[i, start + k] - center[i]
        for i in range(m):
            for j in range(i + 1):
                out, one, other = lanes[i, j], some[i], some[j]
                for k in range(width):
                    out[k] += one[k] * other[k]
    gram = np.empty((m, m))
    for i in range(m):
        for j in range(i + 1):
            total = 0.0
            for k in range(LANES):
                total += lanes[i, j, k]
            gram[i, j] = gram[j, i] = total
    return gram


@kernel
def left_by_users(
    rows: NDArray[np.float64],
    center: NDArray[np.float64],
    weights: NDArray[np.float64],
    users: NDArray[np.int32],
    n_users: int,
) -> NDArray[np.float64]:
    """Do what `rating_model._left_by_users` does: (n_users,) of rows (m, n)."""
    moved = np.zeros(n_users)
    last = len(rows) - 1
    for k in range(len(users)):
        total = 0.0
        for i in range(last):
            total += weights[i] * (rows[i, k] - center[i])
        moved[users[k]] += (rows[last, k] - center[last]) - total
    return moved
