import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from same_bits import assert_same_bits

from pipeline.parameters import InvalidInput
from pipeline.sources import assemble
from pipeline.sources.assemble import SPAN, RatingColumns, in_order, rated_again, rating_order, shares

FEW = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4), st.integers(-3, 3)), max_size=40)
HIGHEST = 2**31 - 1


def columns(rows: list[tuple[int, int, int]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    users, movies, times = np.array(rows, dtype=np.int64).reshape(-1, 3).T
    return users.astype(np.int32), movies.astype(np.int32), times


@given(FEW)
@settings(deadline=None)
def test_ratings_are_ordered_by_user_then_time_then_movie_and_equal_ones_stay(
    rows: list[tuple[int, int, int]],
) -> None:
    users, movies, times = columns(rows)
    np.testing.assert_array_equal(rating_order(users, movies, times), np.lexsort((movies, times, users)))


def test_the_highest_numbers_and_the_longest_time_are_ordered_too() -> None:
    rows = [(HIGHEST, 0, SPAN - 9), (HIGHEST, HIGHEST, -8), (0, HIGHEST, SPAN - 9), (HIGHEST, 1, -8)]
    assert rating_order(*columns(rows)).tolist() == [2, 3, 1, 0]


def test_times_that_are_no_seconds_are_refused() -> None:
    with pytest.raises(
        InvalidInput, match=r"^timestamps must be seconds within 136 years, got -1 to 4294967295$"
    ):
        rating_order(*columns([(0, 0, -1), (0, 1, SPAN - 1)]))


@given(FEW)
@settings(deadline=None)
def test_who_rated_a_movie_again_is_found(rows: list[tuple[int, int, int]]) -> None:
    users, movies, _ = columns(rows)
    pairs = list(zip(users.tolist(), movies.tolist(), strict=True))
    assert rated_again(users, movies).tolist() == sorted(
        [user, movie] for user, movie in set(pairs) if pairs.count((user, movie)) > 1
    )


@given(counts=st.lists(st.integers(0, 9), max_size=30), at_most=st.integers(1, 20))
@settings(deadline=None)
def test_shares_are_all_users_in_order_and_as_large_as_they_may_be(counts: list[int], at_most: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(assemble, "CHUNK", at_most)
        found = list(shares(np.array(counts, dtype=np.int64)))
    assert [user for share in found for user in range(share.start, share.stop)] == list(range(len(counts)))
    for share in found:
        assert share.stop - share.start == 1 or sum(counts[share]) <= at_most
        if share.stop < len(counts):
            assert sum(counts[share.start : share.stop + 1]) > at_most, "one user more would not fit"


@given(rows=FEW, at_most=st.integers(1, 20))
@settings(deadline=None)
def test_parts_of_later_and_later_users_are_joined_in_order(
    rows: list[tuple[int, int, int]], at_most: int
) -> None:
    users, movies, times = columns(sorted(rows, key=lambda row: row[0]))
    ratings = np.arange(len(users)) / 100
    counts = np.bincount(users, minlength=5)
    starts = np.concatenate(([0], np.cumsum(counts)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(assemble, "CHUNK", at_most)
        cuts = [slice(starts[share.start], starts[share.stop]) for share in shares(counts)]
    parts = (RatingColumns(users[cut], movies[cut], ratings[cut], times[cut]) for cut in cuts)
    found = in_order(parts, len(users))
    order = np.lexsort((movies, times, users))
    assert_same_bits(
        [found.users, found.movies, found.ratings, found.timestamps],
        [users[order], movies[order], ratings[order], times[order]],
    )
