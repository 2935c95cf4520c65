"""What data must have for a hyperparameter to matter; each declares its needs where it is defined."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from pipeline.audit.counted import Counted
from pipeline.decision import FEWEST
from pipeline.rating_process import FORETOLD_FROM

NO_FRANCHISE = "no movie belongs to a franchise"


@dataclass(frozen=True)
class Need:
    """One thing that data may lack.

    All ratings are looked at. A model learns from some of them: what all lack, some lack, too.
    """

    is_there: Callable[[Counted], bool]
    lacking: str  # what is said where it is not there
    is_any: Callable[[Counted], bool] = lambda _: True
    nothing: str = ""  # what is said where there is not any of it, of no use either

    def why(self, counted: Counted) -> str:
        """Say why it is not there."""
        return self.lacking if self.is_any(counted) else self.nothing


def _genres(counted: Counted) -> bool:
    return bool((np.diff(counted.dataset.genres.indptr)[counted.of_movie > 0] > 0).any())


def _casts(counted: Counted) -> bool:
    """Say whether a rated movie shares an actor with another movie."""
    billing = counted.dataset.billing
    shared = np.bincount(billing.indices, minlength=billing.shape[1])[billing.indices] > 1
    movies = np.repeat(np.arange(billing.shape[0]), np.diff(billing.indptr))
    return bool((shared & (counted.of_movie[movies] > 0)).any())


def _franchises(counted: Counted) -> bool:
    return bool((counted.dataset.franchises[counted.of_movie > 0] >= 0).any())


def _any_franchise(counted: Counted) -> bool:
    return bool((counted.dataset.franchises >= 0).any())


def _sequels(counted: Counted) -> bool:
    """Say whether a user's ratings of one franchise add up to more than one film of five stars."""
    data = counted.dataset
    franchise = data.franchises[data.movies].astype(np.int64)
    inside = np.flatnonzero(franchise >= 0)
    keys = data.users[inside].astype(np.int64) * (int(data.franchises.max(initial=0)) + 1) + franchise[inside]
    order = np.argsort(keys, kind="stable")
    begins = np.flatnonzero(np.diff(keys[order], prepend=-1))
    sums = np.add.reduceat(data.ratings[inside][order], begins) if len(begins) else np.zeros(0)
    return bool((sums > 1).any())


def _years(counted: Counted) -> bool:
    return bool((counted.dataset.years[counted.of_movie > 0] > 0).any())


def _foretold(counted: Counted) -> bool:
    late = counted.of_user - np.ceil(FORETOLD_FROM * counted.of_user)
    return bool(late.sum() >= FEWEST)


NEEDS: dict[str, Need] = {
    "genres": Need(
        _genres,
        "no rated movie has a genre",
        lambda counted: counted.dataset.genres.nnz > 0,
        "no movie has a genre",
    ),
    "casts": Need(
        _casts,
        "no rated movie shares an actor with another",
        lambda counted: counted.dataset.billing.nnz > 0,
        "no movie has a cast",
    ),
    "franchises": Need(_franchises, "no rated movie belongs to a franchise", _any_franchise, NO_FRANCHISE),
    "sequels": Need(_sequels, "no user rated two films of one franchise well", _any_franchise, NO_FRANCHISE),
    "years": Need(
        _years,
        "no rated movie has a year",
        lambda counted: bool(counted.dataset.years.any()),
        "no movie has a year",
    ),
    "times": Need(lambda counted: counted.is_ordered, "no user rated at two different times"),
    "order": Need(
        lambda counted: counted.is_ordered,
        "no user rated at two different times, so that the order is that of the movie ids",
    ),
    "levels": Need(lambda counted: counted.lowest < counted.highest, "all ratings are equal"),
    "opinions": Need(lambda counted: bool(counted.changes.any()), "no user gave two different ratings"),
    "likes": Need(
        lambda counted: bool(((counted.likes > 0) & (counted.of_user > 1)).any()),
        "nobody rated another movie beside one with four fifths of the best rating or more",
    ),
    "pairs": Need(
        lambda counted: bool((counted.likes > 1).any()),
        "nobody gave two movies four fifths of the best rating or more",
    ),
    "foretold": Need(_foretold, f"of users' last quarters together there are fewer than {FEWEST} ratings"),
}
