import dataclasses

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tiny_data import datasets, legal_hyperparameters, tiny

from pipeline.dataset import Dataset
from pipeline.hyperparameters import Phase1
from pipeline.parameters import InvalidInput, read
from pipeline.recommender import Recommender
from pipeline.split import PerUserTimeline, Split, split_ratings

PARTS = ("train", "validation", "test")


def letters(split: Split) -> str:
    """Write the part of each rating: t for train, v for validation, e for test."""
    return "".join("tve"[int(np.argmax(row))] for row in np.column_stack([getattr(split, p) for p in PARTS]))


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


@given(datasets(), st.floats(0.01, 0.98), st.floats(0.001, 0.9))
@settings(max_examples=80, deadline=None)
def test_parts_are_disjoint_complete_and_in_the_order_of_time(
    dataset: Dataset, until: float, width: float
) -> None:
    assume(until + width < 1)
    try:
        split = split_ratings(dataset, PerUserTimeline(train_until=until, validation_until=until + width))
    except InvalidInput as problem:
        assert "split leaves no rating to" in str(problem)
        return
    parts = np.column_stack([getattr(split, part) for part in PARTS])
    assert (parts.sum(axis=1) == 1).all()
    order = np.argmax(parts, axis=1)
    for user in range(dataset.n_users):
        of_user = dataset.users == user
        assert (np.diff(order[of_user]) >= 0).all()


@given(st.data())
@settings(max_examples=40, deadline=None)
def test_nothing_of_the_later_parts_reaches_a_model_fitted_on_train(data: st.DataObject) -> None:
    dataset = data.draw(datasets())
    try:
        split = split_ratings(dataset, PerUserTimeline())
    except InvalidInput:
        assume(False)
    recommender = Recommender(data.draw(legal_hyperparameters(dataset)))
    later = np.flatnonzero(~split.train)
    shuffled = data.draw(st.permutations(later.tolist()))
    other = changed(dataset, later, np.array(shuffled))
    users = np.arange(dataset.n_users)
    np.testing.assert_array_equal(
        recommender.fit(dataset, split.train).score_block(users),
        recommender.fit(other, split.train).score_block(users),
    )


def test_nothing_of_the_later_parts_reaches_a_model_of_real_ratings(movielens: Dataset) -> None:
    train = split_ratings(movielens, PerUserTimeline()).train
    later = np.flatnonzero(~train)
    other = changed(movielens, later, np.random.default_rng(0).permutation(later))
    assert other.fingerprint != movielens.fingerprint
    models = [Recommender(Phase1()).fit(dataset, train) for dataset in (movielens, other)]
    users = np.arange(movielens.n_users)
    np.testing.assert_array_equal(*(model.score_block(users) for model in models))


def changed(dataset: Dataset, later: np.ndarray, shuffled: np.ndarray) -> Dataset:
    """Give the later ratings each other's movies and stars."""
    movies, ratings = dataset.movies.copy(), dataset.ratings.copy()
    movies[later], ratings[later] = movies[shuffled], ratings[shuffled]
    return dataclasses.replace(dataset, movies=movies, ratings=ratings)


@pytest.mark.parametrize(("n", "empty"), [(1, "validation"), (2, "test"), (3, "validation")])
def test_a_part_without_ratings_is_refused(n: int, empty: str) -> None:
    dataset = tiny([(0, m, 3, m) for m in range(n)], genres=["a"] * n)
    with pytest.raises(InvalidInput, match=f"split leaves no rating to {empty}; its users have too few"):
        split_ratings(dataset, PerUserTimeline())


@pytest.mark.parametrize(
    ("train", "validation"), [(0.0, 0.8), (0.8, 0.8), (0.9, 0.8), (0.6, 1.0), (1.0, 1.0), (0.0, 0.0)]
)
def test_boundaries_must_leave_room_for_three_parts(train: float, validation: float) -> None:
    with pytest.raises(InvalidInput, match=r"split\.train_until must be above 0 and below validation_until"):
        read(PerUserTimeline, {"train_until": train, "validation_until": validation}, "split.")
