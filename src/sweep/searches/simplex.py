"""Weights that share one whole, drawn so that every mix is equally likely.

Each weight has a coordinate u in (0, 1); its size is -log(1 - u), and sizes are divided by their sum. With
uniform coordinates the sizes are exponential and the weights follow Dirichlet(1, …, 1), the uniform
distribution on the simplex (Devroye 1986, chapter XI.4). Uniform weights that are merely normalised would
crowd in the middle.
"""

import math
from collections.abc import Mapping

EDGE = 1e-9
# Weights of 0.4 and 0.15 are still that after a way through `coordinates` and back.
DIGITS = 12


def weights(coordinates: Mapping[str, float], whole: float = 1.0) -> dict[str, float]:
    """Turn coordinates in [0, 1] into weights of the same names that sum to `whole`."""
    sizes = {name: -math.log1p(-min(u, 1 - EDGE)) for name, u in coordinates.items()}
    total = sum(sizes.values())
    if total <= 0:
        return dict.fromkeys(coordinates, whole / len(coordinates))
    return {name: round(whole * (size / total), DIGITS) for name, size in sizes.items()}


def coordinates(mix: Mapping[str, float]) -> dict[str, float]:
    """Find coordinates that `weights` turns into a mix with these proportions; weights at least 0."""
    total = sum(mix.values())
    if total <= 0:
        return dict.fromkeys(mix, 0.5)
    # Only proportions matter; sizes are made to sum to what independent draws sum to on average.
    return {name: -math.expm1(-len(mix) * weight / total) for name, weight in mix.items()}
