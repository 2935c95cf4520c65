"""Which ratings are learnt from, which choose a configuration, and which are only looked at."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from pipeline.dataset import Dataset
from pipeline.parameters import InvalidInput, parameter


@dataclass(frozen=True, kw_only=True)
class SplitSettings(ABC):
    """Where the parts end in an order of time; a protocol says which order that is."""

    train_until: float = parameter(0.6, "position in the order of time where training ends", low=0, high=1)
    validation_until: float = parameter(
        0.8, "position in the order of time where validation ends", low=0, high=1
    )
    test_until: float = parameter(
        1.0, "position in the order of time where the test ends; what lies beyond is unused", low=0, high=1
    )

    lacking: ClassVar[str]  # why a part can be left without a rating

    def conflicts(self) -> Iterator[str]:
        if not 0 < self.train_until < self.validation_until < self.test_until:
            yield (
                "train_until must be above 0 and below validation_until "
                f"({self.validation_until}), which must be below test_until ({self.test_until}); "
                f"got {self.train_until}"
            )

    @abstractmethod
    def positions(self, dataset: Dataset) -> NDArray[np.float64]:
        """Place each rating in (0, 1): (n_ratings,)."""


@dataclass(frozen=True, kw_only=True)
class PerUserTimeline(SplitSettings):
    """Each user's ratings in the order of time: the first train, the next validate, the last test.

    Other users' later ratings train, too: it asks for a user's next movies, not for tomorrow's.
    """

    lacking = "its users have too few ratings"

    def positions(self, dataset: Dataset) -> NDArray[np.float64]:
        """Place the k-th of a user's n ratings, by time, then movie, at (k + 0.5) / n."""
        counts = np.bincount(dataset.users, minlength=dataset.n_users)
        first = np.cumsum(counts) - counts
        rank = np.arange(dataset.n_ratings) - first[dataset.users]
        return (rank + 0.5) / counts[dataset.users]


@dataclass(frozen=True, kw_only=True)
class Timeline(SplitSettings):
    """All ratings in the order of time: those before t1 train, those before t2 validate, the rest tests.

    t1 and t2 are the times of the ratings at `train_until` and `validation_until`. Nothing that is learnt
    comes from a moment that is predicted (Ji, Sun et al. 2023, TOIS 41(3)); many users are in one part only.
    """

    lacking = "its ratings are of too few moments"

    def positions(self, dataset: Dataset) -> NDArray[np.float64]:
        """Place the k-th of all n ratings at (k + 0.5) / n; those of one moment all where its last lies."""
        # Where the last lies: a moment is then before an end if all of it is, and no end divides it.
        order = np.argsort(dataset.timestamps)
        moments = dataset.timestamps[order]
        ends = np.flatnonzero(np.append(moments[1:] != moments[:-1], True)) + 1
        # Filled in rather than looked up one by one: on 25M ratings that took three times as long.
        until = np.empty(dataset.n_ratings, dtype=np.intp)
        until[order] = np.repeat(ends, np.diff(ends, prepend=0))
        return np.asarray((until - 0.5) / dataset.n_ratings)


SPLITS: dict[str, type[SplitSettings]] = {"per_user": PerUserTimeline, "timeline": Timeline}


@dataclass(frozen=True, eq=False)
class Split:
    """Three disjoint masks over the ratings of a dataset, each (n_ratings,)."""

    train: NDArray[np.bool_]
    validation: NDArray[np.bool_]
    test: NDArray[np.bool_]


def split_ratings(dataset: Dataset, settings: SplitSettings) -> Split:
    """Split the ratings where the settings' order of time passes the end of a part.

    Raises:
        InvalidInput: where a part is left without any rating.

    """
    ends = (settings.train_until, settings.validation_until, settings.test_until)
    part = np.searchsorted(ends, settings.positions(dataset), side="right")
    split = Split(train=part == 0, validation=part == 1, test=part == 2)
    for name in ("train", "validation", "test"):
        if not getattr(split, name).any():
            raise InvalidInput(f"split leaves no rating to {name}; {settings.lacking}")
    return split
