"""A Bayesian factorization machine with side information, sampled by myFM (Rendle 2012).

Its predictions of the whole catalogue are put together here, from the machines that were sampled.
"""

import contextlib
import io
from typing import Any

import numpy as np
from numpy.typing import NDArray
from optuna.distributions import CategoricalDistribution, IntDistribution
from scipy import sparse

from peers.peer import Peer, Ratings, Scores


def factorization_machine(ratings: Ratings, seed: int, rank: int, n_iter: int, features: str) -> Scores:
    """Average the predictions of the sampled machines over the whole catalogue, in y."""
    import myfm

    users, movies, groups = blocks_of(ratings, features)
    machine = myfm.MyFMRegressor(rank=rank, random_seed=seed)
    blocks = [
        myfm.RelationBlock(ratings.users.tolist(), users),
        myfm.RelationBlock(ratings.movies.tolist(), movies),
    ]
    stars = ratings.y * ratings.dataset.stars
    # Its progress bar has no switch.
    with contextlib.redirect_stderr(io.StringIO()):
        machine.fit(None, stars, X_rel=blocks, group_shapes=groups, n_iter=n_iter, n_kept_samples=n_iter // 2)
    samples = machine.predictor_.samples
    total = sum(predicted(sample, users, movies) for sample in samples)
    return total / len(samples) / ratings.dataset.stars


def blocks_of(ratings: Ratings, features: str) -> tuple[sparse.csr_matrix, sparse.csr_matrix, list[int]]:
    """Describe each user and each movie; a group of features has a prior of its own.

    Returns:
        (n_users, ·) features of users, (n_movies, ·) of movies, and the sizes of their groups in this order.

    """
    n_users, n_movies = ratings.shape
    of_user, of_movie = [sparse.eye_array(n_users)], [sparse.eye_array(n_movies)]
    if "history" in features:
        seen = ratings.seen()
        of_user.append(shared(seen))
        of_movie.append(shared(seen.T.tocsr()))
    if "genres" in features:
        of_movie.append(shared(ratings.dataset.genres.astype(float)))
    groups = [block.shape[1] for block in [*of_user, *of_movie]]
    return stacked(of_user), stacked(of_movie), groups


def shared(marks: sparse.csr_array) -> sparse.csr_array:
    """Divide each row by the root of how many it marks, as SVD++ does."""
    counts = np.maximum(np.diff(marks.indptr), 1)
    return sparse.diags_array(1 / np.sqrt(counts)) @ marks


def stacked(blocks: list[Any]) -> sparse.csr_matrix:
    return sparse.csr_matrix(sparse.hstack(blocks), dtype=np.float64)


def predicted(sample: Any, users: sparse.csr_matrix, movies: sparse.csr_matrix) -> NDArray[np.float64]:
    """Predict every pair with one machine: what each side says alone, and the product of both.

    The pairwise interactions of a sum of two sides are those within each side and the product of the sides.
    """
    n = users.shape[1]
    alone_user, user = side(users, sample.w[:n], sample.V[:n])
    alone_movie, movie = side(movies, sample.w[n:], sample.V[n:])
    return sample.w0 + alone_user[:, None] + alone_movie + user @ movie.T


def side(
    features: sparse.csr_matrix, weights: NDArray[np.float64], vectors: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return what a side says alone (n,) and its factors (n, rank)."""
    factors = features @ vectors
    squares = features.power(2) @ vectors**2
    return features @ weights + (factors**2 - squares).sum(axis=1) / 2, factors


# What is told of a user and a movie beside who they are.
FEATURES = ("nothing", "genres", "history", "genres and history")
MYFM = (
    Peer(
        "myFM",
        factorization_machine,
        "rmse",
        space={
            "rank": IntDistribution(4, 24),
            "n_iter": IntDistribution(50, 200),
            "features": CategoricalDistribution(FEATURES),
        },
        # The library has no rank of its own; 10 is its tutorial's.
        default={"rank": 10, "n_iter": 100, "features": "nothing"},
        library="myfm",
    ),
)
