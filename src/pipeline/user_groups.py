"""What a model is worth to newcomers and to regulars: by how many ratings of a user it learnt from."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.metrics import PerUser, mean_or_none

# Fitted ratings at which a group begins. No user of MovieLens-100K has fewer than 12 when each user's own
# ratings are split; on the timeline two thirds of those who are measured have none.
BEGINS = (0, 1, 10, 30, 100)


@dataclass(frozen=True)
class UserGroup:
    """Users of whom the model was fitted on about as many ratings; None where a metric is not defined."""

    at_least: int  # fitted ratings of each user
    at_most: int | None  # None for the last group, which has no end
    users: int  # of them, those with held-out ratings
    ratings: int  # held out of them
    accuracy: float | None
    rmse: float | None  # in stars
    ndcg: float | None
    recall: float | None


def user_groups(per_user: PerUser) -> list[UserGroup]:
    """Measure every group by itself, the newcomers first; those without users are there, too."""
    group = np.searchsorted(BEGINS, per_user.fitted, side="right") - 1
    ends = [*(begin - 1 for begin in BEGINS[1:]), None]
    return [
        _measured(per_user, group == place, begin, end)
        for place, (begin, end) in enumerate(zip(BEGINS, ends, strict=True))
    ]


def _measured(per_user: PerUser, inside: NDArray[np.bool_], at_least: int, at_most: int | None) -> UserGroup:
    """Measure the users of a mask (n_users,), each rating counting once and each ranking once."""
    held_out = per_user.ratings[inside].sum(axis=1)
    n, squares = int(held_out.sum()), float(per_user.squares[inside].sum())
    is_predicted = n > 0 and not np.isnan(squares)
    return UserGroup(
        at_least=at_least,
        at_most=at_most,
        users=int((held_out > 0).sum()),
        ratings=n,
        accuracy=float(per_user.hits[inside].sum() / n) if is_predicted else None,
        rmse=float(np.sqrt(squares / n)) if is_predicted else None,
        ndcg=mean_or_none(per_user.ndcg[inside]),
        recall=mean_or_none(per_user.recall[inside]),
    )
