"""Of several ratings of a movie by one user the latest is marked, of one moment the higher."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.sources.gathering import latest_of

Rating = tuple[int, int, int, int]  # user, movie, time, stars
FEW = st.integers(0, 3)


@given(st.lists(st.tuples(FEW, FEW, FEW, FEW), max_size=30), st.integers(1, 9))
def test_one_rating_of_each_pair_is_marked_and_none_is_later_or_higher(
    ratings: list[Rating], share: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipeline.sources.assemble.CHUNK", share)
        users, movies, times, stars = np.array(ratings, dtype=np.int32).reshape(-1, 4).T
        is_latest = latest_of(users, movies, times, stars, n_users=4)
    best: dict[tuple[int, int], Rating] = {}
    for rating in sorted(ratings, key=lambda rating: rating[2:]):
        best[rating[:2]] = rating
    marked = [rating for rating, is_marked in zip(ratings, is_latest, strict=True) if is_marked]
    assert sorted(marked) == sorted(best.values())
