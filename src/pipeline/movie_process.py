"""A Gaussian process for each movie: what users alike thought of it tells what another one will think."""

from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np
from numpy.typing import NDArray
from scipy import sparse


@dataclass(frozen=True, eq=False)
class MovieProcesses:
    """The processes of all movies, over users by their features: users @ weights.T predicts."""

    users: NDArray[np.float64]  # (n_users, k) features, each as long as it is believed
    weights: NDArray[np.float64]  # (n_movies, k)
    posterior: NDArray[np.float64]  # (n_movies, k, k) covariance of the weights, in variances of the noise

    def at(self, users: NDArray[np.integer], movies: NDArray[np.integer]) -> NDArray[np.float64]:
        """Predict pairs: (n,)."""
        return np.asarray((self.users[users] * self.weights[movies]).sum(axis=1))

    def without(
        self, users: NDArray[np.integer], movies: NDArray[np.integer], residuals: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Predict n fitted ratings, each as if it were not among those fitted: (n,).

        With the leverage h of a rating it is (prediction - h * residual) / (1 - h), the ridge regression's
        leave-one-out (Hastie, Tibshirani & Friedman 2009, eq. 7.52).
        """
        told, leverage = self.users.T[:, users], np.zeros(len(users))
        # Pair by pair of features: the posteriors of all the ratings at once would be large.
        for k, l in combinations_with_replacement(range(len(told)), 2):
            share = self.posterior[:, k, l][movies] * told[k] * told[l]
            leverage += share if k == l else 2 * share
        return np.asarray((self.at(users, movies) - leverage * residuals) / (1 - leverage))


def movie_processes(
    users: NDArray[np.float64], ratings: sparse.csr_array, rated: sparse.csr_array
) -> MovieProcesses:
    """Regress each movie's residuals on the features of its raters, features and noise of variance 1.

    Args:
        users: (n_users, k) features.
        ratings: (n_movies, n_users) residuals to be explained.
        rated: (n_movies, n_users) 1 where there is one.

    """
    k = users.shape[1]
    products = (users[:, :, None] * users[:, None, :]).reshape(-1, k * k)
    gram = (rated @ products).reshape(-1, k, k)
    posterior = np.asarray(np.linalg.inv(gram + np.eye(k)), dtype=np.float64)
    weights = np.einsum("ikl,il->ik", posterior, ratings @ users)
    return MovieProcesses(users, weights, posterior)
