"""A Gaussian process for each user: the own ratings of movies alike tell what a movie will get."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy.linalg.lapack import spotrf, strtrs

from pipeline.kernels import compiled


@dataclass(frozen=True)
class Drift:
    """A level that wanders: ratings k apart share variance * 0.5^(k / half_life) of it."""

    variance: float
    half_life: float

    def shared(self, n: int) -> NDArray[np.float32]:
        """Return the covariance of a rating with the n that begin with itself: (n,)."""
        shared = self.variance * 0.5 ** (np.arange(n) / self.half_life)
        return np.asarray(shared, dtype=np.float32)

    def next(self, n: int) -> NDArray[np.float32]:
        """Return the covariance of n ratings in a row with the one after them: (n,)."""
        following = self.variance * 0.5 ** (np.arange(n, 0, -1) / self.half_life)
        return np.asarray(following, dtype=np.float32)


@dataclass(frozen=True, eq=False)
class UserProcesses:
    """The processes of all users, given their n ratings."""

    weights: NDArray[np.float32]  # (n,) of each rating: kernel @ weights predicts
    foretold: NDArray[np.float32]  # (n,) what the user's earlier ratings alone predicted of each
    drifted: NDArray[np.float32]  # (n_users,) where the wandering level is after the last rating; 0 at first


def user_processes(
    starts: NDArray[np.integer],
    movies: NDArray[np.int32],
    residuals: NDArray[np.float64],
    kernel: NDArray[np.float32],
    drift: Drift,
) -> UserProcesses:
    """Solve (K_u + D + I) weights = residuals for each user, I the noise (Rasmussen & Williams 2006, 2.25).

    As a user's ratings are in order of time, the Cholesky factor L holds all predictions of a rating by the
    earlier ones: with L z = residuals it is residual - L_jj * z_j, without another fit.

    Args:
        starts: (n_users + 1,) where each user's ratings begin.
        movies: (n,) movie of each rating, in order of time within a user.
        residuals: (n,) what is to be explained of each.
        kernel: (n_movies, n_movies) covariance of a user's deviations, in variances of the noise.
        drift: of the user's level.

    """
    e = residuals.astype(np.float32)
    weights, foretold = np.zeros_like(e), np.zeros_like(e)
    drifted = np.zeros(len(starts) - 1, dtype=np.float32)
    longest = int(np.diff(starts).max(initial=0))
    shared, following = drift.shared(longest), drift.next(longest)
    covariance = _covariances(starts, kernel, shared)
    for user in np.flatnonzero(np.diff(starts)):
        own = slice(starts[user], starts[user + 1])
        # The transpose of a symmetric matrix is itself, and what LAPACK need not copy.
        lower, _ = spotrf(covariance(movies[own]).T, lower=1, overwrite_a=1, clean=0)
        z, _ = strtrs(lower, e[own], lower=1)
        weights[own], _ = strtrs(lower, z, lower=1, trans=1)
        foretold[own] = e[own] - lower.diagonal() * z
        drifted[user] = weights[own] @ following[longest - len(z) :]
    return UserProcesses(weights, foretold, drifted)


def _covariances(
    starts: NDArray[np.integer], kernel: NDArray[np.float32], shared: NDArray[np.float32]
) -> Callable[[NDArray[np.int32]], NDArray[np.float32]]:
    """Choose how the covariance (n, n) of n ratings in a row is made; its upper half counts."""
    kernels = compiled(int((np.diff(starts) ** 2).sum()))
    if kernels is not None:
        return partial(kernels.covariance, kernel=kernel, shared=shared)
    steps = np.arange(len(shared))
    of_pairs = shared[np.abs(steps[:, None] - steps)]
    # Flat positions are gathered twice as fast as rows and columns.
    cells, columns = kernel.ravel(), np.intp(len(kernel))

    def covariance(movies: NDArray[np.int32]) -> NDArray[np.float32]:
        n = len(movies)
        found = cells.take(movies[:, None] * columns + movies)
        found += of_pairs[:n, :n]
        found.flat[:: n + 1] += 1
        return found

    return covariance
