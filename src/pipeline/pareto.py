"""Which configurations are a choice where more than one number matters."""

import numpy as np
from numpy.typing import NDArray


def pareto_front(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Mark the configurations that no other dominates (Pareto efficiency, as in Deb et al. 2002).

    One dominates another when it is at least as good in every number and better in one. Equal
    configurations do not dominate each other, so that all or none of them are marked. A configuration with
    an undefined number (NaN) neither dominates nor is marked.

    Args:
        values: (n, n_objectives) higher is better.

    Returns:
        (n,) empty for no configurations.

    """
    # Comparing whole columns is an order of magnitude faster than rows of two or three.
    columns = np.ascontiguousarray(values.T)
    dominated = [
        ((columns >= one).all(axis=0) & (columns > one).any(axis=0)).any() for one in values[:, :, None]
    ]
    return ~np.array(dominated, dtype=np.bool_) & ~np.isnan(values).any(axis=1)
