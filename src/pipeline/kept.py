"""What is computed once per dataset or training set, and then shared by all trials that ask for the same."""

import functools
import hashlib
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, Concatenate, ParamSpec, TypeVar, get_type_hints

import numpy as np
import scipy
from numpy.typing import NDArray

from pipeline.dataset import Dataset
from pipeline.derived import derived
from pipeline.provenance import code_version

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
        return dataset.fingerprint, _digest(train), args, tuple(sorted(kwargs.items()))

    return _remembered(compute, key)


def once_per_dataset(
    compute: Callable[Concatenate[Dataset, Settings], T],
) -> Callable[Concatenate[Dataset, Settings], T]:
    """Remember what a function of a dataset and settings returned, likewise, whatever is learnt from."""

    def key(dataset: Dataset, /, *args: Settings.args, **kwargs: Settings.kwargs) -> Hashable:
        return dataset.fingerprint, args, tuple(sorted(kwargs.items()))

    return _remembered(compute, key)


def shared_per_training_set(
    compute: Callable[[Dataset, NDArray[np.bool_]], T],
) -> Callable[[Dataset, NDArray[np.bool_]], T]:
    """Remember what no hyperparameter touches likewise, and let all processes map one copy of it."""

    def shared(dataset: Dataset, train: NDArray[np.bool_]) -> T:
        name, kind = _name_and_type(compute)
        return derived(dataset, name, shared_key(dataset, train), lambda: compute(dataset, train), kind)

    return once_per_training_set(functools.update_wrapper(shared, compute))


def shared_per_dataset(compute: Callable[[Dataset], T]) -> Callable[[Dataset], T]:
    """Remember and share likewise, whatever is learnt from."""

    def shared(dataset: Dataset) -> T:
        name, kind = _name_and_type(compute)
        return derived(dataset, name, shared_key(dataset), lambda: compute(dataset), kind)

    return once_per_dataset(functools.update_wrapper(shared, compute))


def shared_key(dataset: Dataset, *masks: NDArray[np.bool_]) -> str:
    """Hash what decides a result of a dataset and masks over its ratings, by today's code and libraries."""
    decides = (dataset.fingerprint, *map(_digest, masks), code_version(), np.__version__, scipy.__version__)
    return hashlib.sha256(" ".join(decides).encode()).hexdigest()[:16]


def _name_and_type(function: Callable[..., object]) -> tuple[str, Any]:
    return f"{function.__module__}.{function.__qualname__}", get_type_hints(function)["return"]


def _digest(train: NDArray[np.bool_]) -> str:
    return hashlib.sha256(np.packbits(train).tobytes()).hexdigest()


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
