"""LensKit's scorers, asked with each user's history, as its pipelines ask them."""

from typing import Any

import numpy as np
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

from peers.peer import SIGNALS, Peer, Ratings, Scores
from pipeline.metrics import RELEVANT

LIBRARY = "lenskit"


def dataset_of(ratings: Ratings, signal: str = "all") -> Any:
    """Hand over stars under our own indices; users and movies without a rating are known, too."""
    import pandas as pd
    from lenskit.data import from_interactions_df

    kept = ratings.y >= (RELEVANT if signal == "liked" else 0)
    n_users, n_movies = ratings.shape
    columns = {"user_id": ratings.users, "item_id": ratings.movies}
    frame = pd.DataFrame({**columns, "rating": ratings.y * ratings.dataset.stars})[kept]
    return from_interactions_df(frame, users=range(n_users), items=range(n_movies))


def scored(scorer: Any, data: Any, ratings: Ratings, seed: int) -> Scores:
    """Train, then score all movies for each user; NaN where the scorer has nothing to say."""
    from lenskit.data import ItemList, RecQuery
    from lenskit.training import TrainingOptions

    scorer.train(data, TrainingOptions(rng=seed))
    n_users, n_movies = ratings.shape
    everything = ItemList(item_ids=np.arange(n_movies), vocabulary=data.items)
    scores = np.empty(ratings.shape)
    for user in range(n_users):
        query = RecQuery(user_id=user, history_items=data.user_row(user))
        scores[user] = scorer(query, everything).scores()
    return scores


def biased_mf(ratings: Ratings, seed: int, **values: Any) -> Scores:
    from lenskit.als import BiasedMFScorer

    return scored(BiasedMFScorer(**values), dataset_of(ratings), ratings, seed) / ratings.dataset.stars


def item_knn(ratings: Ratings, seed: int, **values: Any) -> Scores:
    """Predict ratings from similar movies; a bias model answers where there are too few of them."""
    from lenskit.basic import BiasScorer
    from lenskit.knn import ItemKNNScorer

    data = dataset_of(ratings)
    scores = scored(ItemKNNScorer(feedback="explicit", **values), data, ratings, seed)
    fallback = scored(BiasScorer(), data, ratings, seed)
    return np.where(np.isnan(scores), fallback, scores) / ratings.dataset.stars


def item_knn_implicit(ratings: Ratings, seed: int, signal: str, **values: Any) -> Scores:
    from lenskit.knn import ItemKNNScorer

    scorer = ItemKNNScorer(feedback="implicit", **values)
    return np.nan_to_num(scored(scorer, dataset_of(ratings, signal), ratings, seed), nan=-1.0)


def implicit_mf(ratings: Ratings, seed: int, signal: str, **values: Any) -> Scores:
    from lenskit.als import ImplicitMFScorer

    scores = scored(ImplicitMFScorer(**values), dataset_of(ratings, signal), ratings, seed)
    return np.nan_to_num(scores, nan=-1.0)


NEIGHBOURS = {
    "max_nbrs": IntDistribution(5, 200, log=True),
    "min_nbrs": IntDistribution(1, 10),
    "min_sim": FloatDistribution(1e-6, 0.1, log=True),
}
FACTORS = {
    "embedding_size": IntDistribution(5, 150, log=True),
    "epochs": IntDistribution(5, 40),
    "regularization": FloatDistribution(0.01, 10, log=True),
}
SIGNAL = CategoricalDistribution(SIGNALS)
LENSKIT = (
    Peer(
        "LensKit BiasedMF",
        biased_mf,
        "rmse",
        space={**FACTORS, "damping": FloatDistribution(0.5, 50, log=True)},
        default={"embedding_size": 50, "epochs": 10, "regularization": 0.1, "damping": 5.0},
        library=LIBRARY,
    ),
    Peer(
        "LensKit ItemKNN",
        item_knn,
        "rmse",
        space=NEIGHBOURS,
        default={"max_nbrs": 20, "min_nbrs": 1, "min_sim": 1e-6},
        library=LIBRARY,
    ),
    Peer(
        "LensKit ItemKNN, implicit",
        item_knn_implicit,
        "ndcg",
        predicts=False,
        space={**NEIGHBOURS, "signal": SIGNAL},
        default={"max_nbrs": 20, "min_nbrs": 1, "min_sim": 1e-6, "signal": "all"},
        library=LIBRARY,
    ),
    Peer(
        "LensKit ImplicitMF",
        implicit_mf,
        "ndcg",
        predicts=False,
        space={**FACTORS, "weight": FloatDistribution(1, 100, log=True), "signal": SIGNAL},
        default={
            "embedding_size": 50,
            "epochs": 10,
            "regularization": 0.1,
            "weight": 40.0,
            "signal": "all",
        },
        library=LIBRARY,
    ),
)
