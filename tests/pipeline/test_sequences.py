import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_data import datasets, masks, tiny

from pipeline.dataset import Dataset
from pipeline.metrics import RELEVANT
from pipeline.sequences import next_weights

# One user watched 0, then 1 without liking it, then 2; another one 2, then 0.
ROWS = [(0, 0, 5, 0), (0, 1, 2, 1), (0, 2, 4, 2), (1, 2, 5, 0), (1, 0, 5, 1)]


def weights(half_life: float, discount: float, rows: list[tuple[int, int, float, int]] = ROWS) -> np.ndarray:
    dataset = tiny(rows, genres=["a"] * 4)
    return next_weights(dataset, np.ones(len(rows), dtype=bool), half_life, discount)


def test_what_was_liked_after_is_what_follows() -> None:
    # After two steps half of a half: 0 -> 2 counts 0.25, 1 -> 2 and 2 -> 0 count 0.5. 1 was not liked.
    counts = np.zeros((4, 4))
    counts[0, 2], counts[1, 2], counts[2, 0] = 0.25, 0.5, 0.5
    expected = counts / (counts.sum(axis=1, keepdims=True) + 5)
    np.testing.assert_allclose(weights(1.0, 0.0), expected, rtol=1e-6)


def test_at_a_long_half_life_all_steps_count_alike() -> None:
    found = weights(1000.0, 0.0)
    assert found[0, 2] == pytest.approx(found[1, 2], rel=0.002)
    assert found[0, 2] == pytest.approx(1 / 6, rel=0.002)


def test_a_movie_that_many_rated_is_divided_by_its_ratings() -> None:
    # Movie 1 has two ratings and movie 2 twelve, each follows 0 once.
    rows = [(0, 0, 5, 0), (0, 1, 5, 1), (1, 0, 5, 0), (1, 2, 5, 1), (2, 1, 1, 0)]
    rows += [(user, 2, 1, 0) for user in range(2, 13)]
    plain, halfway, divided = (weights(1.0, discount, rows)[0] for discount in (0.0, 0.5, 1.0))
    assert plain[1] == plain[2] > 0
    assert halfway[1] / halfway[2] == pytest.approx(np.sqrt(22 / 12))
    assert divided[1] == pytest.approx(plain[1] / 12)
    assert divided[2] == pytest.approx(plain[2] / 22)


def test_who_rates_once_goes_on_to_nothing() -> None:
    assert not weights(1.0, 0.5, [(0, 0, 5, 0), (1, 1, 5, 0), (2, 0, 5, 0)]).any()


def test_what_is_not_trained_is_no_step() -> None:
    dataset = tiny(ROWS, genres=["a"] * 4)
    without_movie_1 = dataset.movies != 1
    found = next_weights(dataset, without_movie_1, 1.0, 0.0)
    assert found[0, 2] == pytest.approx(0.5 / 5.5)
    assert found[1].tolist() == [0, 0, 0, 0]


@given(st.data(), st.floats(1, 1000), st.floats(0, 1))
@settings(max_examples=60, deadline=None)
def test_weights_are_those_of_plain_loops(data: st.DataObject, half_life: float, discount: float) -> None:
    dataset = data.draw(datasets())
    train = data.draw(masks(dataset))
    found = next_weights(dataset, train, half_life, discount)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, looped(dataset, train, half_life, discount), rtol=1e-5, atol=1e-9)


def looped(dataset: Dataset, train: np.ndarray, half_life: float, discount: float) -> np.ndarray:
    counts = np.zeros((dataset.n_movies, dataset.n_movies))
    rated = np.bincount(dataset.movies[train], minlength=dataset.n_movies)
    for user in range(dataset.n_users):
        of_user = train & (dataset.users == user)
        history = list(zip(dataset.movies[of_user], dataset.ratings[of_user], strict=True))
        for place, (movie, _) in enumerate(history):
            for steps, (other, y) in enumerate(history[place + 1 :], start=1):
                counts[movie, other] += 0.5 ** (steps / half_life) if y >= RELEVANT else 0
    return counts / (counts.sum(axis=1, keepdims=True) + 5) / (rated + 10) ** discount
