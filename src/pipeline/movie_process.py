"""A Gaussian process for each movie: what users alike thought of it tells what another one will think."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from pipeline.kernels import compiled, csr


@dataclass(frozen=True, eq=False)
class MovieProcesses:
    """The processes of all movies, over users by their features: users @ weights.T predicts."""

    users: NDArray[np.float64]  # (n_users, k) features, each as long as it is believed
    weights: NDArray[np.float64]  # (n_movies, k)
    posterior: NDArray[np.float64]  # (n_movies, k, k) covariance of the weights, in variances of the noise

    def at(self, users: NDArray[np.integer], movies: NDArray[np.integer]) -> NDArray[np.float64]:
        """Predict pairs: (n,)."""
        kernels = compiled(len(users) * self.users.shape[1])
        if kernels is not None:
            return np.asarray(kernels.products_at(users, movies, self.users, self.weights))
        # One feature after the other: an order of adding up that no library chooses.
        predicted = np.zeros(len(users))
        for k in range(self.users.shape[1]):
            predicted += self.users[users, k] * self.weights[movies, k]
        return predicted

    def without(
        self, users: NDArray[np.integer], movies: NDArray[np.integer], residuals: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Predict n fitted ratings, each as if it were not among those fitted: (n,).

        With the leverage h of a rating it is (prediction - h * residual) / (1 - h), the ridge regression's
        leave-one-out (Hastie, Tibshirani & Friedman 2009, eq. 7.52).
        """
        leverage = self._leverage(users, movies)
        return np.asarray((self.at(users, movies) - leverage * residuals) / (1 - leverage))

    def _leverage(self, users: NDArray[np.integer], movies: NDArray[np.integer]) -> NDArray[np.float64]:
        """Find how much a fitted rating says of itself: (n,)."""
        kernels = compiled(len(users) * self.posterior[0].size)
        if kernels is not None:
            return np.asarray(kernels.leverages(users, movies, self.users, self.posterior))
        told, leverage = self.users.T[:, users], np.zeros(len(users))
        # Pair by pair of features: the posteriors of all the ratings at once would be large.
        for k in range(len(told)):
            beside = np.zeros(len(users))
            for l in range(k + 1, len(told)):
                beside += self.posterior[:, k, l][movies] * told[l]
            leverage += told[k] * (self.posterior[:, k, k][movies] * told[k] + 2 * beside)
        return leverage


def movie_processes(users: NDArray[np.float64], ratings: sparse.csr_array) -> MovieProcesses:
    """Regress each movie's residuals on the features of its raters, features and noise of variance 1.

    Args:
        users: (n_users, k) features.
        ratings: (n_movies, n_users) residuals to be explained, those of 0 among the stored cells.

    """
    k = users.shape[1]
    kernels = compiled(ratings.nnz * k * k)
    if kernels is not None:
        weights, posterior = kernels.movie_posteriors(csr(ratings), users)
        return MovieProcesses(users, weights, posterior)
    products = (users[:, :, None] * users[:, None, :]).reshape(-1, k * k)
    rated = sparse.csr_array((np.ones(ratings.nnz), ratings.indices, ratings.indptr), shape=ratings.shape)
    posterior = _inverted(np.asarray(rated @ products).reshape(-1, k, k) + np.eye(k))
    moments, weights = ratings @ users, np.zeros((ratings.shape[0], k))
    for l in range(k):
        weights += posterior[:, :, l] * moments[:, l, None]
    return MovieProcesses(users, weights, posterior)


def _inverted(matrices: NDArray[np.float64]) -> NDArray[np.float64]:
    """Invert positive definite matrices (n, k, k) by Gauss and Jordan, which needs no pivots then."""
    rows = np.ascontiguousarray(matrices.transpose(1, 2, 0))
    for p in range(len(rows)):
        pivot = rows[p, p].copy()
        rows[p] /= pivot
        for i in range(len(rows)):
            if i != p:
                share = rows[i, p].copy()
                rows[i] -= share * rows[p]
                rows[i, p] = -share / pivot
        rows[p, p] = 1 / pivot
    return np.ascontiguousarray(rows.transpose(2, 0, 1))
