"""Which ratings are learnt from, which choose a configuration, and which are only looked at."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.dataset import Dataset
from pipeline.parameters import InvalidInput, parameter


@dataclass(frozen=True, kw_only=True)
class PerUserTimeline:
    """Each user's ratings in the order of time: the first train, the next validate, the last test."""

    train_until: float = parameter(0.6, "position in the user's history where training ends", low=0, high=1)
    validation_until: float = parameter(
        0.8, "position in the user's history where validation ends", low=0, high=1
    )

    def conflicts(self) -> Iterator[str]:
        if not 0 < self.train_until < self.validation_until < 1:
            yield (
                "train_until must be above 0 and below validation_until "
                f"({self.validation_until}), which must be below 1; got {self.train_until}"
            )


SPLITS: dict[str, type[PerUserTimeline]] = {"per_user": PerUserTimeline}


@dataclass(frozen=True, eq=False)
class Split:
    """Three disjoint masks over the ratings of a dataset, each (n_ratings,)."""

    train: NDArray[np.bool_]
    validation: NDArray[np.bool_]
    test: NDArray[np.bool_]


def split_ratings(dataset: Dataset, settings: PerUserTimeline) -> Split:
    """Split each user's ratings by time, ties by movie: the k-th of n lies at (k + 0.5) / n.

    Raises:
        InvalidInput: where a part is left without any rating.

    """
    position = _position_in_history(dataset)
    split = Split(
        train=position < settings.train_until,
        validation=(position >= settings.train_until) & (position < settings.validation_until),
        test=position >= settings.validation_until,
    )
    for part in ("train", "validation", "test"):
        if not getattr(split, part).any():
            raise InvalidInput(f"split leaves no rating to {part}; its users have too few ratings")
    return split


def _position_in_history(dataset: Dataset) -> NDArray[np.float64]:
    """Place each rating in (0, 1) of its user's history; ratings are already in the order of time."""
    counts = np.bincount(dataset.users, minlength=dataset.n_users)
    first = np.cumsum(counts) - counts
    rank = np.arange(dataset.n_ratings) - first[dataset.users]
    return (rank + 0.5) / counts[dataset.users]
