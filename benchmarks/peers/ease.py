"""EASE, in closed form (Steck, Embarrassingly Shallow Autoencoders for Sparse Data, WWW 2019)."""

import numpy as np
from optuna.distributions import CategoricalDistribution, FloatDistribution

from peers.peer import SIGNALS, Peer, Ratings, Scores


def ease(ratings: Ratings, seed: int, regularisation: float, signal: str) -> Scores:
    """Let the movies that a user wished for speak for others: X B, where B has a diagonal of zeros.

    B = I - P / diag(P) with P = (X'X + lambda I)^-1, each column divided by its own diagonal entry.
    """
    X = ratings.wishes(signal)
    gram = (X.T @ X).toarray() + regularisation * np.eye(X.shape[1])
    inverse = np.linalg.inv(gram)
    B = -inverse / np.diag(inverse)
    np.fill_diagonal(B, 0)
    return X @ B


EASE = Peer(
    "EASE",
    ease,
    "ndcg",
    predicts=False,
    space={
        "regularisation": FloatDistribution(10, 2000, log=True),
        "signal": CategoricalDistribution(SIGNALS),
    },
    default={"regularisation": 500.0, "signal": "all"},
)
