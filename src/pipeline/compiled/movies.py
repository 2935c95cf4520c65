"""Kernels of `movie_process`: a regression for each movie, and what it says of pairs."""

import numpy as np
from numpy.typing import NDArray

from pipeline.compiled.kernel import kernel
from pipeline.kernels import Csr


@kernel
def _invert(rows: NDArray[np.float64]) -> None:
    """Do in place what `movie_process._inverted` does with one matrix (k, k)."""
    size = len(rows)
    for p in range(size):
        pivot, top = rows[p, p], rows[p]
        for j in range(size):
            top[j] /= pivot
        for i in range(size):
            if i != p:
                row, share = rows[i], rows[i, p]
                for j in range(size):
                    row[j] -= share * top[j]
                row[p] = -share / pivot
        top[p] = 1 / pivot


@kernel
def movie_posteriors(
    ratings: Csr, users: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Do what `movie_processes` does: weights (n_movies, k) and posteriors (n_movies, k, k)."""
    starts, raters, residuals = ratings
    n_movies, size = len(starts) - 1, users.shape[1]
    weights, posteriors = np.zeros((n_movies, size)), np.zeros((n_movies, size, size))
    moment = np.empty(size)
    for movie in range(n_movies):
        gram, out = posteriors[movie], weights[movie]
        moment[:] = 0
        for i in range(starts[movie], starts[movie + 1]):
            told = users[raters[i]]
            for k in range(size):
                row, one = gram[k], told[k]
                for l in range(size):
                    row[l] += one * told[l]
                moment[k] += residuals[i] * one
        for k in range(size):
            gram[k, k] += 1
        _invert(gram)
        for k in range(size):
            for l in range(size):
                out[k] += gram[k, l] * moment[l]
    return weights, posteriors


@kernel
def products_at(
    users: NDArray[np.int32],
    movies: NDArray[np.int32],
    of_users: NDArray[np.float64],
    of_movies: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Multiply the features of pairs (n,): (n,)."""
    found = np.empty(len(users))
    for i in range(len(users)):
        one, other, total = of_users[users[i]], of_movies[movies[i]], 0.0
        for k in range(len(one)):
            total += one[k] * other[k]
        found[i] = total
    return found


@kernel
def leverages(
    users: NDArray[np.int32],
    movies: NDArray[np.int32],
    of_users: NDArray[np.float64],
    posteriors: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Do what `MovieProcesses._leverage` does with pairs (n,): (n,)."""
    found = np.empty(len(users))
    for i in range(len(users)):
        told, posterior, total = of_users[users[i]], posteriors[movies[i]], 0.0
        for k in range(len(told)):
            row, beside = posterior[k], 0.0
            for l in range(k + 1, len(told)):
                beside += row[l] * told[l]
            total += told[k] * (row[k] * told[k] + 2 * beside)
        found[i] = total
    return found
