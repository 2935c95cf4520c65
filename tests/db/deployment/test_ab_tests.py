"""Tests between two versions, as the record holds them to their rules: bars A6 and A7 of the project."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from deployment_samples import new_test, ready
from sqlalchemy import Engine, delete, func, select
from sqlalchemy.exc import IntegrityError

from db.deployment.ab_tests import (
    NotRunning,
    ab_test,
    ab_tests,
    end_test,
    expose,
    exposed,
    note_judgement,
    running_test,
    start_test,
)
from db.deployment.answers import AbTest
from db.deployment.tables import Exposure, ModelVersion
from db.deployment.versions import switch
from db.engine import reading, writing

USERS = 50


@pytest.fixture(name="test")
def running(engine: Engine) -> AbTest:
    """A live test that runs."""
    champion, challenger = ready(engine), ready(engine)
    switch(engine, champion, action="deploy", who="a test", why="it is the first")
    return start_test(engine, new_test(champion, challenger))


def end(engine: Engine, test: AbTest, **changes: Any) -> None:
    values: dict[str, Any] = {"verdict": "collecting", "judgement": {"n": 1}, "reason": "enough"}
    end_test(engine, test.ab_test_id, **{**values, "decided": False, **changes})


def check_crowd(engine: Engine, test: AbTest, rounds: int) -> None:
    """Expose the same users by 200 at once, in arms that contradict each other: the first one stays."""
    arms = ("champion", "challenger")

    def show(number: int) -> tuple[str, str] | None:
        user, arm = f"user {number % USERS}", arms[number // USERS % 2]
        is_first = expose(engine, test.ab_test_id, user, arm=arm, version=1, latency_ms=1.0)  # type: ignore[arg-type]
        return (user, arm) if is_first else None

    with ThreadPoolExecutor(200) as crowd:
        answers = list(crowd.map(show, range(200 * rounds)))
    firsts = [answer for answer in answers if answer is not None]
    assert len(firsts) == USERS
    assert {row.user_id: row.arm for row in exposed(engine, test.ab_test_id)} == dict(firsts)
    with reading(engine) as connection:
        assert connection.scalar(select(func.count()).select_from(Exposure)) == USERS


def test_of_200_exposures_at_once_each_user_has_one_and_keeps_its_arm(engine: Engine, test: AbTest) -> None:
    check_crowd(engine, test, rounds=1)


@pytest.mark.slow
def test_of_200_exposures_at_once_twenty_times_each_user_has_one(engine: Engine, test: AbTest) -> None:
    check_crowd(engine, test, rounds=20)


def test_a_test_is_read_back_as_it_was_started(engine: Engine, test: AbTest) -> None:
    assert ab_test(engine, test.ab_test_id) == running_test(engine) == test
    assert ab_tests(engine) == (test,)
    assert (test.plan, test.verdict, test.ended_at) == ({"alpha": 0.05}, None, None)
    assert ab_test(engine, test.ab_test_id + 1) is None


@pytest.mark.parametrize(("decided", "status"), [(True, "decided"), (False, "stopped")])
def test_a_test_ends_once_and_keeps_what_it_showed(
    engine: Engine, test: AbTest, decided: bool, status: str
) -> None:
    end(engine, test, decided=decided, verdict="no_difference_shown")
    found = ab_test(engine, test.ab_test_id)
    assert found is not None
    assert (found.status, found.verdict, found.judgement) == (status, "no_difference_shown", {"n": 1})
    assert found.ended_at is not None
    assert found.ended_at >= found.started_at
    with pytest.raises(NotRunning, match=f"test {test.ab_test_id} is not running"):
        end(engine, test, verdict="challenger_better")
    assert ab_test(engine, test.ab_test_id) == found
    assert running_test(engine) is None


def test_what_a_test_of_unknown_number_shows_is_kept_nowhere(engine: Engine, test: AbTest) -> None:
    with pytest.raises(NotRunning):
        end_test(engine, 99, verdict="collecting", judgement={}, reason="enough", decided=False)
    assert ab_tests(engine) == (test,)


def test_a_judgement_is_added_once_where_a_switch_ended_the_test(engine: Engine, test: AbTest) -> None:
    switch(engine, test.challenger_version, action="activate", who="a test", why="it is asked for")
    for verdict in ("collecting", "challenger_better"):
        note_judgement(engine, test.ab_test_id, verdict=verdict, judgement={"verdict": verdict})
    found = ab_test(engine, test.ab_test_id)
    assert found is not None
    assert (found.status, found.verdict, found.judgement) == (
        "stopped",
        "collecting",
        {"verdict": "collecting"},
    )
    assert found.stop_reason == "activate: it is asked for"


def test_a_version_in_use_cannot_be_deleted(engine: Engine, test: AbTest) -> None:
    for version in (test.champion_version, test.challenger_version):
        with pytest.raises(IntegrityError), writing(engine) as connection:
            connection.execute(delete(ModelVersion).where(ModelVersion.version == version))
    assert running_test(engine) == test


def test_a_version_is_not_compared_with_itself_and_a_salt_not_used_twice(
    engine: Engine, test: AbTest
) -> None:
    champion, challenger = test.champion_version, test.challenger_version
    for salt, pair in (("new", (champion, champion)), (test.salt, (champion, challenger))):
        with pytest.raises(IntegrityError):
            start_test(engine, new_test(*pair, source="offline_replay", salt=salt))
    assert Counter(one.source for one in ab_tests(engine)) == {"live": 1}
