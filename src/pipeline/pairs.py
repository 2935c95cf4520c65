"""What features say of held-out pairs of a user and a movie, looked up once for all trials."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from pipeline.features import Features
from pipeline.kept import KEPT
from pipeline.metrics import HeldOut
from pipeline.ranking import stored_cells


@dataclass(frozen=True, eq=False)
class Pairs:
    """The n held-out pairs of one part, as the features of one training set know them."""

    genre_rank: NDArray[np.int32]  # (n,) as `GenreFit.ranks`
    franchise: NDArray[np.int32]  # (n,) stored cell of `Features.franchise`, -1 where there is none


@lru_cache(maxsize=KEPT)
def pairs_of(features: Features, part: HeldOut) -> Pairs:
    """Look up the pairs of a part, once for all trials that share both."""
    return Pairs(
        genre_rank=features.genres.ranks_at(part.users, part.movies),
        franchise=stored_places(features.franchise, part.users, part.movies),
    )


def stored_places(
    matrix: sparse.csr_array, rows: NDArray[np.integer], columns: NDArray[np.integer]
) -> NDArray[np.int32]:
    """Find n cells among the stored ones of a matrix with sorted columns: (n,) places, -1 for none."""
    width = matrix.shape[1]
    in_row, in_column = stored_cells(matrix)
    stored = in_row * np.int64(width) + in_column
    wanted = rows.astype(np.int64) * width + columns
    place = np.searchsorted(stored, wanted)
    found = np.append(stored, -1)[place] == wanted
    return np.where(found, place, -1).astype(np.int32)
