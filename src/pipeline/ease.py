"""EASE, the closed-form item-item model (Steck, WWW 2019), with what its penalty does not touch shared."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.dataset import Dataset
from pipeline.histories import liked
from pipeline.kept import once_per_training_set

# A direction that explains less than this share of the first is rounding.
SILENT = 1e-10
# Beside what movies say of themselves, less than this is rounding in float32.
ROUNDING = 1e-6


@dataclass(frozen=True, eq=False)
class Spectrum:
    """The liked ratings X (n_users, n_movies) by their directions: X'X = V diag(strengths) V'."""

    strengths: NDArray[np.float64]  # (k,) above 0
    directions: NDArray[np.float32]  # V (n_movies, k), orthonormal columns


@once_per_training_set
def ease_weights(dataset: Dataset, train: NDArray[np.bool_], regularization: float) -> NDArray[np.float32]:
    """Say how much liking one movie speaks for another: (n_movies, n_movies), from the row to the column.

    With the penalty l, P = (X'X + l I)^-1 and weights B = -P / diag(P) off the diagonal, 0 on it. By the
    directions of X it is P = (I - G) / l with G = V diag(s / (s + l)) V', hence B = G / (1 - diag(G)).
    Movies that no chain of likes connects have a weight of exactly 0: rounding must not recommend.

    Args:
        dataset: the data.
        train: (n_ratings,) mask of the ratings to learn from.
        regularization: l > 0, in liked ratings.

    """
    spectrum = _spectrum(dataset, train)
    share = np.sqrt(spectrum.strengths / (spectrum.strengths + regularization)).astype(np.float32)
    scaled = spectrum.directions * share
    weights: NDArray[np.float32] = scaled @ scaled.T
    own = np.sqrt(np.maximum(weights.diagonal(), ROUNDING * weights.diagonal().max()))
    weights[np.abs(weights) < ROUNDING * own[:, None] * own] = 0
    weights /= 1 - weights.diagonal()
    np.fill_diagonal(weights, 0)
    return weights


@once_per_training_set
def _spectrum(dataset: Dataset, train: NDArray[np.bool_]) -> Spectrum:
    """Decompose the smaller of X X' and X'X."""
    x = liked(dataset, train).astype(np.float64)
    by_users = dataset.n_users < dataset.n_movies
    strengths, vectors = np.linalg.eigh((x @ x.T if by_users else x.T @ x).toarray())
    told = strengths > SILENT * max(float(strengths[-1]), 1.0)
    strengths, vectors = strengths[told], vectors[:, told]
    directions = (x.T @ vectors) / np.sqrt(strengths) if by_users else vectors
    return Spectrum(strengths, np.ascontiguousarray(directions, dtype=np.float32))
