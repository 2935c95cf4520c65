"""What is computed once per dataset or training set, and then shared by all trials that ask for the same."""

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
Asked = ParamSpec("Asked")
Settings = ParamSpec("Settings")


def once_per_training_set(
    compute: Callable[Concatenate[Dataset, NDArray[np.bool_], Settings], T],
) -> Callable[Concatenate[Dataset, NDArray[np.bool_], Settings], T]:
    """Remember what a function of a dataset, a training mask and settings returned, for the last few of them.

    Settings must be hashable: numbers, or a frozen dataclass of numbers.
    """

    def key(
        dataset: Dataset, train: NDArray[np.bool_], /, *args: Settings.args, **kwargs: Settings.kwargs
    ) -> Hashable:
        mask = hashlib.sha256(np.packbits(train).tobytes()).hexdigest()
        return dataset.fingerprint, mask, args, tuple(sorted(kwargs.items()))

    return _remembered(compute, key)


def once_per_dataset(
    compute: Callable[Concatenate[Dataset, Settings], T],
) -> Callable[Concatenate[Dataset, Settings], T]:
    """Remember what a function of a dataset and settings returned, likewise, whatever is learnt from."""

    def key(dataset: Dataset, /, *args: Settings.args, **kwargs: Settings.kwargs) -> Hashable:
        return dataset.fingerprint, args, tuple(sorted(kwargs.items()))

    return _remembered(compute, key)


def _remembered(compute: Callable[Asked, T], key_of: Callable[Asked, Hashable]) -> Callable[Asked, T]:
    """Remember the last few results of a function by the keys of its arguments."""
    kept: OrderedDict[Hashable, T] = OrderedDict()

    def remembered(*args: Asked.args, **kwargs: Asked.kwargs) -> T:
        key = key_of(*args, **kwargs)
        if key not in kept:
            kept[key] = compute(*args, **kwargs)
            while len(kept) > KEPT:
                kept.popitem(last=False)
        kept.move_to_end(key)
        return kept[key]

    return functools.update_wrapper(remembered, compute)
