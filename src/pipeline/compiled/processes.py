"""Kernels of `rating_process` and `user_process`: covariances of a user, and predictions of pairs."""

import numpy as np
from numpy.typing import NDArray

from pipeline.compiled.kernel import kernel
from pipeline.kernels import Csr

ONE = np.float32(1)


@kernel
def covariance(
    movies: NDArray[np.int32], kernel: NDArray[np.float32], shared: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Add up what ratings in a row share, and their noise: (n, n), of which the upper triangle is filled."""
    n = len(movies)
    cells = np.empty((n, n), dtype=np.float32)
    for i in range(n):
        alike, out = kernel[movies[i]], cells[i]
        for j in range(i, n):
            out[j] = alike[np.uint32(movies[j])] + shared[np.uint32(j - i)]
        out[i] += ONE
    return cells


@kernel
def product_of_pairs(
    users: NDArray[np.integer], movies: NDArray[np.integer], own: Csr, symmetric: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Look up pairs (n,) in own @ symmetric: (n,)."""
    found = np.zeros(len(users), dtype=np.float32)
    for k in range(len(users)):
        of_movie, total = symmetric[movies[k]], np.float32(0)
        for i in range(own[0][users[k]], own[0][users[k] + 1]):
            total += own[2][i] * of_movie[np.uint32(own[1][i])]
        found[k] = total
    return found
