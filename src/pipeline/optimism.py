"""How much of the winner's score is the luck of having been picked as the best of many."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.metrics import PerUser
from pipeline.resampling import Terms, resamples, terms_of

# A mean needs fewer resamples than the end of an interval: these know it to 3% of what one resample varies.
SELECTIONS = 1000


@dataclass(frozen=True)
class Optimism:
    """The winner's score, and what the same way of picking is worth on users it did not pick by."""

    score: float  # of the best configuration on all users
    corrected: float  # mean score, on users left out, of what was the best on the others
    n_candidates: int

    @property
    def optimism(self) -> float:
        """What the score promises too much; about 0 for a single candidate."""
        return self.score - self.corrected


def optimism(candidates: Sequence[PerUser], metric: str, seed: int = 0) -> Optimism | None:
    """Correct the best candidate's score for having been picked (BBC-CV: Tsamardinos et al. 2018).

    For each resample of users the candidate that is the best on it, the first of those that tie, is measured
    on the users whom the resample left out. A resample has 63% of the users, so that picking from all of
    them is, if anything, a little better than the corrected score says.

    Args:
        candidates: each measured on the same held-out ratings; all that were picked from, not the best alone.
        metric: accuracy, balanced_accuracy or ndcg.
        seed: of the resampling.

    Returns:
        None without candidates, and where fewer than two users count in the metric.

    """
    if not candidates:
        return None
    terms = terms_of(candidates, metric)
    if terms.n_users < 2:
        return None
    unseen = [_on_left_out(terms, counts) for counts in resamples(len(terms.sizes), SELECTIONS, seed)]
    return Optimism(
        score=float(terms.over_everybody().max()),
        corrected=float(np.concatenate(unseen).mean()),
        n_candidates=len(candidates),
    )


def _on_left_out(terms: Terms, counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Pick on each resample and measure on whom it left out; resamples with nobody who counts are no use."""
    left_out = (counts == 0).astype(np.float64)
    usable = (left_out @ terms.carriers > 0) & (counts @ terms.carriers > 0)
    picked = terms.over(counts[usable]).argmax(axis=1)
    return np.take_along_axis(terms.over(left_out[usable]), picked[:, None], axis=1).ravel()
