from itertools import product

import numpy as np
import pytest
from tiny_data import tiny

from pipeline.dataset import Dataset
from pipeline.evaluation import Problem
from pipeline.metrics import METRICS, Measurement
from pipeline.references import DAMPINGS, REFERENCES, best_dampings, missing_references, references
from pipeline.split import PerUserTimeline, Split, split_ratings

# Two users agree in training that movie 0 is good and movie 1 bad; movie 2 was rated once.
TRAIN = [(0, 0, 5, 0), (0, 1, 1, 1), (1, 0, 5, 0), (1, 1, 1, 1), (1, 2, 4, 2)]


def problem(*later: tuple[int, int, float, int], n_users: int = 2) -> Problem:
    """Hold out what comes at time 9."""
    dataset = tiny([*TRAIN, *later], genres=["a", "b", "a", "b"], n_users=n_users)
    validation = dataset.timestamps == 9
    return Problem(dataset, Split(~validation, validation, validation))


def measured(name: str, asked: Problem) -> Measurement:
    return REFERENCES[name](asked, asked.train, asked.validation)


def test_the_best_constant_is_chosen_on_the_fitted_ratings() -> None:
    # Stars 5 5 4 1 1: answers from 0.8 to 1 hit three of five, and 0.8 is the nearest to the other two.
    metrics = measured("best constant", problem((0, 2, 3, 9), (0, 3, 2, 9))).metrics
    assert metrics["accuracy"] == 0.5
    # Three stars are one away, two stars two.
    assert metrics["mae"] == pytest.approx(1.5)
    assert metrics["ndcg"] is metrics["coverage"] is None


def test_popularity_recommends_the_most_rated_of_the_unseen() -> None:
    # For user 0 unseen are 2 (one rating) and 3 (none); user 2 has seen nothing.
    asked = problem((0, 3, 5, 9), (2, 1, 5, 9), n_users=3)
    per_user = measured("popularity", asked).per_user
    second = 1 / np.log2(3)
    np.testing.assert_allclose(per_user.ndcg, [second, np.nan, second])
    assert measured("popularity", asked).metrics["accuracy"] is None


def by_hand(
    rows: list[tuple[int, int, float, int]], user: int, movie: int, of_movie: float, of_user: float
) -> float:
    """Predict from (user, movie, stars, time) with two dampings, in plain loops."""
    mean = np.mean([stars / 5 for _, _, stars, _ in rows])

    def deviation(movie: int) -> float:
        mine = [stars / 5 - mean for _, other, stars, _ in rows if other == movie]
        return sum(mine) / (len(mine) + of_movie)

    mine = [stars / 5 - mean - deviation(other) for one, other, stars, _ in rows if one == user]
    return mean + deviation(movie) + sum(mine) / (len(mine) + of_user)


@pytest.mark.parametrize("damping", [1, 5])
def test_the_bias_is_the_mean_and_the_damped_deviations(
    damping: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.references.DAMPINGS", (damping,))
    mean = (1 + 0.2 + 1 + 0.2 + 0.8) / 5
    movies = [2 * (1 - mean) / (2 + damping), 2 * (0.2 - mean) / (2 + damping), (0.8 - mean) / (1 + damping)]
    user = (1 - mean - movies[0] + 0.2 - mean - movies[1]) / (2 + damping)
    metrics = measured("bias", problem((0, 2, 4, 9))).metrics
    assert metrics["rmse"] == metrics["mae"] == pytest.approx(5 * abs(mean + movies[2] + user - 0.8))
    assert metrics["ndcg"] == 1


def test_validation_chooses_the_dampings_and_test_is_predicted_with_them() -> None:
    validation, test = (0, 2, 4, 9), (1, 3, 5, 10)
    dataset = tiny([*TRAIN, validation, test], genres=["a", "b", "a", "b"])
    times = dataset.timestamps
    asked = Problem(dataset, Split(times < 9, times == 9, times == 10))
    pairs = list(product(DAMPINGS, repeat=2))
    assert len(pairs) == 49
    errors = [abs(by_hand(TRAIN, 0, 2, *pair) - 0.8) for pair in pairs]
    test_errors = [abs(by_hand([*TRAIN, validation], 1, 3, *pair) - 1) for pair in pairs]
    chosen = int(np.argmin(errors))
    assert chosen != np.argmin(test_errors)
    assert best_dampings(asked) == pairs[chosen]
    bias = references(asked)["bias"]
    assert bias["validation"].metrics["mae"] == pytest.approx(5 * errors[chosen])
    assert bias["test"].metrics["mae"] == pytest.approx(5 * test_errors[chosen])


def test_dampings_that_make_no_difference_are_the_first() -> None:
    # Whom and what nobody knows is predicted the mean.
    assert best_dampings(problem((2, 3, 5, 9), n_users=3)) == (DAMPINGS[0], DAMPINGS[0])


def test_a_missing_reference_is_named() -> None:
    assert missing_references(["popularity"]) == ["best constant", "bias"]
    assert missing_references(REFERENCES) == []


def test_the_bias_of_a_cold_user_and_an_unrated_movie_is_the_mean() -> None:
    metrics = measured("bias", problem((2, 3, 5, 9), n_users=3)).metrics
    assert metrics["mae"] == pytest.approx(5 * (1 - 0.64))


def test_references_of_test_learn_from_validation_too() -> None:
    dataset = tiny([(0, 0, 5, 0), (0, 1, 1, 1), (0, 2, 1, 2)], genres=["a"] * 3)
    first, second, third = np.eye(3, dtype=bool)
    answered = references(Problem(dataset, Split(first, second, third)))["bias"]
    assert answered["validation"].metrics["mae"] == pytest.approx(4)
    assert answered["test"].metrics["mae"] < 3


@pytest.fixture(scope="module")
def real(movielens: Dataset) -> dict[str, dict[str, Measurement]]:
    return references(Problem(movielens, split_ratings(movielens, PerUserTimeline())))


def test_references_of_real_data_are_those_that_are_known(
    real: dict[str, dict[str, Measurement]],
) -> None:
    known = {
        ("best constant", "accuracy"): (0.8158, 0.7614),
        ("popularity", "ndcg"): (0.0891, 0.0915),
        ("bias", "rmse"): (0.9659, 0.9906),
    }
    for (name, metric), figures in known.items():
        parts = real[name]
        found = tuple(parts[part].metrics[metric] for part in ("validation", "test"))
        assert found == pytest.approx(figures, abs=0.5e-4), name


def test_the_dampings_of_real_data_are_none_at_the_end_of_what_was_tried(movielens: Dataset) -> None:
    chosen = best_dampings(Problem(movielens, split_ratings(movielens, PerUserTimeline())))
    assert chosen == (2, 8)
    assert min(DAMPINGS) < min(chosen) <= max(chosen) < max(DAMPINGS)


def test_every_reference_names_every_metric(real: dict[str, dict[str, Measurement]]) -> None:
    for parts in real.values():
        for measurement in parts.values():
            assert tuple(measurement.metrics) == METRICS
