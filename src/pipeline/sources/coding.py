"""Columns as distinct values and codes, so that work on ids is done once for each id and not for each row."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Coded:
    """A column of n rows."""

    values: Sequence[Any]  # (n_values,) what occurs in it; one may be there more than once
    codes: NDArray[np.int32]  # (n,) index of each row's value


def coded(column: Sequence[Any]) -> Coded:
    """Find the distinct values of a column (n,); those of different types differ, 1 is not true."""
    mixed = len(set(map(type, column)) - {type(None)}) > 1
    keys = list(zip(map(type, column), column, strict=True)) if mixed else column
    try:
        places = {key: place for place, key in enumerate(dict.fromkeys(keys))}
    except TypeError:  # lists and the like, which have no hash
        return Coded(column, np.arange(len(column), dtype=np.int32))
    codes = np.fromiter(map(places.__getitem__, keys), dtype=np.int32, count=len(column))
    return Coded([key[1] for key in places] if mixed else list(places), codes)
