"""Which path does the work: numpy, or numba's kernels (extra `fast`), which give the same bits sooner."""

import os
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

# Numbers that numpy adds up while numba is imported and its kernels are read from disk: about 0.5 s.
IMPORT = 30_000_000
# And while they are compiled, which is done once for a checkout and a processor: 3 to 7 s.
COMPILING = 400_000_000
# Work for a user or a few: no request waits for an import.
SMALL = 20_000

Csr = tuple[NDArray[np.int64], NDArray[np.int32], NDArray[Any]]


class Budget:
    """What numpy may still do in this process before an import is worth its while."""

    def __init__(self, left: int) -> None:
        self.left = left

    def spent(self, work: int) -> bool:
        """Take work from what is left; whether nothing is."""
        self.left = max(self.left - work, 0)
        return self.left == 0


@cache
def budget() -> Budget:
    """Say what this process may leave to numpy: more where kernels are still to be compiled."""
    kept = Path(os.environ.get("NUMBA_CACHE_DIR", Path(__file__).with_name("compiled")))
    return Budget(IMPORT if any(kept.rglob("*.nbi")) else COMPILING)


def compiled(work: int) -> Any | None:
    """Return the module of kernels for much work; None where numpy is to do it.

    A process begins with numpy and changes over once it has done as much as the change costs, so that a
    short one never waits for numba. Which of the two did the work is told by no number.

    Args:
        work: numbers that are added up, give or take.

    """
    if work < SMALL or not budget().spent(work):
        return None
    return _kernels()


@cache
def _kernels() -> Any | None:
    return import_module("pipeline.compiled") if find_spec("numba") else None


def csr(matrix: sparse.csr_array) -> Csr:
    """Take a sparse matrix apart for kernels: row starts, columns, values, always of the same types."""
    return (
        matrix.indptr.astype(np.int64, copy=False),
        matrix.indices.astype(np.int32, copy=False),
        matrix.data,
    )
