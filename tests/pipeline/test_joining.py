"""Ratings that came in, joined to a dataset: which count, and what does not matter."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from same_bits import assert_same_bits
from tiny_data import datasets, tiny

from pipeline.dataset import Dataset
from pipeline.joining import Joined, with_ratings

Row = tuple[str, str, float, int]  # user, movie, y, time

SOME = tiny([(0, 0, 5, 10), (0, 1, 4, 20), (1, 1, 3, 5)], genres=["a", "b", "c"])


def joined(dataset: Dataset, rows: Sequence[Row]) -> Joined:
    users, movies, ratings, times = zip(*rows, strict=True) if rows else ((), (), (), ())
    return with_ratings(dataset, users, movies, ratings, times)


def rows_of(dataset: Dataset) -> list[Row]:
    return [
        (str(dataset.user_ids[user]), str(dataset.movie_ids[movie]), y, time)
        for user, movie, y, time in zip(
            dataset.users.tolist(),
            dataset.movies.tolist(),
            dataset.ratings.tolist(),
            dataset.timestamps.tolist(),
            strict=True,
        )
    ]


def came_in() -> st.SearchStrategy[list[Row]]:
    """Draw ratings of users and movies that mostly exist, often of one pair twice and at one moment."""
    row: Any = st.tuples(
        st.sampled_from(["0", "1", "2", "17", "ann"]),
        st.sampled_from(["0", "1", "2", "unheard of"]),
        st.sampled_from([0.2, 0.6, 1.0]),
        st.integers(0, 4),
    )
    return st.lists(row, max_size=8)


def test_a_new_user_takes_the_place_of_the_id_among_the_others() -> None:
    found = joined(SOME, [("10", "2", 0.8, 30), ("00", "0", 1.0, 30)]).dataset
    assert found.user_ids.tolist() == ["0", "00", "1", "10"]
    assert rows_of(found) == [
        ("0", "0", 1.0, 10),
        ("0", "1", 0.8, 20),
        ("00", "0", 1.0, 30),
        ("1", "1", 0.6, 5),
        ("10", "2", 0.8, 30),
    ]


def test_who_rates_again_is_held_to_the_latest_rating() -> None:
    found = joined(SOME, [("0", "0", 0.2, 30), ("0", "1", 0.2, 19), ("1", "1", 0.4, 6), ("1", "1", 0.8, 7)])
    # The second came in before the one that the dataset has of it.
    assert rows_of(found.dataset) == [("0", "1", 0.8, 20), ("0", "0", 0.2, 30), ("1", "1", 0.8, 7)]
    assert found.came_in.tolist() == [False, True, True]


def test_of_one_moment_the_higher_rating_counts() -> None:
    found = joined(SOME, [("1", "1", 0.4, 5), ("1", "2", 0.4, 9), ("1", "2", 0.6, 9)])
    assert rows_of(found.dataset)[2:] == [("1", "1", 0.6, 5), ("1", "2", 0.6, 9)]
    assert found.came_in.tolist() == [False, False, False, True]


def test_ratings_of_movies_that_the_catalogue_does_not_have_are_counted_and_left_out() -> None:
    found = joined(SOME, [("new", "Solaris", 1.0, 30), ("0", "Solaris", 1.0, 30), ("0", "2", 0.6, 30)])
    assert found.n_left_out == 2
    assert found.dataset.user_ids.tolist() == ["0", "1"]
    assert found.dataset.n_ratings == 4


def test_the_fingerprint_tells_what_was_joined() -> None:
    one, other = (joined(SOME, [("0", "2", y, 30)]).dataset.fingerprint for y in (0.6, 0.8))
    assert len({SOME.fingerprint, one, other}) == 3


@given(datasets(at_least=3))
def test_joining_nothing_changes_nothing(dataset: Dataset) -> None:
    for rows in ([], [("0", "unheard of", 1.0, 1)], rows_of(dataset)):
        found = joined(dataset, rows)
        assert_same_bits(found.dataset, dataset)
        assert found.dataset.fingerprint == dataset.fingerprint
        assert not found.came_in.any()


@given(datasets(at_least=3), came_in(), st.randoms())
def test_neither_the_order_nor_the_number_of_times_matters(
    dataset: Dataset, rows: list[Row], random: Any
) -> None:
    once = joined(dataset, rows)
    shuffled = random.sample(rows, len(rows))
    half = joined(joined(dataset, shuffled[: len(rows) // 2]).dataset, shuffled[len(rows) // 2 :])
    for found in (joined(dataset, shuffled), joined(once.dataset, rows), half):
        assert_same_bits(found.dataset, once.dataset)


@given(datasets(at_least=3), came_in())
def test_every_pair_has_one_rating_and_nobody_is_lost(dataset: Dataset, rows: list[Row]) -> None:
    found = joined(dataset, rows)
    expected: dict[tuple[str, str], tuple[int, float]] = {}
    for user, movie, y, time in [*rows_of(dataset), *rows]:
        if movie in dataset.movie_ids:
            expected[user, movie] = max(expected.get((user, movie), (-1, 0.0)), (time, y))
    assert {(user, movie): (time, y) for user, movie, y, time in rows_of(found.dataset)} == expected
    assert found.dataset.n_ratings == len(expected)
    keys = (found.dataset.movies, found.dataset.timestamps, found.dataset.users)
    np.testing.assert_array_equal(np.lexsort(keys), np.arange(len(expected)))
    assert set(dataset.user_ids.tolist()) <= set(found.dataset.user_ids.tolist())


def test_wide_ids_of_a_source_stay_as_wide() -> None:
    wide = dataclasses.replace(SOME, user_ids=SOME.user_ids.astype("<U21"))
    assert_same_bits(joined(wide, rows_of(wide)).dataset, wide)


@pytest.mark.parametrize("field", ["titles", "years", "genres", "billing", "franchises", "movie_ids", "name"])
def test_what_is_known_of_the_movies_stays(field: str) -> None:
    assert getattr(joined(SOME, [("7", "0", 1.0, 1)]).dataset, field) is getattr(SOME, field)
