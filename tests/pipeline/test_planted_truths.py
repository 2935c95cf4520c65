"""What intervals and verdicts say where the truth is known, because it was planted."""

import numpy as np
import pytest
from tiny_data import users_of, users_of_ndcg

from pipeline.intervals import Difference, paired_differences
from pipeline.optimism import optimism

N_USERS = 1000
REPEATS = 200
MEAN, SPREAD, CORRELATION = 0.3, 0.25, 0.7


def equally_good(rng: np.random.Generator, n_configurations: int, n_users: int = N_USERS) -> np.ndarray:
    """Draw NDCG of configurations without a true difference: (n_configurations, n_users).

    Any two correlate over users, because a user who is easy for one is easy for all.
    """
    users = rng.normal(0, np.sqrt(CORRELATION), n_users)
    luck = rng.normal(0, np.sqrt(1 - CORRELATION), (n_configurations, n_users))
    return MEAN + SPREAD * (users + luck)


def judged(ahead: list[np.ndarray]) -> list[Difference]:
    """Judge what winners are ahead of their baselines, user by user: all repeats with the same resamples.

    A paired comparison looks at nothing but differences, so that a baseline of zeros may stand for each.
    """
    return paired_differences(
        [users_of_ndcg(one) for one in ahead], users_of_ndcg(np.zeros(len(ahead[0]))), "ndcg"
    )


def share_better(found: list[Difference]) -> float:
    return float(np.mean([one.verdict == "better" for one in found]))


def test_the_best_of_50_equals_is_better_on_the_users_that_picked_it_and_not_on_fresh_ones() -> None:
    rng = np.random.default_rng(0)
    on_picking, on_fresh = [], []
    for _ in range(REPEATS):
        baseline, *candidates = equally_good(rng, 51)
        winner = np.argmax([one.mean() for one in candidates])
        on_picking.append(candidates[winner] - baseline)
        # Fresh users know of no winner: it is one more of the equals.
        on_fresh.append(np.subtract(*equally_good(rng, 2)))
    two_sigma = 2 * np.sqrt(0.05 * 0.95 / REPEATS)
    assert share_better(judged(on_fresh)) <= 0.05 + two_sigma
    # A test of 5% on one side is fooled in 47% of cases; the verdict, with 2.5% on either side, in a third.
    fooled = judged(on_picking)
    assert np.mean([one.estimate > 0 and one.p_value / 2 <= 0.05 for one in fooled]) > 0.35
    assert share_better(fooled) > 0.25


def test_a_planted_lead_of_3_points_is_found() -> None:
    rng = np.random.default_rng(1)
    ahead = [0.03 + np.subtract(*equally_good(rng, 2)) for _ in range(REPEATS)]
    assert share_better(judged(ahead)) >= 0.9


def test_a_planted_tie_is_not_distinguishable() -> None:
    same = users_of_ndcg(equally_good(np.random.default_rng(2), 1)[0])
    found = paired_differences([same] * 3, same, "ndcg")
    assert {(one.verdict, one.estimate, one.p_value) for one in found} == {("not distinguishable", 0, 1)}


@pytest.mark.parametrize("metric", ["accuracy", "ndcg"])
def test_95_of_100_intervals_hold_the_truth(metric: str) -> None:
    rng = np.random.default_rng(3)
    n_users, repeats, truth = 300, 500, 0.3
    # Users differ in skill and in how many ratings they have.
    ratings = rng.integers(1, 20, size=(n_users, 1), dtype=np.int32)
    candidates = []
    for _ in range(repeats):
        skills = rng.beta(3, 7, size=(n_users, 1))
        hits = rng.binomial(ratings, skills).astype(np.int32)
        candidates.append(users_of(ratings, hits, skills[:, 0]))
    never = users_of(ratings, 0 * ratings, np.zeros(n_users))
    found = paired_differences(candidates, never, metric)
    held = np.mean([one.low <= truth <= one.high for one in found])
    assert 0.92 <= held <= 0.98


def test_the_score_of_the_best_of_50_equals_is_corrected_to_what_they_are_worth() -> None:
    rng = np.random.default_rng(4)
    searches = [optimism([users_of_ndcg(one) for one in equally_good(rng, 50)], "ndcg") for _ in range(12)]
    scores, corrected, promised = zip(
        *((one.score, one.corrected, one.optimism) for one in searches if one is not None), strict=True
    )
    # A search's mean varies by 0.007, because its users do; twelve are known to 0.002.
    assert np.mean(scores) > MEAN + 0.005
    assert np.mean(corrected) == pytest.approx(MEAN, abs=0.005)
    # What was measured for 50 configurations and 1000 users: 0.0096.
    assert np.mean(promised) == pytest.approx(0.0096, abs=0.001)
