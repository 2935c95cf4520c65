"""Alternating least squares for implicit feedback, as the library `implicit` has it."""

from typing import Any

import numpy as np
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from scipy import sparse

from peers.peer import SIGNALS, Peer, Ratings, Scores


def als(ratings: Ratings, seed: int, signal: str, **values: Any) -> Scores:
    from implicit.cpu.als import AlternatingLeastSquares
    from threadpoolctl import threadpool_limits

    wishes = sparse.csr_matrix(ratings.wishes(signal), dtype=np.float32)
    # The library warns that its own threads and those of BLAS get into each other's way.
    with threadpool_limits(1, "blas"):
        model = AlternatingLeastSquares(random_state=seed, **values)
        model.fit(wishes, show_progress=False)
        return model.user_factors @ model.item_factors.T


IMPLICIT = (
    Peer(
        "implicit ALS",
        als,
        "ndcg",
        predicts=False,
        space={
            "factors": IntDistribution(8, 200, log=True),
            "regularization": FloatDistribution(0.001, 10, log=True),
            "alpha": FloatDistribution(0.5, 50, log=True),
            "iterations": IntDistribution(5, 40),
            "signal": CategoricalDistribution(SIGNALS),
        },
        default={
            "factors": 100,
            "regularization": 0.01,
            "alpha": 1.0,
            "iterations": 15,
            "signal": "all",
        },
        library="implicit",
    ),
)
