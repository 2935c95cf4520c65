"""What is computed once per training set and process, and then shared by all trials that ask for the same."""

import functools
import hashlib
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Concatenate, ParamSpec, TypeVar

import numpy as np
from numpy.typing import NDArray

from pipeline.dataset import Dataset

KEPT = 4
T = TypeVar("T")
Settings = ParamSpec("Settings")


def once_per_training_set(
    compute: Callable[Concatenate[Dataset, NDArray[np.bool_], Settings], T],
) -> Callable[Concatenate[Dataset, NDArray[np.bool_], Settings], T]:
    """Remember what a function of a dataset, a training mask and settings returned, for the last few of them.

    Settings must be hashable: numbers, or a frozen dataclass of numbers.
    """
    kept: OrderedDict[Hashable, T] = OrderedDict()

    def remembered(
        dataset: Dataset, train: NDArray[np.bool_], /, *args: Settings.args, **kwargs: Settings.kwargs
    ) -> T:
        mask = hashlib.sha256(np.packbits(train).tobytes()).hexdigest()
        key = (dataset.fingerprint, mask, args, tuple(sorted(kwargs.items())))
        if key not in kept:
            kept[key] = compute(dataset, train, *args, **kwargs)
            while len(kept) > KEPT:
                kept.popitem(last=False)
        kept.move_to_end(key)
        return kept[key]

    return functools.update_wrapper(remembered, compute)
