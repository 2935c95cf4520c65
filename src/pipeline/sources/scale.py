"""The scale that ratings are given on: found in the ratings themselves, or told."""

import numpy as np
from numpy.typing import NDArray

from pipeline.parameters import InvalidInput

SCALES = (1.0, 5.0, 10.0, 100.0)  # maxima; 1 is thumbs, down 0 and up 1, or shares


class OffTheScale(InvalidInput):
    """A rating that no scale has; whoever knows the row puts it in front."""

    def __init__(self, problem: str, *, is_low: bool = False) -> None:
        super().__init__(problem)
        self.is_low = is_low  # it is the lowest rating, not the highest


def scale_of(lowest: float, highest: float, given: float | None = None) -> float:
    """Return the scale's maximum: the one that was given, else the smallest usual one that holds all ratings.

    Args:
        lowest: rating that there is, above or equal 0.
        highest: rating that there is.
        given: maximum that the user told, if any.

    Raises:
        OffTheScale: where a rating lies outside of the scale.

    """
    if lowest < 0:
        raise OffTheScale(f"ratings must be 0 or more, got {lowest:g}", is_low=True)
    if highest == 0:
        raise OffTheScale("ratings must differ from 0 somewhere, got 0 alone", is_low=False)
    known = [scale for scale in SCALES if highest <= scale] if given is None else [given]
    if not known or highest > known[0]:
        must = f"0 to {known[0]:g} (data.scale)" if known else f"0 to {SCALES[-1]:g}, unless data.scale tells"
        raise OffTheScale(f"ratings must be {must}, got {highest:g}", is_low=False)
    return known[0]


def thumbs(ratings: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give -1 and 1 (n,), thumbs down and up, as 0 and 1; anything else stays as it is."""
    is_thumbs = len(ratings) and bool(np.isin(ratings, (-1.0, 1.0)).all()) and bool((ratings < 0).any())
    return (ratings + 1) / 2 if is_thumbs else ratings
