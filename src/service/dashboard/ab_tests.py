"""Tests between two versions: the one that runs, as it stands now, and those before it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import get_args

from sqlalchemy import Engine

from db.deployment.ab_tests import ab_tests, running_test
from db.deployment.answers import AbTest
from db.deployment.tables import RUNNING, Arm
from deployment.ab_testing.judgement import Compared, Guarded, Judgement, judgement_of
from deployment.ab_testing.lifecycle import plan_of
from deployment.ab_testing.plan import in_days
from deployment.ab_testing.sample_ratio import BLOCKS_BELOW
from report.plots import Plot
from report.summary import Figure
from report.tables import Column, Table, change, number
from service.dashboard.plots import ahead
from service.dashboard.words import SOURCES, day_of, moment, verdict_words

TESTS = 50
AHEAD = "accuracy of the challenger minus the champion's"


@dataclass(frozen=True, kw_only=True)
class RunningTest:
    """The live test that runs, judged now."""

    test: AbTest
    source: str
    verdict: str
    judgement: Judgement
    figures: Sequence[Figure]
    arms: Table
    differences: Table
    plot: Plot | None  # None before there is an interval


def running(engine: Engine, judge: Callable[[AbTest], Judgement]) -> RunningTest | None:
    """Judge the live test that runs; None where none does."""
    test = running_test(engine)
    if test is None:
        return None
    found = judge(test)
    return RunningTest(
        test=test,
        source=SOURCES[test.source],
        verdict=verdict_words(found.verdict),
        judgement=found,
        figures=_figures(test, found),
        arms=_arms(test, found),
        differences=_differences(found, 1 - plan_of(test).alpha),
        plot=_plot(found.accuracy),
    )


def tests_table(engine: Engine) -> Table:
    """List the latest tests; what was a replay of held-out ratings says so."""
    rows = [_row(test) for test in ab_tests(engine, limit=TESTS)]
    return Table("tests, the latest first", TEST_COLUMNS, [rows])


TEST_COLUMNS = (
    Column("test", numeric=False, wraps=True),
    Column("source", numeric=False),
    Column("versions", numeric=False),
    Column("started", numeric=False),
    Column("ended", numeric=False),
    Column("verdict", numeric=False, wraps=True),
    Column("accuracy ahead"),
    Column("why it ended", numeric=False, wraps=True),
)
ARM_COLUMNS = (
    Column("arm", numeric=False),
    Column("version"),
    Column("share of users"),
    Column("exposed users"),
    Column("users with a counted rating"),
    Column("accuracy"),
)


def _figures(test: AbTest, found: Judgement) -> list[Figure]:
    rated = found.accuracy.champion_users + found.accuracy.challenger_users
    plan = plan_of(test)
    days = f"{found.elapsed_days:.1f} days of at least {plan.min_days}, at most {in_days(plan.max_days)}"
    return [
        Figure("running for", days),
        Figure("users with a counted rating", f"{rated:,} of {found.planned_users:,} planned"),
        Figure("sample ratio", f"p = {found.sample_ratio_p:.3g}; below {BLOCKS_BELOW:g} blocks"),
        Figure("started", f"{moment(test.started_at)} by {test.who}"),
    ]


def _arms(test: AbTest, found: Judgement) -> Table:
    rated = found.accuracy
    shares = (1 - test.split, test.split)
    versions = (test.champion_version, test.challenger_version)
    exposed = (found.exposed_champion, found.exposed_challenger)
    users = (rated.champion_users, rated.challenger_users)
    accuracies = (rated.champion, rated.challenger)
    arms = zip(get_args(Arm), versions, shares, exposed, users, accuracies, strict=True)
    rows = [
        [arm, str(version), f"{share:.0%}", f"{shown:,}", f"{counted:,}", number(accuracy)]
        for arm, version, share, shown, counted, accuracy in arms
    ]
    return Table("the two arms", ARM_COLUMNS, [rows])


def _differences(found: Judgement, confidence: float) -> Table:
    """Set accuracy and the guardrails side by side, each with what its difference may be."""
    columns = (
        Column("what", numeric=False, wraps=True),
        Column("champion"),
        Column("challenger"),
        Column("difference"),
        Column(f"always-valid {100 * confidence:g}% interval"),
        Column("margin"),
        Column("stands", numeric=False, wraps=True),
    )
    accuracy = [*_compared(found.accuracy, "accuracy, share of ratings within 0.2"), "", "what is tested"]
    rails = [[*_compared(rail, f"{rail.meaning}, {rail.unit}"), *_held(rail)] for rail in found.guardrails]
    caption = "challenger minus champion; guardrails must be shown not to be worse by their margin"
    return Table(caption, columns, [[accuracy], rails])


def _plot(accuracy: Compared) -> Plot | None:
    if accuracy.difference is None or accuracy.low is None or accuracy.high is None:
        return None
    return ahead(accuracy.difference, accuracy.low, accuracy.high, AHEAD)


def _compared(one: Compared, words: str) -> list[str]:
    return [
        words,
        number(one.champion),
        number(one.challenger),
        change(one.difference, 4),
        _interval(one.low, one.high),
    ]


def _held(rail: Guarded) -> list[str]:
    return [number(rail.margin), "holds" if rail.holds else "not shown to hold"]


def _interval(low: float | None, high: float | None) -> str:
    return "–" if low is None or high is None else f"[{low:+.4f}, {high:+.4f}]"


def _row(test: AbTest) -> list[str]:
    return [
        f"{test.ab_test_id}: {test.name}",
        SOURCES[test.source],
        f"{test.challenger_version} against {test.champion_version}",
        day_of(test.started_at),
        "running" if test.status == RUNNING else day_of(test.ended_at),
        verdict_words(test.verdict),
        "–" if test.judgement is None else _ahead(judgement_of(test.judgement).accuracy),
        test.stop_reason or "–",
    ]


def _ahead(accuracy: Compared) -> str:
    """Write the difference as it was kept at the test's end, with its interval where there was one."""
    return f"{change(accuracy.difference, 4)} {_interval(accuracy.low, accuracy.high)}".removesuffix(" –")
