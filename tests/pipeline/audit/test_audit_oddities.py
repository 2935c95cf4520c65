"""Each suspicion is raised by what it is about, and by nothing else."""

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from bare_data import at_one_moment, whole

from pipeline.audit import audited
from pipeline.audit.counted import Counted
from pipeline.audit.looked import Oddity
from pipeline.audit.oddities import oddities
from pipeline.dataset import Dataset
from pipeline.sources.intake import Intake, Tally
from pipeline.split import PerUserTimeline, SplitSettings, Timeline

NOW = 1_900_000_000  # 2030, in seconds since 1970
SOUND = whole(users=150, movies=80, ratings=3000)


def suspected(
    data: Dataset,
    *,
    intake: Intake | None = None,
    split: SplitSettings | None = None,
    now: int = NOW,
) -> list[Oddity]:
    counted = Counted(data)
    return oddities(counted, audited(counted, split or PerUserTimeline()), intake, now)


def kept(data: Dataset, rows: np.ndarray) -> Dataset:
    """Keep some ratings, and the users and movies as they are."""
    columns = {name: getattr(data, name)[rows] for name in ("users", "movies", "ratings", "timestamps")}
    return dataclasses.replace(data, **columns)


def changed(**fields: Any) -> Callable[[Dataset], Dataset]:
    return lambda data: dataclasses.replace(data, **{name: make(data) for name, make in fields.items()})


def early(data: Dataset) -> np.ndarray:
    """Put the first user's first rating on the first day of all."""
    return np.where(np.arange(data.n_ratings) == 0, 0, data.timestamps)


def late(data: Dataset) -> np.ndarray:
    return np.where(np.arange(data.n_ratings) == data.n_ratings - 1, NOW + 1, data.timestamps)


def in_one_go(data: Dataset) -> Dataset:
    """Give all ratings of a user one time, another one for each user."""
    moved = at_one_moment(data)
    return dataclasses.replace(moved, timestamps=moved.timestamps + moved.users)


def of_one_movie(data: Dataset) -> Dataset:
    """Drop all but every fifth rating of other movies than the first."""
    return kept(data, (data.movies == 0) | (np.arange(data.n_ratings) % 50 == 0))


def of_one_user(data: Dataset) -> Dataset:
    busy = np.bincount(data.users).argmax()
    return kept(data, (data.users == busy) | (np.arange(data.n_ratings) % 7 == 0))


def twice(data: Dataset) -> Dataset:
    """Let everybody who rated movie 3 rate movie 4, and nobody else."""
    rest = data.movies != 4
    again = data.movies == 3
    columns = {
        name: np.concatenate([getattr(data, name)[rest], getattr(data, name)[again]])
        for name in ("users", "movies", "ratings", "timestamps")
    }
    columns["movies"][int(rest.sum()) :] = 4
    order = np.lexsort((columns["movies"], columns["timestamps"], columns["users"]))
    return dataclasses.replace(data, **{name: column[order] for name, column in columns.items()})


def mostly_five(data: Dataset) -> np.ndarray:
    return np.where(np.arange(data.n_ratings) % 20 == 0, 0.4, 1.0)


# What is changed, what is suspected then, and a piece of what is said.
CASES: dict[str, tuple[Callable[[Dataset], Dataset], set[str], str]] = {
    "one moment": (at_one_moment, {"one_moment"}, "with the highest ids"),
    "users in one go": (in_one_go, {"crowded"}, "150 of 150 users gave most of their ratings within one"),
    "a time of 0": (
        changed(timestamps=early),
        {"early"},
        "1 rating is from before 1995, the first of 1970",
    ),
    "a time to come": (changed(timestamps=late), {"late"}, "1 rating is of the future, the last of 2030-"),
    "a title twice": (
        changed(
            titles=lambda data: np.where(np.arange(80) < 2, "Twin", data.titles),
            years=lambda data: np.where(np.arange(80) < 2, 1990, data.years),
        ),
        {"same_titles"},
        "1 movie has title and year of another one, such as 'Twin' (id 1) and 'Twin' (id 2)",
    ),
    "raters twice": (twice, {"same_raters"}, "1 movie was rated by exactly the users of another one"),
    "equal ratings of a user": (
        changed(ratings=lambda data: (2 + data.users % 4) / 5),
        {"uniform"},
        "of them nothing says what they like more",
    ),
    "one rating": (changed(ratings=lambda data: np.ones(data.n_ratings)), {"one_level"}, "all ratings are 5"),
    "mostly one rating": (changed(ratings=mostly_five), {"one_level", "uniform"}, "95% of the ratings are 5"),
    "six of ten": (
        changed(ratings=lambda data: data.ratings * 0.6, stars=lambda _: 10.0),
        {"scale", "nothing_relevant"},
        "no rating is above 6 on a scale to 10",
    ),
    "nine of ten": (
        changed(ratings=lambda data: data.ratings * 0.9, stars=lambda _: 10.0),
        {"scale"},
        "no rating is above 9 on a scale to 10",
    ),
    "few users": (lambda _: whole(users=99, movies=80, ratings=1980), {"few_users"}, "99 users are too few"),
    "one user": (
        of_one_user,
        {"one_user", "few_users"},
        "of the ratings: what is learnt of movies is one opinion",
    ),
    "one movie": (of_one_movie, {"one_movie", "few_users"}, "of the ratings: most others are hardly known"),
}


def test_nothing_is_suspected_of_sound_data() -> None:
    assert suspected(SOUND) == []
    assert suspected(SOUND, intake=Intake({"ratings": 3000})) == []


@pytest.mark.parametrize("case", CASES)
def test_what_is_wrong_is_suspected_and_nothing_else(case: str) -> None:
    make, kinds, piece = CASES[case]
    found = suspected(make(SOUND))
    assert {one.kind for one in found} == kinds
    assert any(piece in one.said for one in found), found


@pytest.mark.parametrize(
    ("data", "split"), [(at_one_moment(SOUND), Timeline()), (kept(SOUND, np.arange(2)), None)]
)
def test_data_that_cannot_be_split_say_so_first(data: Dataset, split: SplitSettings | None) -> None:
    first = suspected(data, split=split)[0]
    assert first.kind == "undivided"
    assert first.said.startswith("nothing can be measured: split leaves no rating to ")


def test_users_who_are_not_tested_are_no_users_for_a_verdict() -> None:
    [one] = suspected(SOUND, split=Timeline())
    assert one.kind == "few_users"
    assert one.is_grave
    assert one.said.startswith("only ")


def test_a_share_is_grave_from_three_tenths_on() -> None:
    graves = {}
    for step in (7, 40):
        busy = np.bincount(SOUND.users).argmax()
        rows = (SOUND.users == busy) | (np.arange(SOUND.n_ratings) % step == 0)
        data = kept(SOUND, rows)
        share = np.bincount(data.users).max() / data.n_ratings
        [one] = [one for one in suspected(data) if one.kind == "one_user"]
        assert f"{share:.0%}" in one.said
        graves[share >= 0.3] = one.is_grave
    assert graves == {False: False, True: True}


def test_an_even_share_of_few_users_is_no_suspicion() -> None:
    data = whole(users=5, movies=30, ratings=120)
    assert np.bincount(data.users).max() / data.n_ratings >= 0.2
    assert {one.kind for one in suspected(data)} == {"few_users"}


def test_more_movies_than_ratings_are_suspicious_and_as_many_are_not() -> None:
    kinds = [{one.kind for one in suspected(kept(SOUND, np.arange(rows)))} for rows in (79, 80)]
    assert ["many_movies" in found for found in kinds] == [True, False]


@pytest.mark.parametrize(("dropped", "expected"), [(99, []), (100, ["dropped"])])
def test_a_tenth_of_the_ratings_dropped_is_suspicious(dropped: int, expected: list[str]) -> None:
    tally = Tally()
    tally.read("ratings", 1000)
    tally.drop("movies", "of no use", count=900)
    tally.drop("ratings", "without a rating", count=dropped)
    assert [one.kind for one in suspected(SOUND, intake=tally.closed())] == expected


def test_movies_without_titles_are_not_taken_for_one() -> None:
    assert suspected(changed(titles=lambda _: np.array([""] * 80))(SOUND)) == []


def test_a_title_of_two_years_is_two_movies() -> None:
    remade = changed(
        titles=lambda data: np.where(np.arange(80) < 2, "Twin", data.titles),
        years=lambda data: np.where(np.arange(80) < 2, 1990 + np.arange(80), data.years),
    )
    assert suspected(remade(SOUND)) == []


def test_the_gravest_stands_first() -> None:
    data = changed(titles=lambda _: np.array(["Twin"] * 80), years=lambda data: data.years * 0)(SOUND)
    found = suspected(at_one_moment(data))
    assert [one.kind for one in found] == ["one_moment", "same_titles"]
    assert [one.is_grave for one in found] == [True, False]
