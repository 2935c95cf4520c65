"""What is computed once per training set and process, and then shared by all trials."""

import functools
import hashlib
from collections import OrderedDict
from collections.abc import Callable
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from pipeline.dataset import Dataset

KEPT = 4
T = TypeVar("T")


def once_per_training_set(
    compute: Callable[[Dataset, NDArray[np.bool_]], T],
) -> Callable[[Dataset, NDArray[np.bool_]], T]:
    """Remember what a function of a dataset and a training mask returned, for the last few of them."""
    kept: OrderedDict[tuple[str, str], T] = OrderedDict()

    @functools.wraps(compute)
    def remembered(dataset: Dataset, train: NDArray[np.bool_]) -> T:
        key = (dataset.fingerprint, hashlib.sha256(np.packbits(train).tobytes()).hexdigest())
        if key not in kept:
            kept[key] = compute(dataset, train)
            while len(kept) > KEPT:
                kept.popitem(last=False)
        kept.move_to_end(key)
        return kept[key]

    return remembered
