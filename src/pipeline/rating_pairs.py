"""What the rating process predicts of held-out ratings, without predicting everything."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from pipeline.blocks import blocks_of
from pipeline.kept import KEPT
from pipeline.kernels import compiled, csr
from pipeline.metrics import HeldOut
from pipeline.rating_process import RatingProcess


@lru_cache(maxsize=KEPT)
def ratings_of(process: RatingProcess, part: HeldOut) -> NDArray[np.float32]:
    """Predict n held-out ratings, once for all trials that share a process: (n,)."""
    found, everybody = np.empty(len(part.users), dtype=np.float32), np.arange(part.n_users)
    for block in blocks_of(part.n_users):
        rows = slice(part.starts[block.start], part.starts[block.stop])
        row, movies = part.users[rows] - block.start, part.movies[rows]
        found[rows] = _of_pairs(process, everybody[block], row, movies)
    return found


def _of_pairs(
    process: RatingProcess, users: NDArray[np.intp], row: NDArray[np.int32], movies: NDArray[np.int32]
) -> NDArray[np.float32]:
    """Predict pairs of one of some users, by its place among them, and a movie: (n,), as `block` does."""
    kernels = compiled(len(users) * len(process.kernel))
    if kernels is None:
        return process.block(users)[row, movies]
    own = csr(process.own)
    predicted: NDArray[np.float32] = kernels.product_of_pairs(users[row], movies, own, process.kernel)
    predicted += process.of_company(users)[row, movies]
    predicted += process.of_movie[movies]
    predicted += process.of_user[users[row]]
    return np.clip(predicted, 0, 1, out=predicted)
