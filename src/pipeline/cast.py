"""How much of a movie's cast a user already knows, weighted by billing."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from pipeline.blocks import blocks_of, n_blocks, starts_of
from pipeline.dataset import Dataset
from pipeline.hyperparameters import Phase1
from pipeline.kept import once_per_dataset, shared_per_dataset
from pipeline.kernels import compiled, csr
from pipeline.progress import steps

# The hyperparameters that decide how shared actors are weighed.
OF_CAST = (
    "cast_lead_weight",
    "cast_supporting_weight",
    "cast_background_weight",
    "cast_lead_threshold",
    "cast_supporting_threshold",
)

# Pairs whose casts numpy looks up at once.
PAIRS_AT_ONCE = 2**13
# And a kernel, which holds nothing but what it found, between two words on how far it is.
KERNEL_PAIRS_AT_ONCE = 2**19


@dataclass(frozen=True, eq=False)
class SharedCast:
    """Every actor shared by two movies (a movie with itself included), with the billing on both sides.

    The pairs are sorted by cell of the (n_movies, n_movies) overlap matrix, so that the matrix of any
    weights is one weighted count away.
    """

    position: NDArray[np.int32]  # (n_pairs,) billing position in the row's movie, 0 first
    other_position: NDArray[np.int32]  # (n_pairs,) billing position in the column's movie
    cell: NDArray[np.intp]  # (n_pairs,) index into `indices`
    indices: NDArray[np.int32]  # (n_cells,) column of each cell
    indptr: NDArray[np.int32]  # (n_movies + 1,) first cell of each row


@shared_per_dataset
def shared_cast(dataset: Dataset) -> SharedCast:
    """List the actors that movies share; the work of sum over actors of (number of movies)^2."""
    by_actor = dataset.billing.tocsc()
    counts = np.diff(by_actor.indptr)
    movies, positions = by_actor.indices, by_actor.data - 1
    # Each credit meets all credits of its actor: repeat it that often, beside a run over them.
    repeats = np.repeat(counts, counts)
    left = np.repeat(np.arange(len(movies)), repeats)
    starts = np.repeat(by_actor.indptr[:-1], counts)
    run = np.arange(len(left)) - np.repeat(np.cumsum(repeats) - repeats, repeats)
    right = np.repeat(starts, repeats) + run
    cells = movies[left].astype(np.int64) * dataset.n_movies + movies[right]
    order = np.argsort(cells, kind="stable")
    unique, cell = np.unique(cells[order], return_inverse=True)
    rows = unique // max(dataset.n_movies, 1)
    return SharedCast(
        position=positions[left][order].astype(np.int32),
        other_position=positions[right][order].astype(np.int32),
        cell=cell,
        indices=(unique % max(dataset.n_movies, 1)).astype(np.int32),
        indptr=starts_of(rows, dataset.n_movies).astype(np.int32),
    )


def weighed_cast(dataset: Dataset, hyperparameters: Phase1) -> sparse.csr_array:
    """Return the overlap of `cast_overlap`, computed once for all training sets and other hyperparameters."""
    return _weighed_cast(dataset, Phase1(**{name: getattr(hyperparameters, name) for name in OF_CAST}))


@once_per_dataset
def _weighed_cast(dataset: Dataset, of_cast: Phase1) -> sparse.csr_array:
    return cast_overlap(shared_cast(dataset), of_cast)


def cast_overlap(shared: SharedCast, hyperparameters: Phase1) -> sparse.csr_array:
    """Weigh the shared actors by billing on both sides.

    Returns:
        (n_movies, n_movies) float32: the share of the row movie's cast that the column movie brings along.
        1 on the diagonal; 0 everywhere for a movie without cast, or whose cast has no weight.

    """
    weight = billing_weights(shared, hyperparameters)
    products = weight[shared.position] * weight[shared.other_position]
    overlap = np.bincount(shared.cell, products, minlength=len(shared.indices))
    overlap = overlap.astype(np.float64, copy=False)  # without any cast bincount returns integers
    n_movies = len(shared.indptr) - 1
    matrix = sparse.csr_array((overlap, shared.indices, shared.indptr), shape=(n_movies, n_movies))
    own = np.repeat(matrix.diagonal(), np.diff(shared.indptr))
    shares = np.divide(overlap, own, out=np.zeros_like(overlap), where=own > 0)
    # Beside a weight of next to nothing another's share may be more than float32 can hold.
    matrix.data = np.minimum(shares, np.finfo(np.float32).max)
    return matrix.astype(np.float32)


def billing_weights(shared: SharedCast, hyperparameters: Phase1) -> NDArray[np.float64]:
    """Weight of each billing position: lead, supporting or background; (highest position + 1,)."""
    positions = np.arange(shared.position.max(initial=-1) + 1)
    return np.select(
        [
            positions < hyperparameters.cast_lead_threshold,
            positions < hyperparameters.cast_supporting_threshold,
        ],
        [hyperparameters.cast_lead_weight, hyperparameters.cast_supporting_weight],
        hyperparameters.cast_background_weight,
    )


def known_cast_at(
    overlap: sparse.csr_array,
    ratings: sparse.csr_array,
    users: NDArray[np.integer],
    movies: NDArray[np.integer],
) -> NDArray[np.float32]:
    """Look up n cells of `known_cast`, as pairs of a user and a movie sorted by user: (n,)."""
    found = np.empty(len(users), dtype=np.float32)
    kernels = compiled(len(users) * overlap.nnz // max(overlap.shape[0], 1))
    size = PAIRS_AT_ONCE if kernels is None else KERNEL_PAIRS_AT_ONCE
    matrices = csr(overlap), csr(ratings)
    for block in steps("scoring", blocks_of(len(users), size), n_blocks(len(users), size)):
        if kernels is None:
            known = overlap[movies[block]].multiply(ratings[users[block]]).tocsr()
            found[block] = known @ np.ones(overlap.shape[1], dtype=np.float32)
        else:
            found[block] = kernels.cast_at(users[block], movies[block], *matrices)
    return found


def known_cast(overlap: sparse.csr_array, ratings: sparse.csr_array) -> NDArray[np.float32]:
    """Add up the shares of each movie's cast that users' rated movies bring along, by rating.

    Args:
        overlap: (n_movies, n_movies) of `cast_overlap`.
        ratings: (n_users, n_movies) training ratings y.

    Returns:
        (n_users, n_movies); above 1 where several rated movies share the same actors.

    """
    # Few movies share cast, so the overlap stays sparse and the block of ratings is made dense.
    return np.ascontiguousarray((overlap @ ratings.T.toarray()).T)
