import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.decision import FEWEST, decide
from pipeline.hyperparameters import Phase3
from pipeline.parameters import parameters

CALIBRATIONS = parameters(Phase3)["calibration"].choices
STARS = np.array([0.2, 0.4, 0.6, 0.8, 1.0])

of_every_calibration = pytest.mark.parametrize("calibration", CALIBRATIONS)


def repeated(*pairs: tuple[float, float, int]) -> tuple[np.ndarray, np.ndarray]:
    """Make ratings of (predicted, y, how often)."""
    predicted, y, times = zip(*pairs, strict=True)
    return np.repeat(predicted, times), np.repeat(y, times)


@st.composite
def foretold(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Draw ratings and predictions that say something of them, nothing, or are all the same."""
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    n = draw(st.integers(FEWEST, 3 * FEWEST))
    y = rng.choice(STARS, size=n, p=rng.dirichlet(np.ones(5)))
    said = draw(st.sampled_from([0.0, 0.5, 1.0]))
    noise = draw(st.sampled_from([0.0, 1e-16, 0.1, 0.5]))
    predicted = np.clip(0.6 + said * (y - 0.6) + noise * rng.normal(size=n), 0, 1)
    return predicted.round(draw(st.sampled_from([1, 2, 16]))), y


GRID = np.linspace(0, 1, 101)


@of_every_calibration
def test_few_ratings_change_nothing(calibration: str) -> None:
    rng = np.random.default_rng(0)
    for n in (0, 1, FEWEST - 1):
        found = decide(calibration, rng.random(n), rng.choice(STARS, size=n))
        np.testing.assert_array_equal(found.mean(GRID), GRID)
        np.testing.assert_array_equal(found.answer(GRID), GRID)


def test_none_changes_nothing() -> None:
    rng = np.random.default_rng(0)
    found = decide("none", rng.random(1000), rng.choice(STARS, size=1000))
    np.testing.assert_array_equal(found.answer(found.mean(GRID)), GRID)


def test_a_line_stretches_what_was_predicted_too_near_to_the_mean() -> None:
    # What is predicted a tenth from 0.6 is two tenths from it, and is answered so.
    found = decide("linear", *repeated((0.5, 0.4, 60), (0.7, 0.8, 60)))
    np.testing.assert_allclose(found.mean(np.array([0.5, 0.6, 0.7, 0.75])), [0.4, 0.6, 0.8, 0.9])
    np.testing.assert_allclose(found.answer(np.array([0.41])), [0.41])
    np.testing.assert_array_equal(found.mean(np.array([0.0, 1.0])), [0, 1])


def test_a_line_brings_back_what_was_predicted_too_high() -> None:
    found = decide("linear", *repeated((0.6, 0.4, 60), (1.0, 0.8, 60)))
    np.testing.assert_allclose(found.mean(np.array([0.6, 0.8])), [0.4, 0.6])


def test_isotonic_steps_are_means_and_lines_lead_from_one_to_the_next() -> None:
    # What was predicted 0.4 and 0.5 falls, and is one step of its mean.
    found = decide("isotonic", *repeated((0.2, 0.2, 50), (0.4, 0.6, 40), (0.5, 0.4, 40), (0.9, 1.0, 50)))
    means = found.mean(np.array([0.0, 0.2, 0.4, 0.45, 0.5, 0.7, 0.9, 1.0]))
    np.testing.assert_allclose(means, [0.2, 0.2, 0.5, 0.5, 0.5, 0.75, 1.0, 1.0])


def test_equal_predictions_have_one_mean_in_whatever_order_their_ratings_are() -> None:
    predicted, y = np.repeat([0.3, 0.7], 100), np.tile([0.2, 0.4, 0.6, 1.0], 50)
    for order in (slice(None), slice(None, None, -1)):
        found = decide("isotonic", predicted[order], y[order])
        np.testing.assert_allclose(found.mean(np.array([0.3, 0.7])), y.mean())


@of_every_calibration
@pytest.mark.parametrize("noise", [0.0, 1e-17, 1e-16, 1e-14, 1e-9])
def test_predictions_that_are_the_same_but_for_rounding_get_the_mean(calibration: str, noise: float) -> None:
    y = np.tile([0.2, 0.6, 0.6, 1.0], 40)
    found = decide(calibration, 0.6 + noise * np.random.default_rng(0).normal(size=160), y)
    mean = found.mean(np.array([0.6]))
    np.testing.assert_allclose(mean, 0.6)
    np.testing.assert_allclose(found.answer(mean), 0.6)


@given(foretold())
@settings(max_examples=150, deadline=None)
def test_an_isotonic_mean_never_falls(drawn: tuple[np.ndarray, np.ndarray]) -> None:
    found = decide("isotonic", *drawn)
    assert (np.diff(found.predicted) > 0).all()
    means = found.mean(np.sort(np.concatenate([GRID, drawn[0]])))
    assert (np.diff(means) >= -1e-12).all()
    # It is calibrated: what it says on average is the average.
    assert found.mean(drawn[0].round(6)).mean() == pytest.approx(drawn[1].mean(), abs=1e-6)


@given(foretold())
@settings(max_examples=100, deadline=None)
def test_a_line_is_calibrated_and_errs_no_more_than_what_was_predicted(
    drawn: tuple[np.ndarray, np.ndarray],
) -> None:
    predicted, y = drawn
    mean = decide("linear", predicted, y).mean(predicted)
    assert ((mean - y) ** 2).mean() <= ((predicted - y) ** 2).mean() + 1e-9


@of_every_calibration
@given(drawn=foretold())
@settings(max_examples=60, deadline=None)
def test_means_and_answers_lie_within_0_and_1(calibration: str, drawn: tuple[np.ndarray, np.ndarray]) -> None:
    found = decide(calibration, *drawn)
    mean = found.mean(GRID)
    for values in (mean, found.answer(mean)):
        assert ((values >= 0) & (values <= 1)).all()


@given(foretold())
@settings(max_examples=100, deadline=None)
def test_answers_within_the_tolerance_are_rating_levels_that_occur(
    drawn: tuple[np.ndarray, np.ndarray],
) -> None:
    found = decide("tolerance", *drawn)
    assert np.isin(found.answer(GRID), drawn[1]).all()
    assert (np.diff(found.cuts) > 0).all()
    assert len(found.answers) == len(found.cuts) + 1
    assert (np.diff(found.answers) != 0).all()


def test_the_answer_is_the_level_most_likely_within_a_star() -> None:
    # Half give five stars and half one: three are within a star of nobody, which the mean would say.
    found = decide("tolerance", *repeated((0.6, 1.0, 70), (0.6, 0.2, 60)))
    mean = found.mean(np.array([0.6]))
    assert mean == pytest.approx((70 * 1.0 + 60 * 0.2) / 130)
    assert found.answer(mean).tolist() == [1.0]


def test_four_stars_are_answered_where_they_hit_three_levels() -> None:
    found = decide("tolerance", *repeated((0.7, 0.6, 50), (0.7, 0.8, 10), (0.7, 1.0, 50), (0.7, 0.2, 60)))
    assert found.answer(found.mean(np.array([0.7]))).tolist() == [0.8]


def test_one_and_five_stars_are_never_answered_where_two_and_four_are_closer_to_more() -> None:
    pairs = [(0.2, 0.2, 60), (0.4, 0.4, 30), (0.6, 0.6, 30), (0.8, 0.8, 30), (1.0, 1.0, 60)]
    found = decide("tolerance", *repeated(*pairs))
    assert set(found.answer(GRID).tolist()) == {0.4, 0.6, 0.8}


def test_each_mean_has_its_own_answer() -> None:
    pairs = [(0.2, 0.2, 40), (0.2, 0.4, 60), (0.8, 0.8, 60), (0.8, 1.0, 40)]
    found = decide("tolerance", *repeated(*pairs))
    assert found.answer(found.mean(np.array([0.2, 0.8]))).tolist() == [0.2, 0.8]
    # In between stands a cut, where both are equally likely.
    assert 0.2 < found.cuts[0] < 0.8


def test_beyond_what_was_foretold_the_answer_is_the_one_at_the_end() -> None:
    """A polynomial of what lies between 0.5 and 0.9 says of 0 whatever it likes."""
    for seed in range(20):
        rng = np.random.default_rng(seed)
        truth = rng.uniform(0.5, 0.9, size=250)
        y = np.clip(np.round((truth + rng.normal(0, 0.2, size=250)) * 5), 1, 5) / 5
        found = decide("tolerance", truth, y)
        lowest, highest = found.mean(np.array([truth.min(), truth.max()]))
        below, above = found.answer(np.linspace(0, lowest, 20)), found.answer(np.linspace(highest, 1, 20))
        assert len(set(below)) == len(set(above)) == 1, seed
        assert below[0] < above[0]


def test_answers_hit_more_often_than_means() -> None:
    rng = np.random.default_rng(5)
    truth = rng.uniform(0.2, 1.0, size=(2, 3000))
    y = np.clip(np.round((truth + rng.normal(0, 0.2, size=truth.shape)) * 5), 1, 5) / 5
    found = decide("tolerance", truth[0], y[0])
    mean = found.mean(truth[1])
    hits = [(np.abs(said - y[1]) <= 0.2 + 1e-9).mean() for said in (mean, found.answer(mean))]
    assert hits[1] > hits[0] + 0.05


def test_nobody_waits_for_what_isotonic_regression_alone_needs() -> None:
    code = "import sys, pipeline.recommender; print('scipy.optimize' in sys.modules)"
    source = Path(__file__).parents[2] / "src"
    told = subprocess.run(
        [sys.executable, "-c", code], cwd=source, capture_output=True, text=True, check=True
    )
    assert told.stdout == "False\n"
