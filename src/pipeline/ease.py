"""EASE, the closed-form item-item model (Steck, WWW 2019), with what its penalty does not touch shared."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.dataset import Dataset
from pipeline.histories import liked
from pipeline.kept import once_per_training_set, shared_per_training_set
from pipeline.kernels import compiled

# A direction that explains less than this share of the first is rounding.
SILENT = 1e-10
# Beside what movies say of themselves, less than this is rounding in float32.
ROUNDING = 1e-6


@dataclass(frozen=True, eq=False)
class Spectrum:
    """The liked ratings X (n_users, n_movies) by their directions: X'X = V diag(strengths) V'."""

    strengths: NDArray[np.float64]  # (k,) above 0
    movies: NDArray[np.intp]  # (n_liked,) that anybody likes
    directions: NDArray[np.float32]  # V (n_liked, k), orthonormal columns; 0 for all other movies


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
    weights = np.zeros((dataset.n_movies, dataset.n_movies), dtype=np.float32)
    _place_weights(scaled @ scaled.T, spectrum.movies, weights)
    return weights


def _place_weights(gram: NDArray[np.float32], movies: NDArray[np.intp], weights: NDArray[np.float32]) -> None:
    """Fill in G / (1 - diag(G)) of k movies where it is more than rounding: gram (k, k)."""
    own = gram.diagonal().copy()
    length = np.sqrt(np.maximum(own, np.float32(ROUNDING) * own.max(initial=0)))
    kernels = compiled(gram.size)
    if kernels is not None:
        kernels.place_weights(gram, np.float32(ROUNDING) * length, length, 1 - own, movies, weights)
        return
    gram[np.abs(gram) < np.float32(ROUNDING) * length[:, None] * length] = 0
    gram /= 1 - own
    np.fill_diagonal(gram, 0)
    weights[np.ix_(movies, movies)] = gram


@shared_per_training_set
def _spectrum(dataset: Dataset, train: NDArray[np.bool_]) -> Spectrum:
    """Decompose the smaller of X X' and X'X."""
    x = liked(dataset, train).astype(np.float64)
    by_users = dataset.n_users < dataset.n_movies
    strengths, vectors = np.linalg.eigh((x @ x.T if by_users else x.T @ x).toarray())
    told = strengths > SILENT * max(float(strengths[-1]), 1.0)
    strengths, vectors = strengths[told], vectors[:, told]
    directions = (x.T @ vectors) / np.sqrt(strengths) if by_users else vectors
    liked_movies = np.flatnonzero(np.bincount(x.indices, minlength=dataset.n_movies))
    return Spectrum(strengths, liked_movies, directions[liked_movies].astype(np.float32, order="C"))
