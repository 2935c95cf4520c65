"""How much memory a trial takes, told before it starts: what cannot fit is refused, not tried."""

import numpy as np

from pipeline.blocks import BLOCK
from pipeline.dataset import Dataset
from pipeline.kept import once_per_dataset
from pipeline.phase3 import KEPT_BLOCKS

GIB = 2**30
# Python, numpy, scipy, the kernels, and blocks of users, whatever the data.
ALWAYS = 2**29
# Of a rating: what is mapped of it, its places in the features and among the held-out pairs, and what making
# those takes for a moment; beyond phase1, what is learnt of it without itself.
PER_RATING = {"phase1": 90, "phase2": 400, "phase3": 400}
# Of an actor whom two movies share: both billings, the cell, and what listing and weighing them takes.
PER_SHARED_ACTOR = 48
# Dense matrices (n_movies, n_movies) of float32: item to item and what follows what, of two training sets;
# beside them blocks of scores are kept.
DENSE = {"phase1": 0, "phase2": 0, "phase3": 4}


@once_per_dataset  # each trial asks
def memory_needed(dataset: Dataset, model: str) -> int:
    """Estimate the bytes that a trial of a model takes on a dataset, from above."""
    films = np.bincount(dataset.billing.indices).astype(np.int64)
    shared = PER_SHARED_ACTOR * int((films**2).sum())
    blocks = KEPT_BLOCKS * BLOCK if DENSE[model] else 0
    dense = 4 * dataset.n_movies * (DENSE[model] * dataset.n_movies + blocks)
    return ALWAYS + PER_RATING[model] * dataset.n_ratings + shared + dense


def in_gib(size: int) -> str:
    """Write a size as the limit is written."""
    return f"{size / GIB:.1f}GiB"
