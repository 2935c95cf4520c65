"""The scale that ratings are given on: found in the ratings themselves, or told."""

import numpy as np
from numpy.typing import NDArray

from pipeline.parameters import InvalidInput

SCALES = (1.0, 5.0, 10.0, 100.0)  # maxima; 1 is thumbs, down 0 and up 1, or shares


def scale_of(lowest: float, highest: float, given: float | None = None) -> float:
    """Return the scale's maximum: the one that was given, else the smallest usual one that holds all ratings.

    Args:
        lowest: rating that there is, above or equal 0.
        highest: rating that there is.
        given: maximum that the user told, if any.

    Raises:
        InvalidInput: where a rating lies outside of the scale.

    """
    if lowest < 0:
        raise InvalidInput(f"ratings must be 0 or more, got {lowest:g}")
    if highest == 0:
        raise InvalidInput("ratings must differ from 0 somewhere, got 0 alone")
    known = [scale for scale in SCALES if highest <= scale] if given is None else [given]
    if not known or highest > known[0]:
        must = f"0 to {known[0]:g} (data.scale)" if known else f"0 to {SCALES[-1]:g}, unless data.scale tells"
        raise InvalidInput(f"ratings must be {must}, got {highest:g}")
    return known[0]


def thumbs(ratings: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give -1 and 1 (n,), thumbs down and up, as 0 and 1; anything else stays as it is."""
    is_thumbs = len(ratings) and bool(np.isin(ratings, (-1.0, 1.0)).all()) and bool((ratings < 0).any())
    return (ratings + 1) / 2 if is_thumbs else ratings
