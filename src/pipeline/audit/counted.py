"""A dataset counted over once, for all that is asked of it before anything is learnt."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from pipeline.dataset import Dataset
from pipeline.metrics import RELEVANT


@dataclass(frozen=True, eq=False)
class Counted:
    """Counts of a dataset, each made when it is first asked for; without a loop over ratings or users."""

    dataset: Dataset

    @cached_property
    def of_user(self) -> NDArray[np.intp]:
        """Ratings of each user: (n_users,)."""
        return np.bincount(self.dataset.users, minlength=self.dataset.n_users)

    @cached_property
    def of_movie(self) -> NDArray[np.intp]:
        """Ratings of each movie: (n_movies,)."""
        return np.bincount(self.dataset.movies, minlength=self.dataset.n_movies)

    @cached_property
    def likes(self) -> NDArray[np.intp]:
        """Ratings of y >= 0.8 of each user: (n_users,)."""
        return np.bincount(
            self.dataset.users[self.dataset.ratings >= RELEVANT], minlength=self.dataset.n_users
        )

    @cached_property
    def lowest(self) -> float:
        """Lowest y."""
        return float(self.dataset.ratings.min())

    @cached_property
    def highest(self) -> float:
        """Highest y."""
        return float(self.dataset.ratings.max())

    @cached_property
    def goes_on(self) -> NDArray[np.bool_]:
        """Which ratings are by the user of the one before them: (n_ratings,)."""
        return _like_the_one_before(self.dataset.users)

    @cached_property
    def is_tied(self) -> NDArray[np.bool_]:
        """Which ratings are by the user and of the second of the one before them: (n_ratings,)."""
        return self.goes_on & _like_the_one_before(self.dataset.timestamps)

    @cached_property
    def changes(self) -> NDArray[np.intp]:
        """How often a user's rating differs from the one before it: (n_users,)."""
        differs = self.goes_on & ~_like_the_one_before(self.dataset.ratings)
        return np.bincount(self.dataset.users[differs], minlength=self.dataset.n_users)

    @cached_property
    def crowded(self) -> NDArray[np.intp]:
        """Ratings of each user within the second that has most of them: (n_users,)."""
        begins = np.flatnonzero(~self.is_tied)
        lengths = np.diff(np.append(begins, self.dataset.n_ratings))
        most = np.zeros(self.dataset.n_users, dtype=np.intp)
        np.maximum.at(most, self.dataset.users[begins], lengths)
        return most

    @property
    def share_tied(self) -> float:
        """Share of the ratings that are of the second of another one by their user."""
        tied = self.is_tied.copy()
        tied[:-1] |= self.is_tied[1:]
        return float(tied.mean())

    @property
    def is_ordered(self) -> bool:
        """Say whether any user rated at two different times."""
        return bool((self.goes_on & ~self.is_tied).any())

    @property
    def longest_cast(self) -> int:
        """Billing positions of the longest cast."""
        return int(self.dataset.billing.data.max(initial=0))


def _like_the_one_before(values: NDArray[np.generic]) -> NDArray[np.bool_]:
    found = np.zeros(len(values), dtype=np.bool_)
    np.equal(values[1:], values[:-1], out=found[1:])
    return found
