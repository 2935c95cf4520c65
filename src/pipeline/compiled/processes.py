"""Kernels of `rating_process` and `user_process`: covariances of a user, and predictions of pairs."""

import numpy as np
from numpy.typing import NDArray

from pipeline.compiled.kernel import kernel
from pipeline.kernels import Csr

ONE = np.float32(1)


@kernel
def mixed_likeness(
    genre: NDArray[np.float32],
    era: NDArray[np.float32],
    neighbour: NDArray[np.float32],
    parts: tuple[np.float32, np.float32, np.float32, np.float32],
) -> NDArray[np.float32]:
    """Do what `Variances.of_movies` does, with the variances of genre, era, neighbour and level."""
    mixed = np.empty_like(genre)
    for i in range(len(mixed)):
        out, one, two, three = mixed[i], genre[i], era[i], neighbour[i]
        for j in range(len(out)):
            out[j] = one[j] * parts[0] + two[j] * parts[1] + three[j] * parts[2] + parts[3]
    return mixed


@kernel
def sums_left(
    index: NDArray[np.int32],
    by: NDArray[np.int32],
    y: NDArray[np.float64],
    mean: float,
    levels: NDArray[np.float64],
    size: int,
) -> NDArray[np.float64]:
    """Sum by index what a mean and levels, looked up by another index, leave of y (n,): (size,)."""
    sums = np.zeros(size)
    for i in range(len(y)):
        sums[index[i]] += y[i] - mean - levels[by[i]]
    return sums


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
