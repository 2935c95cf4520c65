"""Work on many users, a block at a time: what is held at once does not grow with the data."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

# Users scored at once: a block of scores that stays in the processor's cache.
BLOCK = 96
# Bytes that a block of rows may take, where rows are long; beyond, fewer rows make a block.
BLOCK_BYTES = 2**25


def blocks_of(n: int, size: int = BLOCK) -> Iterator[slice]:
    """Cut 0, 1, …, n - 1 into blocks."""
    for start in range(0, n, size):
        yield slice(start, min(start + size, n))


def n_blocks(n: int, size: int = BLOCK) -> int:
    """Count the blocks that `blocks_of` makes."""
    return -(-n // size)


def rows_at_once(bytes_a_row: int) -> int:
    """Say how many rows make a block, at least one."""
    return max(1, BLOCK_BYTES // max(bytes_a_row, 1))


def starts_of(owners: NDArray[np.integer], n: int) -> NDArray[np.intp]:
    """Find where the rows of each of n owners begin, sorted by owner, and where the last end: (n + 1,)."""
    # Looked up in their own type: numpy would convert all rows to that of the question.
    return np.searchsorted(owners, np.arange(n + 1, dtype=owners.dtype))
