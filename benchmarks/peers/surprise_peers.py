"""Surprise's rating predictors.

The library predicts one pair at a time. The whole catalogue is put together here by the formula of each
algorithm's `estimate`, on the arrays that its `fit` learnt; the two agree to the last bits.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

from peers.peer import Peer, Ratings, Scores

LIBRARY = "scikit-surprise"


def trained(algorithm: Any, ratings: Ratings) -> Any:
    """Fit an algorithm on stars, as its defaults expect."""
    import pandas as pd
    from surprise import Dataset, Reader

    stars = ratings.y * ratings.dataset.stars
    frame = pd.DataFrame({"user": ratings.users, "movie": ratings.movies, "stars": stars})
    reader = Reader(rating_scale=(float(stars.min()), float(stars.max())))
    return algorithm.fit(Dataset.load_from_df(frame, reader).build_full_trainset())


def places(trainset: Any) -> tuple[list[int], list[int]]:
    """Return our indices of the users and of the movies, in the order of the library's own."""
    users = [trainset.to_raw_uid(inner) for inner in trainset.all_users()]
    return users, [trainset.to_raw_iid(inner) for inner in trainset.all_items()]


def spread(values: NDArray[np.float64], where: list[int], size: int) -> NDArray[np.float64]:
    """Put rows at our indices; those that were not learnt are 0."""
    rows = np.zeros((size, *values.shape[1:]))
    rows[where] = values
    return rows


def factorised(algorithm: Any, ratings: Ratings, user_factors: NDArray[np.float64]) -> Scores:
    """Add mean, biases and the product of factors, in y."""
    n_users, n_movies = ratings.shape
    users, movies = places(algorithm.trainset)
    user_bias, movie_bias = spread(algorithm.bu, users, n_users), spread(algorithm.bi, movies, n_movies)
    interest = spread(user_factors, users, n_users) @ spread(algorithm.qi, movies, n_movies).T
    mean = algorithm.trainset.global_mean
    return (mean + user_bias[:, None] + movie_bias + interest) / ratings.dataset.stars


def svd(ratings: Ratings, seed: int, **values: Any) -> Scores:
    from surprise import SVD

    algorithm = trained(SVD(random_state=seed, **values), ratings)
    return factorised(algorithm, ratings, algorithm.pu)


def svdpp(ratings: Ratings, seed: int, **values: Any) -> Scores:
    from surprise import SVDpp

    algorithm = trained(SVDpp(random_state=seed, **values), ratings)
    rated = [[movie for movie, _ in algorithm.trainset.ur[user]] for user in algorithm.trainset.all_users()]
    implicit = np.array([algorithm.yj[movies].sum(axis=0) / np.sqrt(len(movies)) for movies in rated])
    return factorised(algorithm, ratings, algorithm.pu + implicit)


def knn_baseline(
    ratings: Ratings, seed: int, *, k: int, min_k: int, similarity: str, shrinkage: int, side: str
) -> Scores:
    from surprise import KNNBaseline

    options = {"name": similarity, "shrinkage": shrinkage, "user_based": side == "users"}
    algorithm = trained(KNNBaseline(k=k, min_k=min_k, sim_options=options, verbose=False), ratings)
    mean = algorithm.trainset.global_mean
    n_users, n_movies = ratings.shape
    users, movies = places(algorithm.trainset)
    user_bias, movie_bias = spread(algorithm.bu, users, n_users), spread(algorithm.bi, movies, n_movies)
    scores = mean + user_bias[:, None] + movie_bias
    deviations = neighbourhoods(algorithm)
    scores[np.ix_(users, movies)] += deviations.T if side == "users" else deviations
    return scores / ratings.dataset.stars


def neighbourhoods(algorithm: Any) -> NDArray[np.float64]:
    """Average what the k nearest neighbours of x deviate on y, weighted by similarity: (n_y, n_x)."""
    deviations = np.zeros((algorithm.n_y, algorithm.n_x))
    for y, rated in algorithm.yr.items():
        others = np.array([x for x, _ in rated])
        expected = algorithm.trainset.global_mean + algorithm.bx[others] + algorithm.by[y]
        deviation = np.array([stars for _, stars in rated]) - expected
        weights = nearest(algorithm.sim[:, others], algorithm.k)
        total, enough = weights.sum(axis=1), (weights > 0).sum(axis=1) >= algorithm.min_k
        known = (total > 0) & enough
        np.divide(weights @ deviation, total, out=deviations[y], where=known)
    return deviations


def nearest(similarities: NDArray[np.float64], k: int) -> NDArray[np.float64]:
    """Keep the k largest of each row that are above 0, the first of those that tie; the others are 0."""
    if similarities.shape[1] > k:
        kth = -np.partition(-similarities, k - 1, axis=1)[:, k - 1, None]
        above, level = similarities > kth, similarities == kth
        room = k - above.sum(axis=1, keepdims=True)
        similarities = np.where(above | (level & (level.cumsum(axis=1) <= room)), similarities, 0)
    return np.maximum(similarities, 0)


FACTORS = {
    "n_epochs": IntDistribution(10, 60),
    "lr_all": FloatDistribution(0.002, 0.02, log=True),
    "reg_all": FloatDistribution(0.01, 0.2, log=True),
}
SURPRISE = (
    Peer(
        "Surprise SVD",
        svd,
        "rmse",
        space={"n_factors": IntDistribution(10, 200, log=True), **FACTORS},
        default={"n_factors": 100, "n_epochs": 20, "lr_all": 0.005, "reg_all": 0.02},
        library=LIBRARY,
    ),
    Peer(
        "Surprise SVDpp",
        svdpp,
        "rmse",
        # Its time grows with both; more of either does not pay on this data.
        space={"n_factors": IntDistribution(5, 50, log=True), **FACTORS, "n_epochs": IntDistribution(10, 40)},
        default={"n_factors": 20, "n_epochs": 20, "lr_all": 0.007, "reg_all": 0.02},
        library=LIBRARY,
    ),
    Peer(
        "Surprise KNNBaseline",
        knn_baseline,
        "rmse",
        space={
            "k": IntDistribution(10, 150, log=True),
            "min_k": IntDistribution(1, 10),
            "similarity": CategoricalDistribution(("msd", "pearson_baseline")),
            "shrinkage": IntDistribution(10, 500, log=True),
            "side": CategoricalDistribution(("users", "movies")),
        },
        default={"k": 40, "min_k": 1, "similarity": "msd", "shrinkage": 100, "side": "users"},
        library=LIBRARY,
    ),
)
