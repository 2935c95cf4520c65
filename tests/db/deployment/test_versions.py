"""Exactly one version is active, its history has no gap, and a way back leads through all that were."""

import pytest
from deployment_samples import new_test, new_version, ready
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from db.deployment.ab_tests import ab_test, start_test
from db.deployment.versions import (
    Conflict,
    NotReady,
    abandon_versions,
    activations,
    active,
    earlier_versions,
    latest_activations,
    open_version,
    ready_version,
    switch,
    version_of,
    versions,
)
from db.engine import reading, writing


def go_to(engine: Engine, version: int, action: str = "deploy", **more: int) -> None:
    switch(engine, version, action=action, who="a test", why="it is asked for", **more)  # type: ignore[arg-type]


def test_a_version_is_read_back_as_it_was_recorded(engine: Engine) -> None:
    version = open_version(engine, new_version(experiment_id="grid_1_001", process="here:1:2"))
    found = version_of(engine, version)
    assert found is not None
    assert (found.status, found.experiment_id, found.validation) == (
        "building",
        "grid_1_001",
        {"accuracy": 0.7, "ndcg": None},
    )
    ready_version(engine, version, path="somewhere", sha256="0" * 64, n_bytes=12)
    found = version_of(engine, version)
    assert found is not None
    assert (found.status, found.artifact_path, found.artifact_bytes, found.process) == (
        "ready",
        "somewhere",
        12,
        None,
    )
    assert version_of(engine, version + 1) is None


def test_nothing_is_active_before_the_first_switch(engine: Engine) -> None:
    assert active(engine) is None
    assert activations(engine) == ()
    assert earlier_versions(engine) == ()


def test_a_switch_moves_the_alias_and_adds_to_the_history(engine: Engine) -> None:
    first, second = ready(engine), ready(engine)
    go_to(engine, first)
    go_to(engine, second)
    assert active(engine) == (second, 2)
    steps = [(step.rev, step.from_version, step.to_version) for step in activations(engine)]
    assert steps == [(1, None, first), (2, first, second)]


def test_the_latest_switches_come_first(engine: Engine) -> None:
    first, second = ready(engine), ready(engine)
    assert latest_activations(engine, 1) == ()
    for version in (first, second, first):
        go_to(engine, version, "activate")
    assert latest_activations(engine, 2) == activations(engine)[:0:-1]


def test_a_version_that_is_not_ready_or_not_there_is_never_active(engine: Engine) -> None:
    building = open_version(engine, new_version())
    with pytest.raises(NotReady, match=f"version {building} is building"):
        go_to(engine, building)
    with pytest.raises(NotReady, match="version 99 does not exist"):
        go_to(engine, 99)
    assert active(engine) is None


def test_a_decision_on_an_old_revision_conflicts(engine: Engine) -> None:
    first, second, third = ready(engine), ready(engine), ready(engine)
    go_to(engine, first, expected_rev=0)
    go_to(engine, second, expected_rev=1)
    with pytest.raises(Conflict, match="revision 2, not 1"):
        go_to(engine, third, expected_rev=1)
    with pytest.raises(Conflict, match="active already"):
        go_to(engine, second)
    assert active(engine) == (second, 2)


def test_two_rollbacks_go_two_back(engine: Engine) -> None:
    numbers = [ready(engine) for _ in range(3)]
    for version in numbers:
        go_to(engine, version)
    assert earlier_versions(engine) == (numbers[1], numbers[0])
    go_to(engine, numbers[1], "rollback")
    assert earlier_versions(engine) == (numbers[0],)
    go_to(engine, numbers[0], "rollback")
    assert earlier_versions(engine) == ()


def test_the_way_back_names_each_version_once_and_never_the_active_one(engine: Engine) -> None:
    first, second, third = ready(engine), ready(engine), ready(engine)
    for version in (first, second, third, first):
        go_to(engine, version, "activate")
    assert earlier_versions(engine) == (third, second)


def test_a_version_that_is_in_use_cannot_be_deleted_nor_a_missing_one_pointed_at(engine: Engine) -> None:
    version = ready(engine)
    go_to(engine, version)
    for statement in ("DELETE FROM model_versions", "UPDATE model_aliases SET version = 99"):
        with pytest.raises(IntegrityError), writing(engine) as connection:
            connection.execute(text(statement))
    assert active(engine) == (version, 1)


def test_a_version_is_not_ready_without_the_hash_of_its_files(engine: Engine) -> None:
    open_version(engine, new_version())
    with pytest.raises(IntegrityError), writing(engine) as connection:
        connection.execute(text("UPDATE model_versions SET status = 'ready'"))


def test_what_a_dead_process_was_building_is_abandoned(engine: Engine) -> None:
    dead = open_version(engine, new_version(process="dead"))
    alive = open_version(engine, new_version(process="alive"))
    done = ready(engine)
    assert abandon_versions(engine, lambda process: process == "dead") == (dead,)
    assert [version.status for version in versions(engine)] == ["ready", "building", "abandoned"]
    with pytest.raises(NotReady):
        ready_version(engine, dead, path="somewhere", sha256="0" * 64, n_bytes=1)
    assert [found.version for found in versions(engine, limit=1, offset=1)] == [alive]
    assert done == versions(engine)[0].version


@pytest.mark.parametrize(("action", "status"), [("rollback", "stopped"), ("promote", "decided")])
def test_another_active_version_ends_the_running_test(engine: Engine, action: str, status: str) -> None:
    champion, challenger = ready(engine), ready(engine)
    go_to(engine, champion)
    test = start_test(engine, new_test(champion, challenger))
    go_to(engine, challenger, action)
    ended = ab_test(engine, test.ab_test_id)
    assert ended is not None
    assert (ended.status, ended.stop_reason) == (status, f"{action}: it is asked for")
    assert ended.ended_at is not None


def test_numbers_are_not_given_twice(engine: Engine) -> None:
    last = [ready(engine) for _ in range(2)][-1]
    with writing(engine) as connection:
        connection.execute(text("DELETE FROM model_versions"))
    assert ready(engine) == last + 1


def test_the_alias_is_one_row(engine: Engine) -> None:
    for _ in range(3):
        go_to(engine, ready(engine))
    with reading(engine) as connection:
        assert connection.scalar(text("SELECT count(*) FROM model_aliases")) == 1
