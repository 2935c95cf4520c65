"""What is counted of ratings, on data that can be counted by eye."""

import dataclasses
from typing import Any

import numpy as np
import pytest
from bare_data import whole
from hypothesis import given
from hypothesis import strategies as st
from releases import as_released, rows_of, write_release
from tiny_data import datasets, tiny

from pipeline.audit import (
    Known,
    Part,
    Spread,
    Times,
    audited,
    ratings_fingerprint,
)
from pipeline.audit.counted import Counted
from pipeline.audit.levels import Bar, histogram
from pipeline.dataset import Dataset
from pipeline.sources import MovieLens, load
from pipeline.split import PerUserTimeline, Timeline

DAY = 86_400
# Ada rates four movies in a row, Bob two of them at one second, Cy one; movie 4 is never rated.
ROWS = [(0, 0, 5, 0), (0, 1, 4, DAY), (0, 2, 1, 2 * DAY), (0, 3, 4, 4 * DAY)]
ROWS += [(1, 0, 2, DAY), (1, 1, 2, DAY), (2, 0, 5, 2 * DAY)]


def films(**changed: Any) -> Dataset:
    data = tiny(
        ROWS,
        genres=["ab", "a", "", "b", "c"],
        cast=["xy", "x", "", "", "z"],
        franchises=[0, 0, -1, -1, -1],
        years=[1990, 0, 0, 1991, 1992],
    )
    return dataclasses.replace(data, **changed)


FOUND = audited(Counted(films()), PerUserTimeline())


def test_how_much_there_is() -> None:
    assert dataclasses.asdict(FOUND.sizes) == {
        "ratings": 7,
        "users": 3,
        "movies": 5,
        "unrated_movies": 1,
        "genres": 3,
        "actors": 3,
        "franchises": 1,
        "density": 7 / 15,
    }


def test_ratings_are_told_in_the_sources_own_unit() -> None:
    levels = FOUND.levels
    assert (levels.scale, levels.lowest, levels.highest) == (5, 1, 5)
    assert levels.mean == pytest.approx(23 / 7)
    assert levels.relevant == pytest.approx(4 / 7)
    assert levels.bars == (Bar(1, 1, 1), Bar(2, 2, 2), Bar(4, 4, 2), Bar(5, 5, 2))


def test_how_many_ratings_users_and_movies_have() -> None:
    assert FOUND.per_user == Spread(1, 1.5, 2, 3, 4)
    assert FOUND.per_movie == Spread(0, 1, 1, 2, 3)


def test_when_was_rated_and_how_many_share_a_second() -> None:
    times = Times("1970-01-01T00:00:00", "1970-01-05T00:00:00", days=4.0, tied=2 / 7)
    assert FOUND.times == times


def test_what_is_known_is_counted_by_movies_and_by_ratings() -> None:
    assert FOUND.known == (
        Known("title", 1.0, 1.0),
        Known("year", 3 / 5, 4 / 7),
        Known("genres", 4 / 5, 6 / 7),
        Known("cast", 3 / 5, 5 / 7),
        Known("franchise", 2 / 5, 5 / 7),
    )


def test_users_without_ratings_in_a_part_are_counted() -> None:
    """Of four ratings two train, of two one; one alone trains."""
    assert FOUND.parts == (
        Part("train", ratings=4, users=3, without=0, cold=None),
        Part("validation", ratings=2, users=2, without=1, cold=0),
        Part("test", ratings=1, users=1, without=2, cold=0),
    )
    assert FOUND.undivided is None


def test_a_timeline_has_users_of_whom_nothing_is_learnt() -> None:
    rows = [(0, 0, 5, 0), (0, 1, 5, 1), (0, 2, 5, 2), (1, 0, 5, 3), (0, 3, 5, 4)]
    found = audited(Counted(tiny(rows, genres=["a"] * 4)), Timeline())
    assert found.parts[1] == Part("validation", ratings=1, users=1, without=1, cold=1)
    assert found.parts[2] == Part("test", ratings=1, users=1, without=1, cold=0)


def test_data_that_cannot_be_split_are_counted_all_the_same() -> None:
    found = audited(Counted(tiny([(0, 0, 5, 0), (1, 0, 4, 0)], genres=["a"])), PerUserTimeline())
    assert found.parts == ()
    assert found.undivided == "split leaves no rating to validation; its users have too few ratings"
    assert found.sizes.ratings == 2


def test_half_stars_are_levels() -> None:
    bars = histogram(np.array([0.5, 4.5, 4.5, 5.0]) / 5, 5.0)
    assert bars == [Bar(0.5, 0.5, 1), Bar(4.5, 4.5, 2), Bar(5, 5, 1)]


def test_many_levels_are_twenty_spans() -> None:
    bars = histogram(np.arange(101) / 100, 100.0)
    assert len(bars) == 20
    assert (bars[0], bars[-1]) == (Bar(0, 5, 5), Bar(95, 100, 6))


@pytest.mark.parametrize("stars", [1.0, 1e6])
def test_levels_finer_than_is_told_apart_are_spans(stars: float) -> None:
    assert len(histogram(np.array([0.123456, 0.5, 1.0]), stars)) == 20


@given(st.lists(st.floats(0, 1), min_size=1), st.sampled_from([1.0, 5.0, 10.0, 100.0, 1e6]))
def test_no_rating_is_lost_from_the_bars(ratings: list[float], stars: float) -> None:
    bars = histogram(np.array(ratings), stars)
    assert sum(bar.ratings for bar in bars) == len(ratings)
    assert len(bars) <= 20
    assert all(bar.low <= bar.high for bar in bars)


@given(datasets())
def test_counts_agree_with_counting(data: Dataset) -> None:
    counted, rows = Counted(data), list(zip(data.users, data.timestamps, data.ratings, strict=True))
    by_second = [rows_of_moment(rows, user, time) for user, time, _ in rows]
    assert counted.share_tied == pytest.approx(np.mean([n > 1 for n in by_second]))
    assert counted.is_ordered == any(
        n < sum(u == user for u, *_ in rows) for n, (user, *_) in zip(by_second, rows, strict=True)
    )
    for user in range(data.n_users):
        own = [(time, y) for u, time, y in rows if u == user]
        assert counted.of_user[user] == len(own)
        assert counted.crowded[user] == max((rows_of_moment(rows, user, time) for time, _ in own), default=0)
        assert (counted.changes[user] > 0) == (len({y for _, y in own}) > 1)


def rows_of_moment(rows: list[tuple[Any, Any, Any]], user: Any, time: Any) -> int:
    return sum((u, t) == (user, time) for u, t, _ in rows)


def test_two_sources_of_equal_ratings_have_one_fingerprint_of_the_ratings(tmp_path: Any) -> None:
    data = whole(users=20, movies=30, ratings=300)
    folder = write_release(tmp_path / "ml", "ml-25m", *rows_of(as_released(data)))
    other = load(MovieLens(path=str(folder)), tmp_path / "cache")
    assert other.fingerprint != data.fingerprint
    assert ratings_fingerprint(other) == ratings_fingerprint(data)


@pytest.mark.parametrize("changed", ["ratings", "timestamps", "user_ids", "movie_ids", "movies"])
def test_other_ratings_have_another_fingerprint(changed: str) -> None:
    data = films()
    values = getattr(data, changed)
    other = np.roll(values, 1) if changed != "ratings" else values / 2
    assert ratings_fingerprint(dataclasses.replace(data, **{changed: other})) != ratings_fingerprint(data)


def test_what_is_known_of_movies_is_no_part_of_the_fingerprint_of_ratings() -> None:
    data = films()
    titled = dataclasses.replace(
        data, titles=np.array(["a longer title than before"] * 5), years=data.years + 1
    )
    assert ratings_fingerprint(titled) == ratings_fingerprint(data)
    assert ratings_fingerprint(dataclasses.replace(data, stars=10.0)) != ratings_fingerprint(data)
