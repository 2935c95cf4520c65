"""Ratings gathered part by part are those of all parts, each user's last word, on the scale that fits."""

import pickle
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.parameters import InvalidInput
from pipeline.sources.coding import coded
from pipeline.sources.gathering import Gathered, Gathering, Part
from pipeline.sources.intake import Finding, Tally
from pipeline.sources.scale import OffTheScale, scale_of

MOVIES = {"a": 0, "b": 1, "c": 2}
Row = tuple[str, str, float | None, int]  # user, movie, rating, seconds
ROWS = st.lists(
    st.tuples(
        st.sampled_from(["1", "2", "10", "x"]),
        st.sampled_from([*MOVIES, "unknown"]),
        st.one_of(st.none(), st.integers(1, 10).map(float)),
        st.integers(0, 3),
    ),
    max_size=40,
)


def part(rows: Sequence[Row], first_row: int = 2, *, in_codes: bool = False) -> Part:
    users, movies, ratings, times = (list(column) for column in zip(*rows, strict=True)) if rows else [[]] * 4
    values = np.array([np.nan if one is None else one for one in ratings], dtype=np.float64)
    seconds = np.array(times, dtype=np.int64)
    if in_codes:
        return Part(coded(users), coded(movies), values, seconds, first_row)
    return Part(users, movies, values, seconds, first_row)


def gathered(parts: Sequence[Part], scale: float | None = None) -> tuple[Gathered, Tally]:
    tally = Tally()
    gathering = Gathering("ratings.csv", MOVIES, tally)
    for one in parts:
        gathering.add(one)
    return gathering.finished(scale), tally


@given(rows=ROWS, cut=st.integers(0, 40), in_codes=st.booleans())
def test_parts_in_any_form_are_what_a_dictionary_says(rows: list[Row], cut: int, in_codes: bool) -> None:
    last: dict[tuple[str, str], tuple[int, float]] = {}
    for user, movie, rating, time in rows:
        if rating is not None and movie in MOVIES:
            last[user, movie] = max(last.get((user, movie), (-1, 0.0)), (time, rating))
    parts = [part(rows[:cut], in_codes=in_codes), part(rows[cut:], 2 + cut)]
    if not last:
        with pytest.raises(InvalidInput, match=r"ratings\.csv must hold ratings of movies that are there"):
            gathered(parts, 10)
        return
    found, tally = gathered(parts, 10)
    names, columns = found.user_ids.tolist(), found.columns
    back = {
        (names[user], "abc"[movie]): (time, rating * 10)
        for user, movie, rating, time in zip(
            columns.users.tolist(),
            columns.movies.tolist(),
            columns.ratings.tolist(),
            columns.timestamps.tolist(),
            strict=True,
        )
    }
    assert {pair: (time, round(rating)) for pair, (time, rating) in back.items()} == last
    assert len(columns.users) == len(last)
    intake = tally.closed()
    assert intake.read == {"ratings": len(rows)}
    assert sum(finding.count for finding in intake.dropped) == len(rows) - len(last)


def test_what_is_left_out_is_counted_with_an_example() -> None:
    rows: list[Row] = [
        ("1", "a", 5, 1),
        ("1", "q", 5, 1),
        ("2", "q", 5, 1),
        ("9", "b", None, 1),
        ("1", "a", 4, 2),
    ]
    found, tally = gathered([part(rows)])
    assert found.user_ids.tolist() == ["1"], "who gave no rating that counts is no user"
    assert found.columns.ratings.tolist() == [0.8]
    assert tally.closed().dropped == (
        Finding("ratings", "without a rating", 1, ("ratings.csv, row 5: movie 'b'",)),
        Finding("ratings", "of movies that are not there", 2, ("ratings.csv, row 3: movie 'q'",)),
        Finding("ratings", "of a movie that the user rated again later", 1),
    )


@pytest.mark.parametrize(
    ("ratings", "given", "stars", "shares"),
    [
        ([1, 0], None, 1, [1.0, 0.0]),
        ([1, -1], None, 1, [1.0, 0.0]),
        ([5, 1], None, 5, [1.0, 0.2]),
        ([5, 1], 10, 10, [0.5, 0.1]),
        ([6, 1], None, 10, [0.6, 0.1]),
        ([11, 0], None, 100, [0.11, 0.0]),
    ],
)
def test_the_scale_is_the_smallest_usual_one(
    ratings: list[float], given: float | None, stars: float, shares: list[float]
) -> None:
    found, _ = gathered([part([("1", "a", ratings[0], 0), ("1", "b", ratings[1], 1)])], given)
    assert found.stars == stars
    assert found.columns.ratings.tolist() == shares


@pytest.mark.parametrize(
    ("ratings", "given", "problem"),
    [
        ([5, 6, 1], 5, "row 3: ratings must be 0 to 5 (data.scale), got 6"),
        ([5, 1, 101], None, "row 4: ratings must be 0 to 100, unless data.scale tells, got 101"),
        ([5, -2, 1], None, "row 3: ratings must be 0 or more, got -2"),
        ([0, 0, 0], None, "row 2: ratings must differ from 0 somewhere, got 0 alone"),
    ],
)
def test_a_rating_off_the_scale_is_named_by_its_row(
    ratings: list[float], given: float | None, problem: str
) -> None:
    rows: list[Row] = [("1", movie, rating, 0) for movie, rating in zip("abc", ratings, strict=True)]
    with pytest.raises(InvalidInput) as refused:
        gathered([part(rows[:1]), part(rows[1:], 3)], given)
    assert str(refused.value) == f"ratings.csv, {problem}"


def test_the_problem_of_a_scale_survives_the_way_between_processes() -> None:
    with pytest.raises(OffTheScale) as refused:
        scale_of(-3, 5)
    assert str(pickle.loads(pickle.dumps(refused.value))) == "ratings must be 0 or more, got -3"  # noqa: S301
