"""A live test from its start to its end: begun between two versions, looked at, stopped, promoted."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine

from db.deployment.ab_tests import (
    NotRunning,
    ab_test,
    ab_tests,
    end_test,
    exposed,
    note_judgement,
    start_test,
)
from db.deployment.answers import AbTest, Activation, NewAbTest, Version
from db.deployment.live_ratings import performance
from db.deployment.tables import READY, RUNNING, Source
from db.deployment.versions import active, version_of
from deployment.ab_testing.assignment import new_salt
from deployment.ab_testing.judgement import Judgement, judged, judgement_of
from deployment.ab_testing.outcomes import outcomes_of
from deployment.ab_testing.plan import Plan, PlanSettings
from deployment.ab_testing.planning import largest_variance, planned_users
from deployment.ab_testing.verdict import Verdict
from deployment.switching import Refused, activate, opened
from pipeline.parameters import InvalidInput

# How a source is called wherever a test is shown.
LABELS: Mapping[Source, str] = {"live": "live", "offline_replay": "offline replay"}
# Verdicts that answer what the test was started for; a test stopped without one was stopped, not decided.
ANSWERS: tuple[Verdict, ...] = ("challenger_better", "champion_better", "no_difference_shown")
# Live ratings of a version from which on its live accuracy is what is planned with.
ENOUGH_RATINGS = 100


@dataclass(frozen=True)
class Standing:
    """A test and what it shows."""

    test: AbTest
    plan: Plan
    judgement: Judgement

    @property
    def label(self) -> str:
        """What the test was made of: live, or offline replay."""
        return LABELS[self.test.source]


@dataclass(frozen=True)
class Ended:
    """A test that was stopped, and the switch where its challenger was promoted."""

    standing: Standing
    activation: Activation | None


def start(engine: Engine, *, name: str, challenger: int, settings: PlanSettings, who: str) -> Standing:
    """Begin to show a version to a share of the users, beside the active one.

    Args:
        engine: of the record.
        name: of the test.
        challenger: version to be compared with the active one.
        settings: what is asked of the test; the planned users follow from it.
        who: starts it.

    Raises:
        InvalidInput: a version is not there, not ready or damaged, or both are the same.
        AlreadyRunning: another live test runs.
        NotActive: somebody switched the active version meanwhile.

    """
    now = active(engine)
    if now is None:
        raise InvalidInput("ab_test.champion must be the active version, and none is active")
    if challenger == now.version:
        raise InvalidInput(
            f"ab_test.challenger must be another version than the active one, got {challenger}"
        )
    champion, _ = (usable(engine, version) for version in (now.version, challenger))
    note_ended(engine)
    plan = planned(settings, expected_accuracy(engine, champion))
    new = new_test(name=name, source="live", versions=(now.version, challenger), plan=plan, who=who)
    return standing(engine, start_test(engine, new))


def new_test(*, name: str, source: Source, versions: tuple[int, int], plan: Plan, who: str) -> NewAbTest:
    """Make the row of a test of a champion and a challenger; the split has a column of its own."""
    values = {key: value for key, value in dataclasses.asdict(plan).items() if key != "split"}
    return NewAbTest(
        name=name,
        source=source,
        champion_version=versions[0],
        challenger_version=versions[1],
        salt=new_salt(),
        split=plan.split,
        plan=values,
        who=who,
    )


def planned(settings: PlanSettings, accuracy: float) -> Plan:
    """Add the planned users: as if each user rated once, which differ the most."""
    needed = planned_users(
        effect=settings.planned_effect,
        variance=largest_variance(accuracy),
        split=settings.split,
        alpha=settings.alpha,
        power=settings.power,
    )
    return Plan(**dataclasses.asdict(settings), planned_users=max(needed, 2 * settings.min_users))


def plan_of(test: AbTest) -> Plan:
    """Read the plan that a test was started with."""
    return Plan(**test.plan, split=test.split)


def standing(engine: Engine, test: AbTest, now: datetime | None = None) -> Standing:
    """Look at a test; once it has ended it stays as it was then.

    Args:
        engine: of the record.
        test: as recorded.
        now: the time of looking.

    """
    plan = plan_of(test)
    if test.judgement is not None:
        return Standing(test, plan, judgement_of(test.judgement))
    users = exposed(engine, test.ab_test_id)
    arms = outcomes_of(users, "champion"), outcomes_of(users, "challenger")
    until = test.ended_at or now or datetime.now(UTC)
    return Standing(test, plan, judged(plan, *arms, until - test.started_at))


def stop(
    engine: Engine,
    ab_test_id: int,
    *,
    who: str,
    why: str,
    promote: bool = False,
    force: bool = False,
    now: datetime | None = None,
) -> Ended:
    """End a live test; with `promote` its challenger becomes the active version in the same transaction.

    Args:
        engine: of the record.
        ab_test_id: of the test.
        who: stops it.
        why: in one sentence.
        promote: make the challenger active.
        force: promote whatever the verdict, and whatever the gate said of the version.
        now: the time of looking.

    Raises:
        NotRunning: it has ended already, or there is none of this number.
        Refused: the verdict, or the gate, does not allow to promote.
        Conflict: somebody else switched the active version meanwhile.
        Damaged: the challenger's files are not those that were written.

    """
    before, test = active(engine), ab_test(engine, ab_test_id)
    if test is None or test.status != RUNNING:
        raise NotRunning(f"test {ab_test_id} {'does not exist' if test is None else f'is {test.status}'}")
    found = standing(engine, test, now)
    verdict, judgement = found.judgement.verdict, dataclasses.asdict(found.judgement)
    if not promote:
        decided = verdict in ANSWERS
        end_test(engine, ab_test_id, verdict=verdict, judgement=judgement, reason=why, decided=decided)
        return Ended(_again(engine, ab_test_id), None)
    if verdict != "challenger_better" and not force:
        raise Refused(
            f"test {ab_test_id} does not allow to promote its challenger, it is {verdict}: "
            f"{found.judgement.reason}; force=true promotes it all the same"
        )
    done = activate(
        engine,
        test.challenger_version,
        action="promote",
        who=who,
        why=f"test {ab_test_id} is {verdict}: {why}",
        expected_rev=None if before is None else before.rev,
        force=force,
    )
    note_judgement(engine, ab_test_id, verdict=verdict, judgement=judgement)
    return Ended(_again(engine, ab_test_id), done)


def note_ended(engine: Engine) -> None:
    """Record what tests showed that a switch of the active version ended."""
    for test in ab_tests(engine):
        if test.status != RUNNING and test.judgement is None:
            found = standing(engine, test).judgement
            values: dict[str, Any] = dataclasses.asdict(found)
            note_judgement(engine, test.ab_test_id, verdict=found.verdict, judgement=values)


def usable(engine: Engine, number: int) -> Version:
    """Return a version that is ready, after its files were verified and loaded.

    Raises:
        InvalidInput: in one line, where it is not.

    """
    version = version_of(engine, number)
    if version is None or version.status != READY:
        found = "it does not exist" if version is None else f"it is {version.status}"
        raise InvalidInput(f"ab_test must compare versions that are ready, got {number}: {found}")
    opened(version)
    return version


def expected_accuracy(engine: Engine, version: Version) -> float:
    """Expect of a version what users found, else what it measured, else what needs the most users."""
    live = performance(engine, version.version)
    if live.accuracy is not None and live.samples >= ENOUGH_RATINGS:
        return live.accuracy
    measured = version.validation.get("accuracy")
    return 0.5 if measured is None else measured


def _again(engine: Engine, ab_test_id: int) -> Standing:
    test = ab_test(engine, ab_test_id)
    assert test is not None
    return standing(engine, test)
