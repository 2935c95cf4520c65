import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from tiny_data import users_of

from pipeline.intervals import Difference, paired_differences
from pipeline.metrics import PerUser

METRICS = ("accuracy", "balanced_accuracy", "ndcg")


def crowd(seed: int, n_users: int = 200, skill: float = 0.5) -> PerUser:
    """Draw users with up to 12 held-out ratings on each of three levels; a fifth has no relevant movie.

    The ratings and who has a relevant movie are the same for every skill.
    """
    held_out, drawn = np.random.default_rng(7), np.random.default_rng(seed)
    ratings = held_out.integers(0, 12, size=(n_users, 3))
    undefined = held_out.random(n_users) < 0.2
    ndcg = np.where(undefined, np.nan, np.clip(drawn.normal(skill, 0.2, n_users), 0, 1))
    return users_of(ratings, drawn.binomial(ratings, skill), ndcg)


def columns_of(crowd: PerUser, metric: str) -> tuple[np.ndarray, np.ndarray]:
    """Gain and size of each user, written out once more: (n_users, n_columns)."""
    if metric == "ndcg":
        return np.nan_to_num(crowd.ndcg)[:, None], 1.0 - np.isnan(crowd.ndcg)[:, None]
    if metric == "accuracy":
        return crowd.hits.sum(axis=1)[:, None], crowd.ratings.sum(axis=1)[:, None]
    return crowd.hits, crowd.ratings


@pytest.mark.parametrize("metric", METRICS)
def test_the_interval_is_the_percentile_bootstrap_of_scipy(metric: str) -> None:
    baseline, candidate = crowd(1), crowd(2, skill=0.53)
    (found,) = paired_differences([candidate], baseline, metric)
    ahead, size = columns_of(candidate, metric)
    behind, _ = columns_of(baseline, metric)
    width = size.shape[1]

    def difference(*columns: np.ndarray, axis: int) -> np.ndarray:
        sums = [column.sum(axis=axis) for column in columns]
        parts = sums[:width], sums[width : 2 * width], sums[2 * width :]
        return np.mean([(a - b) / n for a, b, n in zip(*parts, strict=True)], axis=0)

    expected = stats.bootstrap(
        (*ahead.T, *behind.T, *size.T),
        difference,
        paired=True,
        method="percentile",
        n_resamples=5000,
        batch=500,
        rng=0,
    )
    # A 2.5% quantile of 9999 draws is off by 0.03 standard errors, one of 5000 by 0.04.
    noise = 4 * np.hypot(0.03, 0.04) * expected.standard_error
    interval = expected.confidence_interval
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high), abs=noise)
    assert found.low < found.estimate < found.high
    whole = difference(*ahead.T, *behind.T, *size.T, axis=0)
    assert found.estimate == pytest.approx(float(whole), abs=1e-12)


@pytest.mark.parametrize("metric", METRICS)
def test_a_configuration_is_not_distinguishable_from_itself(metric: str) -> None:
    (found,) = paired_differences([crowd(3)], crowd(3), metric)
    assert found == Difference(0.0, 0.0, 0.0, p_value=1.0, n_users=found.n_users)
    assert found.verdict == "not distinguishable"


@pytest.mark.parametrize("metric", METRICS)
def test_a_planted_difference_is_found_in_either_direction(metric: str) -> None:
    weak, strong = crowd(4, skill=0.4), crowd(5, skill=0.6)
    (ahead,) = paired_differences([strong], weak, metric)
    (behind,) = paired_differences([weak], strong, metric)
    assert (ahead.verdict, behind.verdict) == ("better", "worse")
    assert (ahead.estimate, ahead.low, ahead.high) == pytest.approx(
        (-behind.estimate, -behind.high, -behind.low), abs=1e-3
    )


def test_candidates_are_compared_one_by_one_and_repeatably() -> None:
    crowds = [crowd(seed, skill=0.5 + seed / 100) for seed in range(3)]
    together = paired_differences(crowds, crowd(9), "accuracy")
    assert together == [paired_differences([c], crowd(9), "accuracy")[0] for c in crowds]
    assert together != paired_differences(crowds, crowd(9), "accuracy", seed=1)
    assert paired_differences([], crowd(9), "accuracy") == []


def test_an_interval_that_ends_at_0_allows_no_verdict() -> None:
    for low, high in ((0.0, 0.2), (-0.2, 0.0)):
        assert Difference(0.0, low, high, p_value=0.06, n_users=500).verdict == "not distinguishable"


@given(st.integers(0, 2**32), st.floats(-1, 1), st.sampled_from(METRICS))
@settings(max_examples=40, deadline=None)
def test_the_p_value_is_at_most_5_percent_exactly_where_the_interval_leaves_out_0(
    seed: int, shift: float, metric: str
) -> None:
    # Few users with few ratings, so that many resamples tie at 0.
    baseline = crowd(seed, n_users=20)
    candidates = [crowd(seed + number, n_users=20, skill=0.5 + shift / 4) for number in range(1, 4)]
    for found in paired_differences(candidates, baseline, metric):
        assert (found.verdict != "not distinguishable") == (found.p_value <= 0.05)
        assert 0 < found.p_value <= 1


def test_the_p_value_is_that_of_a_paired_test_where_there_are_many_users() -> None:
    baseline = crowd(1, n_users=2000)
    candidates = [crowd(seed, n_users=2000, skill=0.5 + (seed - 5) / 200) for seed in range(2, 9)]
    found = [one.p_value for one in paired_differences(candidates, baseline, "ndcg")]
    expected = [stats.ttest_rel(one.ndcg, baseline.ndcg, nan_policy="omit").pvalue for one in candidates]
    assert min(expected) < 0.05 < max(expected)
    # Of 9999 resamples a share of one half is off by half a percent.
    assert found == pytest.approx(expected, abs=0.03)


def test_no_resample_on_the_other_side_makes_the_smallest_p_value() -> None:
    (found,) = paired_differences([crowd(5, skill=0.9)], crowd(4, skill=0.1), "accuracy")
    assert found.p_value == 2 / 10_000


def test_users_who_do_not_count_in_a_metric_do_not_make_enough_users() -> None:
    ratings = np.array([[2]] * 99 + [[1]] * 5 + [[0]] * 7)
    ndcg = np.array([0.5] * 99 + [np.nan] * 12)
    one = users_of(ratings, ratings, ndcg)
    (accuracy,) = paired_differences([one], one, "accuracy")
    (ndcg_difference,) = paired_differences([one], one, "ndcg")
    assert (accuracy.n_users, accuracy.too_few_users) == (104, False)
    assert (ndcg_difference.n_users, ndcg_difference.too_few_users) == (99, True)


def test_figures_of_other_ratings_are_not_compared() -> None:
    with pytest.raises(ValueError, match="accuracy can be compared on the same held-out ratings only"):
        paired_differences([crowd(1, n_users=30)], crowd(1, n_users=31), "accuracy")


def test_a_level_that_a_resample_misses_does_not_count_in_it() -> None:
    # The one rating of the second level is a hit of neither; 37% of the resamples miss it.
    ratings = np.array([[4, 0]] * 9 + [[0, 1]])
    ndcg = np.full(10, np.nan)
    none, all_of_first = users_of(ratings, 0 * ratings, ndcg), users_of(ratings, ratings * [1, 0], ndcg)
    (found,) = paired_differences([all_of_first], none, "balanced_accuracy")
    assert (found.estimate, found.low, found.high) == (0.5, 0.5, 1.0)


def test_where_nobody_has_a_relevant_movie_nothing_is_distinguishable() -> None:
    nobody = users_of(np.array([[1], [2]]), np.array([[0], [1]]), np.full(2, np.nan))
    assert paired_differences([nobody], nobody, "ndcg") == [Difference(0.0, 0.0, 0.0, 1.0, 0)]


def test_another_metric_has_no_interval() -> None:
    with pytest.raises(ValueError, match="metric must be accuracy, balanced_accuracy or ndcg, got coverage"):
        paired_differences([crowd(1)], crowd(2), "coverage")
