"""How ratings are spread over their scale."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.audit.counted import Counted
from pipeline.metrics import RELEVANT

BARS = 20  # of a histogram, at most
STEPS = 100  # of a unit, in which ratings are told apart exactly
LARGEST = 10_000  # scale whose steps are counted one by one


@dataclass(frozen=True)
class Bar:
    """Ratings of one level, or between two."""

    low: float  # in the source's own unit
    high: float  # equal to `low` for a level; the end of all but the last is left out
    ratings: int


@dataclass(frozen=True)
class Levels:
    """The ratings, in the source's own unit."""

    scale: float  # the maximum
    lowest: float
    highest: float
    mean: float
    relevant: float  # share with y >= 0.8, which is what rankings are measured by
    bars: tuple[Bar, ...]


def levels_of(counted: Counted) -> Levels:
    """Look at the ratings of a dataset."""
    data = counted.dataset
    return Levels(
        scale=data.stars,
        lowest=in_stars(counted.lowest, data.stars),
        highest=in_stars(counted.highest, data.stars),
        mean=float(data.ratings.mean() * data.stars),
        relevant=float((data.ratings >= RELEVANT).mean()),
        bars=tuple(histogram(data.ratings, data.stars)),
    )


def in_stars(y: float, stars: float) -> float:
    """Give a rating in the source's own unit, without the digits that a division by the scale left."""
    return round(y * stars, 9)


def histogram(ratings: NDArray[np.float64], stars: float) -> Sequence[Bar]:
    """Count ratings y (n,) by level where there are at most 20 levels, else within 20 equal spans."""
    if stars <= LARGEST:
        steps = np.rint(ratings * (stars * STEPS)).astype(np.int64)
        if np.abs(steps - ratings * (stars * STEPS)).max() < 1e-6 * stars * STEPS:
            counts = np.bincount(steps)
            levels = np.flatnonzero(counts)
            if len(levels) <= BARS:
                return [Bar(step / STEPS, step / STEPS, int(counts[step])) for step in levels.tolist()]
    counts, ends = np.histogram(ratings * stars, BARS)
    return [
        Bar(low, high, count)
        for low, high, count in zip(ends[:-1].tolist(), ends[1:].tolist(), counts.tolist(), strict=True)
    ]
