"""How a kernel is compiled: kept on disk, without Python's lock, dividing as numpy does."""

from collections.abc import Callable
from typing import TypeVar, cast

from numba import njit

F = TypeVar("F", bound=Callable[..., object])


def kernel(function: F) -> F:
    """Compile a function at its first call, or read what was compiled from beside its source."""
    return cast(F, njit(cache=True, nogil=True, error_model="numpy")(function))
