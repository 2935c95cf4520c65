"""A live test is started once, never changed, judged as it stands, and ends in one of four ways."""

import dataclasses
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from deployment_samples import new_rating, new_version
from sqlalchemy import Engine
from two_versions import CHALLENGER, CHAMPION, folder_of, rate, record_in

from db.deployment.ab_tests import AlreadyRunning, NotRunning, ab_test, running_test
from db.deployment.live_ratings import record_rating
from db.deployment.versions import activations, active, open_version, switch, version_of
from deployment.ab_testing import lifecycle
from deployment.ab_testing.judgement import judgement_of
from deployment.ab_testing.lifecycle import (
    Standing,
    expected_accuracy,
    note_ended,
    planned,
    standing,
    start,
    stop,
)
from deployment.ab_testing.plan import PlanSettings
from deployment.bundle import Damaged
from deployment.switching import Refused, rollback
from pipeline.parameters import InvalidInput

# A test so small that sixty users decide it: only a large effect is of interest, and no guardrail binds.
SMALL = PlanSettings(
    planned_effect=0.5,
    min_users=10,
    mean_rating_margin=1,
    rating_rate_margin=1,
    latency_ms_margin=100,
    errors_margin=1,
)
EIGHT_DAYS = timedelta(days=8)


@pytest.fixture
def record(tmp_path: Path) -> Iterator[Engine]:
    engine = record_in(tmp_path)
    yield engine
    engine.dispose()


def started(record: Engine, **changes: Any) -> Standing:
    settings = dataclasses.replace(SMALL, **changes)
    return start(record, name="taste", challenger=CHALLENGER, settings=settings, who="a test")


def stopped(record: Engine, found: Standing, **how: Any) -> Any:
    test, now = found.test.ab_test_id, found.test.started_at + EIGHT_DAYS
    return stop(record, test, who="a test", why="enough is known", now=now, **how)


def test_a_test_runs_between_the_active_version_and_its_challenger(record: Engine) -> None:
    found = started(record)
    assert found.test == running_test(record)
    assert (found.test.champion_version, found.test.challenger_version) == (CHAMPION, CHALLENGER)
    assert (found.test.status, found.test.source, found.label) == ("running", "live", "live")
    assert found.judgement.verdict == "collecting"


def test_the_plan_is_kept_with_its_planned_users(record: Engine) -> None:
    found = started(record, planned_effect=0.1, split=0.3)
    version = version_of(record, CHAMPION)
    assert version is not None
    accuracy = version.validation["accuracy"]
    assert accuracy is not None
    again = standing(record, found.test)
    assert (
        again.plan
        == found.plan
        == planned(dataclasses.replace(SMALL, planned_effect=0.1, split=0.3), accuracy)
    )
    assert again.plan.planned_users == pytest.approx(
        accuracy * (1 - accuracy) / 0.21 / (0.1 / 3.877) ** 2, rel=0.01
    )
    assert found.plan.sentence().startswith(f"{found.plan.planned_users:,} users with a rating")


def test_a_plan_has_at_least_the_users_without_whom_nothing_is_said() -> None:
    assert planned(PlanSettings(planned_effect=1.0), 0.9).planned_users == 200


def test_what_users_found_is_planned_with_once_it_is_enough(
    record: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = version_of(record, CHAMPION)
    assert version is not None
    monkeypatch.setattr(lifecycle, "ENOUGH_RATINGS", 4)
    for number in range(4):
        assert expected_accuracy(record, version) == version.validation["accuracy"]
        record_rating(record, new_rating("u", str(number), 0.7 if number else 0.1, CHAMPION))
    assert expected_accuracy(record, version) == 0.75
    unmeasured = dataclasses.replace(version, version=CHALLENGER, validation={})
    assert expected_accuracy(record, unmeasured) == 0.5


@pytest.mark.parametrize(
    ("challenger", "message"),
    [
        (CHAMPION, "ab_test.challenger must be another version than the active one, got 1"),
        (9, "ab_test must compare versions that are ready, got 9: it does not exist"),
        (3, "ab_test must compare versions that are ready, got 3: it is building"),
    ],
)
def test_only_another_version_that_is_ready_can_challenge(
    record: Engine, challenger: int, message: str
) -> None:
    assert open_version(record, new_version()) == 3
    with pytest.raises(InvalidInput) as refusal:
        start(record, name="taste", challenger=challenger, settings=SMALL, who="a test")
    assert str(refusal.value) == message
    assert running_test(record) is None


def test_a_version_whose_files_are_damaged_is_not_shown_to_anybody(record: Engine, tmp_path: Path) -> None:
    catalogue = folder_of(CHALLENGER) / "catalogue.npz"
    whole = catalogue.read_bytes()
    catalogue.write_bytes(whole[:-1])
    try:
        with pytest.raises(Damaged):
            started(record)
    finally:
        catalogue.write_bytes(whole)
    assert running_test(record) is None


def test_a_second_test_waits_for_the_first(record: Engine) -> None:
    first = started(record)
    with pytest.raises(AlreadyRunning):
        started(record)
    stopped(record, first)
    assert started(record).test.salt != first.test.salt


def test_a_running_test_cannot_be_changed_and_an_ended_one_not_ended_again(record: Engine) -> None:
    found = started(record)
    rate(record, found.test, 8, better=None)
    assert ab_test(record, found.test.ab_test_id) == found.test
    ended = stopped(record, found).standing.test
    frozen = ("salt", "split", "plan", "champion_version", "challenger_version", "started_at")
    assert [getattr(ended, name) for name in frozen] == [getattr(found.test, name) for name in frozen]
    with pytest.raises(NotRunning, match=f"test {ended.ab_test_id} is stopped"):
        stopped(record, found)
    with pytest.raises(NotRunning, match="test 99 does not exist"):
        stop(record, 99, who="a test", why="to see")
    assert ab_test(record, ended.ab_test_id) == ended


def test_a_better_challenger_is_promoted_and_can_be_rolled_back(record: Engine) -> None:
    found = started(record)
    rate(record, found.test, 60, better="challenger")
    done = stopped(record, found, promote=True)
    assert done.activation.action == "promote"
    assert active(record) == (CHALLENGER, 2)
    test = done.standing.test
    assert (test.status, test.verdict) == ("decided", "challenger_better")
    assert test.stop_reason == f"promote: test {test.ab_test_id} is challenger_better: enough is known"
    assert judgement_of(test.judgement).verdict == "challenger_better"
    rollback(record, who="a test", why="it disappoints")
    assert active(record) == (CHAMPION, 3)
    assert [step.action for step in activations(record)] == ["deploy", "promote", "rollback"]


def test_a_challenger_that_is_not_better_is_promoted_by_force_alone(record: Engine) -> None:
    found = started(record)
    rate(record, found.test, 60, better="champion")
    with pytest.raises(Refused, match=r"it is champion_better: after 8\.0 days .* force=true"):
        stopped(record, found, promote=True)
    assert active(record) == (CHAMPION, 1)
    assert running_test(record) is not None
    done = stopped(record, found, promote=True, force=True)
    assert active(record) == (CHALLENGER, 2)
    assert done.standing.test.verdict == "champion_better"


@pytest.mark.parametrize(
    ("better", "users", "status", "verdict"),
    [
        ("challenger", 60, "decided", "challenger_better"),
        ("champion", 60, "decided", "champion_better"),
        (None, 80, "decided", "no_difference_shown"),
        ("challenger", 4, "stopped", "collecting"),
    ],
)
def test_a_test_that_is_stopped_keeps_what_it_showed(
    record: Engine, better: str | None, users: int, status: str, verdict: str
) -> None:
    found = started(record)
    rate(record, found.test, users, better=better)
    done = stopped(record, found)
    test = done.standing.test
    assert (test.status, test.verdict, test.stop_reason) == (status, verdict, "enough is known")
    assert done.activation is None
    assert active(record) == (CHAMPION, 1)
    assert standing(record, test).judgement == done.standing.judgement


def test_who_rates_after_the_end_changes_nothing(record: Engine) -> None:
    found = started(record)
    rate(record, found.test, 20, better=None)
    test = stopped(record, found).standing.test
    record_rating(record, new_rating("user 1", "9", 0.1, CHAMPION, ab_test_id=test.ab_test_id))
    assert standing(record, test).judgement == judgement_of(test.judgement)


def test_a_test_that_a_switch_ended_is_judged_as_it_stood_then(record: Engine) -> None:
    found = started(record)
    rate(record, found.test, 20, better=None)
    switch(record, CHALLENGER, action="activate", who="a test", why="it is asked for")
    test = ab_test(record, found.test.ab_test_id)
    assert test is not None
    assert (test.status, test.verdict) == ("stopped", None)
    judgement = standing(record, test, found.test.started_at + timedelta(days=99)).judgement
    assert judgement.elapsed_days < 1
    note_ended(record)
    noted = ab_test(record, found.test.ab_test_id)
    assert noted is not None
    assert noted.verdict == "collecting"
    assert standing(record, noted).judgement == judgement
    assert rollback(record, who="a test", why="back").to_version == CHAMPION


def test_a_clock_that_was_put_back_says_nothing(record: Engine) -> None:
    found = started(record)
    rate(record, found.test, 60, better="challenger")
    before = found.test.started_at - timedelta(hours=1)
    assert standing(record, found.test, before).judgement.verdict == "collecting"
