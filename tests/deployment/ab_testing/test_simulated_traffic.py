"""A thousand tests of drawn users, each looked at after every rating: bars A2, A3 and A5 of the project.

What is said at each look is said by the functions that answer `GET /api/ab-tests/{id}`. Fewer tests are drawn
where slow ones do not run.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import cache
from typing import Any

import numpy as np
import pytest
from traffic import Habits, Traffic, traffic

from deployment.ab_testing.judgement import judged
from deployment.ab_testing.outcomes import Outcomes, outcomes_of, share_of
from deployment.ab_testing.plan import Plan
from deployment.ab_testing.planning import planned_users
from deployment.ab_testing.sequential import Moments, moments_of_sums
from deployment.ab_testing.verdict import evidence_of, verdicts

EFFECT = 0.07
BETTER = ("challenger_better", "champion_better")
FEW = 50


@cache
def plan_for(effect: float) -> Plan:
    """Plan as a test is planned: for the variance of users who came before it."""
    before = outcomes_of(traffic(np.random.default_rng(99), 4_000).rows(), "champion")
    variance = float(before.accuracy.variance)
    n = planned_users(effect=effect, variance=variance, split=0.5, alpha=0.05, power=0.8)
    # Margins that so few users can show to hold: three standard errors, and three more to be sure of it.
    return Plan(planned_effect=effect, planned_users=n, mean_rating_margin=0.08, rating_rate_margin=0.3)


def shown_to(plan: Plan) -> int:
    """Count users to be exposed so that the planned ones will have rated: four of five do."""
    return round(1.4 * plan.planned_users)


def said(plan: Plan, test: Traffic) -> np.ndarray:
    """What is said after each rating: (n_ratings,)."""
    return verdicts(plan, evidence_of(plan, *arms(test)), test.days)


def said_until_planned(plan: Plan, test: Traffic) -> np.ndarray:
    """What is said after each rating up to that of the last planned user."""
    evidence = evidence_of(plan, *arms(test))
    return verdicts(plan, evidence, test.days)[: np.searchsorted(evidence.users, plan.planned_users) + 1]


def arms(test: Traffic) -> tuple[Outcomes, Outcomes]:
    return test.outcomes("champion"), test.outcomes("challenger")


def drawn(
    n_tests: int, seed: int, *habits: Habits, look: Callable[..., np.ndarray] = said, **how: Any
) -> list[list[str]]:
    """What is said of each test, in the order in which it first is."""
    plan, rng = plan_for(EFFECT), np.random.default_rng(seed)
    tests = (traffic(rng, shown_to(plan), *habits, **how) for _ in range(n_tests))
    return [list(dict.fromkeys(look(plan, test).tolist())) for test in tests]


def ever(tests: list[list[str]], *names: str) -> float:
    """Share of tests of which one of these is ever said."""
    return sum(any(name in test for name in names) for test in tests) / len(tests)


def first(tests: list[list[str]], name: str) -> float:
    """Share of tests that end with this, if they are stopped as soon as anything is said of them."""
    return sum([said for said in test if said != "collecting"][:1] == [name] for test in tests) / len(tests)


def check_false_winners(n_tests: int) -> None:
    tests = drawn(n_tests, 1)
    assert ever(tests, *BETTER) <= 0.05
    assert ever(tests, "no_difference_shown") >= 0.95
    assert ever(tests, "guardrail_failed") <= 0.02


def check_power(n_tests: int) -> None:
    tests = drawn(n_tests, 2, Habits(), Habits(accuracy=0.7 + EFFECT), look=said_until_planned)
    assert first(tests, "challenger_better") >= 0.80
    assert ever(tests, "champion_better") <= 0.01


def check_harm(n_tests: int, errors: tuple[float, float]) -> None:
    one, other = (Habits(accuracy=accuracy, errors=e) for accuracy, e in zip((0.7, 0.8), errors, strict=True))
    assert ever(drawn(n_tests, 3, one, other), "challenger_better") <= 0.05


def test_equal_versions_have_no_winner_although_looked_at_after_every_rating() -> None:
    check_false_winners(FEW)


def test_users_who_all_come_on_one_day_and_rate_for_a_month_make_no_winner() -> None:
    assert ever(drawn(FEW, 4, come_within=0.03), *BETTER) <= 0.05


def test_users_who_rate_much_and_a_small_share_of_challengers_make_no_winner() -> None:
    many = Habits(ratings=10)
    plan, rng = plan_for(EFFECT), np.random.default_rng(5)
    uneven = Plan(**{**vars(plan), "split": 0.2})
    tests = [said(uneven, traffic(rng, 1_500, many, many, split=0.2)) for _ in range(FEW)]
    assert np.mean([np.isin(test, BETTER).any() for test in tests]) <= 0.05


def test_the_planned_effect_is_found_with_the_planned_users() -> None:
    check_power(FEW)


def test_a_challenger_that_fails_its_users_is_not_better_whatever_its_accuracy() -> None:
    check_harm(FEW, (0.01, 0.21))


@pytest.mark.slow
def test_a_thousand_equal_versions_have_few_winners() -> None:
    check_false_winners(1_000)


@pytest.mark.slow
def test_of_a_thousand_planned_effects_four_of_five_are_found() -> None:
    check_power(1_000)


@pytest.mark.slow
def test_a_fifth_more_errors_than_the_margin_allows_are_not_overlooked() -> None:
    check_harm(500, (0.05, 0.06))


def test_after_the_last_rating_the_record_says_what_the_arrays_say() -> None:
    for seed, lead in ((6, 0.0), (7, 0.15), (8, -0.15)):
        test = traffic(np.random.default_rng(seed), 900, Habits(), Habits(accuracy=0.7 + lead, latency_ms=15))
        plan, rows = plan_for(EFFECT), test.rows()
        from_rows = [outcomes_of(rows, arm) for arm in ("champion", "challenger")]
        for whole, running in zip(from_rows, arms(test), strict=True):
            assert float(whole.exposed) == running.exposed[-1]
            for name in ("accuracy", "mean_rating", "rating_rate", "latency_ms", "errors"):
                found: list[Moments] = [getattr(one, name) for one in (whole, running)]
                for part in ("n", "mean", "variance"):
                    last = [np.atleast_1d(getattr(moments, part))[-1] for moments in found]
                    assert last[0] == pytest.approx(last[1], rel=1e-9), (name, part)
        look = judged(plan, *from_rows, timedelta(days=float(test.days[-1])))
        assert look.verdict == said(plan, test)[-1]


def alike(shape: tuple[int, ...]) -> Moments:
    """Make users of whom nothing but the accuracy differs."""
    return Moments(np.full(shape, 5000.0), np.full(shape, 10.0), np.full(shape, 0.01))


def daily(accuracy: float, n_tests: int, n_days: int, per_day: int, rng: np.random.Generator) -> Outcomes:
    """One arm of many tests on the evening of each day; each user rates once: (n_tests, n_days)."""
    users = np.broadcast_to(np.arange(1.0, n_days + 1) * per_day, (n_tests, n_days))
    hits = rng.binomial(per_day, accuracy, (n_tests, n_days)).cumsum(axis=1)
    same = alike(users.shape)
    return Outcomes(users, moments_of_sums(users, hits, hits), same, same, same, share_of(0 * users, users))


def test_two_thousand_equal_versions_looked_at_on_28_days_have_few_winners() -> None:
    plan, rng = Plan(planned_users=5_000), np.random.default_rng(9)
    evidence = evidence_of(plan, *(daily(0.7, 2_000, 28, 100, rng) for _ in range(2)))
    found = verdicts(plan, evidence, np.arange(1.0, 29))
    assert np.isin(found, BETTER).any(axis=1).mean() <= 0.05


def test_two_points_more_than_ten_are_found_with_7000_users_an_arm() -> None:
    plan, rng = Plan(planned_users=14_000), np.random.default_rng(10)
    one, other = (daily(accuracy, 1_000, 14, 500, rng) for accuracy in (0.10, 0.12))
    found = verdicts(plan, evidence_of(plan, one, other), np.arange(1.0, 15))
    assert (found == "challenger_better").any(axis=1).mean() >= 0.75
