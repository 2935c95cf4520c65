import re
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_data import datasets, problems, splits, tiny

from pipeline.dataset import Dataset
from pipeline.parameters import InvalidInput, read
from pipeline.split import SPLITS, PerUserTimeline, Split, Timeline, split_ratings

PARTS = ("train", "validation", "test")
ENDS = ("train_until", "validation_until", "test_until")
CONF = Path(__file__).parents[2] / "conf" / "split"


def letters(split: Split) -> str:
    """Write the part of each rating: t for train, v for validation, e for test, _ for none."""
    return "".join(np.select([getattr(split, part) for part in PARTS], ["t", "v", "e"], "_"))


def test_parts_by_hand_for_users_of_one_to_five_ratings() -> None:
    # (k + 0.5) / n: 0.5 | 0.25 0.75 | 0.17 0.5 0.83 | 0.125 0.375 0.625 0.875 | 0.1 0.3 0.5 0.7 0.9
    ratings = [(n - 1, k, 3, k) for n in range(1, 6) for k in range(n)]
    dataset = tiny(ratings, genres=["a"] * 5)
    assert letters(split_ratings(dataset, PerUserTimeline())) == "ttvttettvetttve"


def test_a_user_of_ten_has_six_two_and_two() -> None:
    dataset = tiny([(0, m, 3, m) for m in range(10)], genres=["a"] * 10)
    assert letters(split_ratings(dataset, PerUserTimeline())) == "ttttttvvee"


def test_time_orders_a_history_and_movies_order_a_moment() -> None:
    # Movies 3 and 4 were rated first; 0, 1 and 2 at the same later moment.
    ratings = [(0, 2, 3, 9), (0, 0, 3, 9), (0, 1, 3, 9), (0, 4, 3, 5), (0, 3, 3, 5)]
    dataset = tiny(ratings, genres=["a"] * 5)
    split = split_ratings(dataset, PerUserTimeline())
    assert [dataset.movies[getattr(split, part)].tolist() for part in PARTS] == [[3, 4, 0], [1], [2]]


def test_other_boundaries_move_ratings() -> None:
    dataset = tiny([(0, m, 3, m) for m in range(4)], genres=["a"] * 4)
    assert letters(split_ratings(dataset, PerUserTimeline(train_until=0.3, validation_until=0.4))) == "tvee"


def test_ratings_beyond_the_end_of_the_test_are_of_no_part() -> None:
    dataset = tiny([(0, m, 3, m) for m in range(5)], genres=["a"] * 5)
    asked = {"train_until": 0.2, "validation_until": 0.4, "test_until": 0.6}
    assert letters(split_ratings(dataset, PerUserTimeline(**asked))) == "tve__"
    assert letters(split_ratings(dataset, Timeline(**asked))) == "tve__"


def test_a_timeline_divides_everybodys_ratings_at_the_same_moments() -> None:
    # Ten moments: the rating at 60% is of time 6, the one at 80% of time 8.
    ratings = [(0, 0, 3, 0), (0, 1, 3, 5), (0, 2, 3, 6), (1, 0, 3, 7), (1, 1, 3, 8), (2, 0, 3, 9)]
    dataset = tiny([*ratings, *((3, m, 3, m + 1) for m in range(4))], genres=["a"] * 4)
    assert letters(split_ratings(dataset, Timeline())) == "ttv" + "ve" + "e" + "tttt"


@pytest.mark.parametrize(
    ("times", "parts"),
    [
        # At 60% is the 7th of ten, at 80% the 9th: what shares its time begins the next part.
        ((0, 1, 2, 3, 4, 5, 6, 6, 8, 9), "ttttttvvee"),
        ((0, 1, 2, 3, 4, 6, 6, 7, 8, 9), "tttttvvvee"),
        ((0, 6, 6, 6, 6, 6, 6, 6, 8, 9), "tvvvvvvvee"),
        ((0, 1, 2, 3, 4, 5, 6, 8, 8, 8), "ttttttveee"),
    ],
)
def test_ratings_of_one_moment_stay_together(times: tuple[int, ...], parts: str) -> None:
    dataset = tiny([(0, m, 3, time) for m, time in enumerate(times)], genres=["a"] * 10)
    assert letters(split_ratings(dataset, Timeline())) == parts


@pytest.mark.parametrize("protocol", SPLITS)
@given(st.data())
@settings(max_examples=80, deadline=None)
def test_parts_are_disjoint_and_a_user_passes_them_in_order(protocol: str, data: st.DataObject) -> None:
    dataset = data.draw(datasets(at_least=6))
    asked = data.draw(splits(SPLITS[protocol], dataset))
    split = split_ratings(dataset, asked)
    parts = np.column_stack([getattr(split, part) for part in PARTS])
    assert (parts.sum(axis=1) <= 1).all()
    assert parts.any(axis=0).all()
    assert asked.test_until < 1 or parts.any(axis=1).all()
    order = np.where(parts.any(axis=1), np.argmax(parts, axis=1), len(PARTS))
    for user in range(dataset.n_users):
        assert (np.diff(order[dataset.users == user]) >= 0).all()


@given(st.data())
@settings(max_examples=80, deadline=None)
def test_all_that_a_timeline_learns_is_older_than_all_that_it_predicts(data: st.DataObject) -> None:
    problem = data.draw(problems(Timeline))
    split, times = problem.split, problem.dataset.timestamps
    assert times[split.train].max() < times[split.validation].min()
    assert times[split.validation].max() < times[split.test].min()
    unused = times[~(split.train | split.validation | split.test)]
    assert times[split.test].max() < unused.min(initial=np.iinfo(np.int64).max)


def test_an_earlier_search_tests_on_what_a_later_one_validates(movielens: Dataset) -> None:
    for protocol in SPLITS.values():
        earlier = protocol(train_until=0.4, validation_until=0.6, test_until=0.8)
        before, after = split_ratings(movielens, earlier), split_ratings(movielens, protocol())
        np.testing.assert_array_equal(before.train | before.validation, after.train)
        np.testing.assert_array_equal(before.test, after.validation)


@pytest.mark.parametrize(("n", "empty"), [(1, "validation"), (2, "test"), (3, "validation")])
def test_a_part_without_ratings_is_refused(n: int, empty: str) -> None:
    dataset = tiny([(0, m, 3, m) for m in range(n)], genres=["a"] * n)
    with pytest.raises(InvalidInput, match=f"split leaves no rating to {empty}; its users have too few"):
        split_ratings(dataset, PerUserTimeline())


@pytest.mark.parametrize(
    ("times", "empty"), [((1, 1, 1, 1), "train"), ((0, 0, 0, 1), "train"), ((0, 1, 1, 1), "validation")]
)
def test_a_timeline_of_too_few_moments_is_refused(times: tuple[int, ...], empty: str) -> None:
    dataset = tiny([(0, m, 3, time) for m, time in enumerate(times)], genres=["a"] * 4)
    with pytest.raises(InvalidInput, match=f"leaves no rating to {empty}; its ratings are of too few"):
        split_ratings(dataset, Timeline())


@pytest.mark.parametrize("protocol", SPLITS)
@pytest.mark.parametrize(
    "ends",
    [(0.0, 0.8, 1.0), (0.8, 0.8, 1.0), (0.9, 0.8, 1.0), (0.6, 1.0, 1.0), (0.6, 0.8, 0.8), (0.6, 0.8, 0.7)],
)
def test_boundaries_must_leave_room_for_three_parts(protocol: str, ends: tuple[float, float, float]) -> None:
    train, validation, test = ends
    problem = (
        f"split.train_until must be above 0 and below validation_until ({validation}), "
        f"which must be below test_until ({test}); got {train}"
    )
    with pytest.raises(InvalidInput, match=re.escape(problem)):
        read(SPLITS[protocol], dict(zip(ENDS, ends, strict=True)), "split.")


def test_a_test_cannot_end_behind_the_last_rating() -> None:
    with pytest.raises(InvalidInput, match=re.escape("split.test_until must be in [0, 1], got 1.1")):
        read(Timeline, {"train_until": 0.6, "validation_until": 0.8, "test_until": 1.1}, "split.")


def test_the_yaml_files_are_the_defaults_of_every_protocol() -> None:
    shipped = {path.stem: yaml.safe_load(path.read_text()) for path in CONF.glob("*.yaml")}
    assert shipped == {name: {"name": name, **asdict(protocol())} for name, protocol in SPLITS.items()}


def test_equal_ends_of_two_protocols_are_not_taken_for_each_other() -> None:
    assert len({PerUserTimeline(), Timeline()}) == 2
