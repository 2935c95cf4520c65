"""Kernels of `ranking`: the best of each row of scores."""

import numpy as np
from numpy.typing import NDArray

from pipeline.compiled.kernel import kernel

# Scores that are compared at once with the worst of those kept.
AT_ONCE = 32


@kernel
def _rank_one(scores: NDArray[np.float32], kept: NDArray[np.float32], best: NDArray[np.intp]) -> None:
    """Insert one score after the other behind those as good; kept (n,) holds the scores of the best (n,)."""
    found, worst = 0, np.float32(-1)
    for start in range(0, len(scores), AT_ONCE):
        some = scores[start : start + AT_ONCE]
        better = False
        for k in range(len(some)):
            better |= some[k] > worst
        if not better:
            continue
        for k in range(len(some)):
            if some[k] > worst and some[k] >= 0:
                place = min(found, len(kept) - 1)
                while place > 0 and kept[place - 1] < some[k]:
                    kept[place], best[place] = kept[place - 1], best[place - 1]
                    place -= 1
                kept[place], best[place] = some[k], start + k
                found = min(found + 1, len(kept))
                if found == len(kept):
                    worst = kept[-1]


@kernel
def rank(scores: NDArray[np.float32], best: NDArray[np.intp]) -> None:
    """Do what `top_movies` does with scores (n_users, n_movies): best (n_users, n > 0) holds -1 at first."""
    kept = np.empty(best.shape[1], dtype=np.float32)
    for row in range(len(scores)):
        _rank_one(scores[row], kept, best[row])
