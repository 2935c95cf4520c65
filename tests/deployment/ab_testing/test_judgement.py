"""One look at a test: which verdict, when, and why; and none where there is nothing to say: bar A7."""

import dataclasses
import json
from datetime import timedelta
from itertools import product
from typing import Any, get_args

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from db.deployment.answers import Exposed
from deployment.ab_testing.guardrails import GUARDRAILS
from deployment.ab_testing.judgement import Judgement, judged
from deployment.ab_testing.outcomes import Outcomes, counted, outcomes_of, share_of
from deployment.ab_testing.plan import Plan, PlanSettings
from deployment.ab_testing.sequential import Moments, moments_of
from deployment.ab_testing.verdict import Verdict
from pipeline.parameters import InvalidInput, parameters, read
from project import CONF

PLAN = Plan(planned_users=4_000)
TWO_WEEKS = timedelta(days=14)


def moments(n: int, mean: float, deviation: float) -> Moments:
    return Moments(*(np.asarray(float(value)) for value in (n, mean, deviation**2)))


def arm(n: int = 1_000, **changes: Any) -> Outcomes:
    """Make an arm of n users of whom all rated; a keyword gives one number another mean."""
    usual = {"accuracy": (0.7, 0.3), "mean_rating": (0.75, 0.1), "rating_rate": (5, 4), "latency_ms": (12, 5)}
    numbers = {name: moments(n, changes.get(name, mean), spread) for name, (mean, spread) in usual.items()}
    failed = share_of(changes.get("errors", 0), n)
    return Outcomes(exposed=np.asarray(float(changes.get("exposed", n))), errors=failed, **numbers)


def look(champion: Outcomes, challenger: Outcomes, elapsed: timedelta = TWO_WEEKS, **plan: Any) -> Judgement:
    return judged(dataclasses.replace(PLAN, **plan), champion, challenger, elapsed)


def test_a_challenger_is_better_where_0_is_below_the_interval_and_all_guardrails_hold() -> None:
    found = look(arm(), arm(accuracy=0.8))
    assert found.verdict == "challenger_better"
    assert found.accuracy.low is not None
    assert found.accuracy.low > 0
    assert all(rail.holds for rail in found.guardrails)
    assert found.reason == (
        "after 14.0 days and with 2,000 of 4,000 planned users the challenger is ahead, the difference "
        "in accuracy lies in [+0.0586, +0.1414] and every guardrail holds"
    )


def test_a_champion_is_better_where_0_is_above_the_interval() -> None:
    found = look(arm(), arm(accuracy=0.6))
    assert found.verdict == "champion_better"
    assert "the champion is ahead, the difference in accuracy lies in [-0.1414, -0.0586]" in found.reason


def test_a_difference_that_may_be_0_is_collected_on_until_the_planned_users_or_the_last_day() -> None:
    assert look(arm(), arm(accuracy=0.72)).verdict == "collecting"
    assert look(arm(), arm(accuracy=0.72), timedelta(days=28)).verdict == "no_difference_shown"
    assert look(arm(), arm(accuracy=0.72), planned_users=2_000).verdict == "no_difference_shown"
    assert look(arm(), arm(accuracy=0.72), timedelta(days=6), planned_users=2_000).verdict == "collecting"


@pytest.mark.parametrize("accuracy", [0.6, 0.8])
def test_no_version_is_better_before_the_days_and_the_users_are_there(accuracy: float) -> None:
    early = look(arm(), arm(accuracy=accuracy), timedelta(days=6.99))
    assert (early.verdict, early.reason) == ("collecting", "7.0 of at least 7 days are over")
    few = look(arm(exposed=1_000), arm(accuracy=accuracy), min_users=1_001)
    assert few.verdict == "collecting"
    assert few.reason == "the smaller arm has 1,000 of at least 1,001 users with a counted rating"


def test_too_few_users_are_no_difference_in_the_end() -> None:
    found = look(arm(), arm(accuracy=0.8), timedelta(days=28), min_users=1_001)
    assert found.verdict == "no_difference_shown"
    assert found.reason.startswith("after 28.0 days the smaller arm has 1,000 of at least 1,001 users")


def test_a_day_is_enough_where_the_plan_says_so_and_that_it_is_little_is_said() -> None:
    found = look(arm(), arm(accuracy=0.8), timedelta(days=1), min_days=1)
    assert found.verdict == "challenger_better"
    assert found.warnings == (
        "a better version may be named after 1 day: below 7 days some days of the week are not in the test",
    )
    assert look(arm(), arm()).warnings == ()


def test_lost_users_block_every_verdict_at_once() -> None:
    found = look(arm(5_200), arm(4_700, accuracy=0.9), timedelta(hours=1))
    assert found.verdict == "blocked_srm"
    assert found.sample_ratio_p < 0.001
    assert found.reason == (
        "5,200 users have the champion and 4,700 the challenger, which a split of 0.5 all but excludes "
        "(p = 5e-07): users were lost"
    )
    assert look(arm(5_200), arm(4_800, accuracy=0.9), split=0.48).verdict == "challenger_better"


WORSE = {"mean_rating": 0.65, "rating_rate": 3.0, "latency_ms": 50.0, "errors": 100}


@pytest.mark.parametrize(("name", "value"), WORSE.items())
def test_harm_beyond_a_margin_fails_a_test_at_once(name: str, value: float) -> None:
    found = look(arm(), arm(accuracy=0.9, **{name: value}), timedelta(hours=1))
    assert (found.verdict, found.reason) == (
        "guardrail_failed",
        f"the challenger is worse by more than the margin: {name}",
    )
    assert [rail.name for rail in found.guardrails if not rail.holds] == [name]
    few = look(arm(), arm(accuracy=0.9, **{name: value}), timedelta(hours=1), min_users=1_001)
    assert few.verdict == "collecting"


@pytest.mark.parametrize(("name", "value"), {**WORSE, "latency_ms": 1.0, "errors": 0}.items())
def test_what_is_better_of_a_guardrail_is_no_harm(name: str, value: float) -> None:
    better = {"mean_rating": 0.85, "rating_rate": 9.0}.get(name, value)
    champion = arm(errors=100) if name == "errors" else arm()
    assert look(champion, arm(accuracy=0.8, **{name: better})).verdict == "challenger_better"


def test_a_guardrail_has_all_days_to_be_shown_to_hold() -> None:
    ahead, narrow = arm(accuracy=0.8), {"mean_rating_margin": 0.01, "planned_users": 2_000}
    open_one = look(arm(), ahead, **narrow)
    assert open_one.verdict == "collecting"
    assert open_one.reason == (
        "the challenger is ahead in accuracy, but not yet shown to be within its margin: mean_rating"
    )
    failed = look(arm(), ahead, timedelta(days=28), **narrow)
    assert failed.verdict == "guardrail_failed"
    assert failed.reason.endswith("the test is over and not shown to be within its margin: mean_rating")


def test_margins_are_in_the_unit_of_the_guardrail() -> None:
    found = {rail.name: rail for rail in look(arm(), arm()).guardrails}
    assert {name: rail.margin for name, rail in found.items()} == {
        "mean_rating": PLAN.mean_rating_margin,
        "rating_rate": pytest.approx(5 * PLAN.rating_rate_margin),
        "latency_ms": PLAN.latency_ms_margin,
        "errors": PLAN.errors_margin,
    }


def test_every_guardrail_has_outcomes_and_a_margin_in_the_plan() -> None:
    names = {rail.name for rail in GUARDRAILS}
    assert names == {f.name for f in dataclasses.fields(Outcomes)} - {"exposed", "accuracy"}
    assert {f"{name}_margin" for name in names} == {n for n in parameters(Plan) if n.endswith("_margin")}


def test_guardrails_that_were_not_measured_are_left_out() -> None:
    only = tuple(rail for rail in GUARDRAILS if rail.name == "mean_rating")
    found = judged(PLAN, arm(), arm(accuracy=0.8, latency_ms=500), TWO_WEEKS, only)
    assert found.verdict == "challenger_better"
    assert [rail.name for rail in found.guardrails] == ["mean_rating"]
    assert judged(PLAN, arm(), arm(accuracy=0.8), TWO_WEEKS, ()).verdict == "challenger_better"


def test_an_error_is_none_of_a_hundred_and_still_not_never() -> None:
    never, once = share_of(0, 100), share_of(1, 100)
    assert (float(never.mean), float(once.mean)) == (0, 0.01)
    assert 0 < float(never.variance) < float(once.variance)


def test_equal_counts_vary_as_poisson_s_do_and_others_as_they_do() -> None:
    equal, none = counted(moments_of([2, 2, 2, 2])), counted(moments_of([0, 0, 0, 0]))
    assert (float(equal.variance), float(none.variance)) == (2.25, 0.25)
    assert float(counted(moments_of([0, 0, 9, 9])).variance) == 27
    assert np.isnan(counted(moments_of([2])).variance)
    assert np.isnan(counted(moments_of([])).variance)


USERS = st.builds(
    Exposed,
    user_id=st.just("u"),
    arm=st.sampled_from(["champion", "challenger"]),
    fell_back=st.booleans(),
    latency_ms=st.sampled_from([0.0, 1.0, 5.0, 1e9, float("nan"), float("inf")]),
    ratings=st.integers(0, 3),
    forecasts=st.integers(0, 3),
    hits=st.just(0),
    recommended=st.integers(0, 3),
    rating_of_recommended=st.none() | st.sampled_from([0.2, 1.0, float("nan")]),
)


@given(st.lists(USERS, max_size=12), st.sampled_from([-1.0, 0.0, 1.0, 7.0, 28.0, 1e6]))
def test_whatever_a_few_users_are_no_version_is_better(users: list[Exposed], days: float) -> None:
    arms = [outcomes_of(users, arm) for arm in ("champion", "challenger")]
    found = judged(PLAN, *arms, timedelta(days=days))
    assert found.verdict in {"collecting", "no_difference_shown", "blocked_srm"}
    assert found.reason
    assert json.loads(json.dumps(dataclasses.asdict(found), allow_nan=False))


NOTHING = {
    "an empty test": (outcomes_of((), "champion"), outcomes_of((), "challenger")),
    "an empty arm": (arm(9, exposed=9), outcomes_of((), "challenger")),
    "a user an arm": (arm(1), arm(1)),
    "all equal": tuple(dataclasses.replace(arm(), accuracy=moments(1_000, 0.5, 0)) for _ in range(2)),
    "all apart": tuple(dataclasses.replace(arm(), accuracy=moments(1_000, x, 0)) for x in (0, 1)),
    "NaN": (arm(), dataclasses.replace(arm(), accuracy=moments_of([0.5, float("nan")] * 500))),
    "NaN of a guardrail": (arm(), arm(accuracy=0.9, latency_ms=float("nan"))),
}


@pytest.mark.parametrize("name", NOTHING)
@pytest.mark.parametrize("days", [0, 14, 28, 1_000])
def test_where_nothing_can_be_compared_nothing_is_said(name: str, days: int) -> None:
    if name == "a user an arm":
        pair = tuple(dataclasses.replace(one, accuracy=moments_of([0.5])) for one in NOTHING[name])
    else:
        pair = NOTHING[name]
    found = look(*pair, timedelta(days=days))
    assert found.verdict == "collecting"
    assert json.loads(json.dumps(dataclasses.asdict(found), allow_nan=False))


def test_a_clock_that_runs_backwards_stops_every_verdict() -> None:
    for challenger in (arm(accuracy=0.9), arm(accuracy=0.1), arm(500), arm(errors=500)):
        found = look(arm(), challenger, timedelta(seconds=-1))
        assert (found.verdict, found.reason) == (
            "collecting",
            "the clock says that the test has not been started yet",
        )


def test_the_verdicts_are_those_of_the_plan_of_the_house() -> None:
    pairs = product((arm(), arm(600)), (arm(accuracy=0.8), arm(accuracy=0.6), arm(), arm(errors=300)))
    found = {look(*pair, timedelta(days=days)).verdict for pair in pairs for days in (1, 14, 28)}
    assert found == set(get_args(Verdict))


def test_a_plan_says_what_is_wrong_with_it() -> None:
    values = {name: spec.default for name, spec in parameters(Plan).items()}
    assert read(Plan, values) == Plan()
    with pytest.raises(InvalidInput, match=r"ab_test\.max_days must be at least min_days \(7\), got 3"):
        read(Plan, values | {"max_days": 3}, "ab_test.")
    with pytest.raises(InvalidInput, match=r"ab_test\.min_days must be in \[1, 365\], got 0"):
        read(Plan, values | {"min_days": 0}, "ab_test.")


def test_the_shipped_settings_are_the_defaults() -> None:
    shipped = yaml.safe_load((CONF / "ab_test" / "standard.yaml").read_text(encoding="utf-8"))
    assert read(PlanSettings, shipped, "ab_test.") == PlanSettings()


def test_a_guardrail_without_an_interval_does_not_hold() -> None:
    nobody = dataclasses.replace(arm(accuracy=0.8), mean_rating=moments_of([]))
    found = look(arm(), nobody)
    assert found.verdict == "collecting"
    assert not found.guardrails[0].holds
