"""Whose rankings are measured where ranking for everybody would take too long, and what that leaves open."""

from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from pipeline.metrics import PerUser

# Another key is another order of users, and so another sample.
ORDER_KEY = b"reeltune"
# Standard deviations on either side of a mean within which 95 of 100 samples lie.
SIGMAS = 1.959963984540054


def drawing_order(user_ids: NDArray[np.str_]) -> NDArray[np.uint64]:
    """Number users by the hash of their id, in which order they are drawn: (n_users,).

    An id's number hangs on nothing else: a smaller sample is part of a larger one, and users who join
    change it only where they are drawn themselves.
    """
    digests = (blake2b(str(user).encode(), digest_size=8, key=ORDER_KEY).digest() for user in user_ids)
    return np.frombuffer(b"".join(digests), dtype="<u8").astype(np.uint64)


def first_drawn(order: NDArray[np.uint64], asked: NDArray[np.bool_], n: int) -> NDArray[np.intp]:
    """Draw n of the users in a mask (n_users,), or all where they are fewer: indices, ascending."""
    candidates = np.flatnonzero(asked)
    return np.sort(candidates[np.argsort(order[candidates], kind="stable")[:n]])


@dataclass(frozen=True)
class RankingSample:
    """On whom the ranking metrics of one part were measured, and where those of all users would lie.

    Intervals are those of a mean of a sample drawn without replacement: nothing is open where everybody was
    asked. Coverage grows with every user who is asked, so it is that of the sample, and has no interval.
    """

    users: int  # with held-out ratings whose rankings were measured
    of: int  # users with held-out ratings
    ndcg: tuple[float, float] | None  # 95% interval; None where the metric is not defined
    recall: tuple[float, float] | None

    @property
    def is_everybody(self) -> bool:
        return self.users == self.of


def ranking_sample(per_user: PerUser) -> RankingSample | None:
    """Tell on whom rankings were measured; None where nothing was ranked."""
    asked = per_user.ratings.any(axis=1)
    ranked = asked & (per_user.ranking != 0)
    if not ranked.any():
        return None
    users, of = int(ranked.sum()), int(asked.sum())
    open_share = 1 - users / of
    return RankingSample(
        users, of, _interval(per_user.ndcg, open_share), _interval(per_user.recall, open_share)
    )


def _interval(values: NDArray[np.float64], open_share: float) -> tuple[float, float] | None:
    """Bound the mean of all users by that of a sample (NaN where not defined), of which a share is open."""
    defined = values[~np.isnan(values)]
    if len(defined) == 0:
        return None
    spread = float(defined.std(ddof=1)) if len(defined) > 1 else 1.0  # one alone says nothing of others
    half = SIGMAS * spread * np.sqrt(open_share / len(defined))
    mean = float(defined.mean())
    return max(0.0, mean - half), min(1.0, mean + half)
