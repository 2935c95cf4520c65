import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from same_bits import assert_same_bits
from tiny_data import datasets, legal_hyperparameters, masks, tiny

from pipeline import cast_pairs
from pipeline.cast import known_cast, weighed_cast
from pipeline.dataset import Dataset
from pipeline.features import features_of
from pipeline.hyperparameters import Phase2
from pipeline.recommender import Recommender

# a and b play together in movie 0, apart in 1 and 2; nobody else is in 3, and nobody at all in 4.
CAST = ["ab", "a", "b", "c", ""]


def pairs(ratings: list[tuple[int, int, float, int]]) -> np.ndarray:
    """List the stars that each rating meets, a row each."""
    dataset = tiny(ratings, genres=[""] * len(CAST), cast=CAST)
    found = cast_pairs.cast_pairs(dataset, np.ones(len(ratings), dtype=bool))
    assert found is not None
    return (found.toarray() * 5).round().astype(int)


def test_a_rating_meets_those_of_movies_with_an_actor_in_common() -> None:
    found = pairs([(0, 1, 5, 0), (0, 0, 3, 1), (0, 2, 2, 2), (0, 3, 4, 3), (0, 4, 1, 4)])
    assert [sorted(row[row > 0].tolist()) for row in found] == [
        [3, 5],  # movie 1: itself and movie 0
        [2, 3, 5],  # movie 0: itself and both others
        [2, 3],
        [4],
        [],
    ]


def test_other_users_and_ratings_of_zero_bring_nothing_along() -> None:
    found = pairs([(0, 1, 5, 0), (1, 0, 3, 1), (2, 0, 0, 0), (2, 1, 4, 1)])
    assert found.sum(axis=1).tolist() == [5, 3, 4, 4]


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_weighed_they_are_what_users_know_of_casts_to_the_last_bit(
    data: st.DataObject,
) -> None:
    dataset = data.draw(datasets())
    train = data.draw(masks(dataset))
    overlap = weighed_cast(dataset, data.draw(legal_hyperparameters(dataset)))
    found = cast_pairs.cast_pairs(dataset, train)
    assert found is not None
    known = known_cast(overlap, features_of(dataset, train).ratings)
    of_rows = known[dataset.users[train], dataset.movies[train]]
    assert (found @ overlap.data).tobytes() == of_rows.tobytes()


def twin(dataset: Dataset) -> Dataset:
    """Copy a dataset so that nothing that is kept of the one is found for the other."""
    other = dataclasses.replace(dataset)
    other.__dict__["fingerprint"] = f"the twin of {dataset.fingerprint}"
    return other


def test_where_there_are_too_many_a_fit_looks_them_up_anew_and_finds_the_same(
    movielens: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = movielens.users < 100
    found = []
    for most, dataset in ((cast_pairs.MOST, movielens), (1000, twin(movielens))):
        monkeypatch.setattr(cast_pairs, "MOST", most)
        assert (cast_pairs.cast_pairs(dataset, few) is None) == (most == 1000)
        model = Recommender(Phase2()).fit(dataset, few)
        found.append({"scores": model.score_block(np.arange(100))})
    assert_same_bits(*found)
