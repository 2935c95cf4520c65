"""What is committed in a hurry is there for all, outlives its process, and is on the disk a little later."""

import subprocess
import sys
from pathlib import Path

import pytest
from db_samples import RUN, new_experiment, result
from sqlalchemy import Engine, event

import db.syncing
from db.engine import connect
from db.queries import finished_trials
from db.records import save_experiment
from db.schema import prepare
from db.syncing import RESULTS, may_hurry
from project import ROOT

KILLED = f"""
import os, signal, sys
sys.path[:0] = [{str(ROOT / "src")!r}, {str(Path(__file__).parents[1])!r}]
from db_samples import new_experiment, result
from db.engine import connect
from db.records import save_experiment
from db.schema import prepare
engine = connect(sys.argv[1])
prepare(engine)
for number in range(1, 8):
    save_experiment(engine, new_experiment(number), result(0.5), phase="exploration")
os.kill(os.getpid(), signal.SIGKILL)
"""


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(db.syncing.time, "monotonic", clock)
    return clock


@pytest.fixture
def sqlite(sqlite_url: str) -> Engine:
    engine = connect(sqlite_url)
    prepare(engine)
    return engine


def test_the_first_result_and_each_twentieth_after_it_is_synced(sqlite: Engine, clock: Clock) -> None:
    assert [number for number in range(45) if not may_hurry(sqlite)] == [0, RESULTS, 2 * RESULTS]


def test_a_result_a_second_after_the_last_that_was_is_synced(sqlite: Engine, clock: Clock) -> None:
    hurried = []
    for clock.now in (0.0, 0.4, 0.9, 1.1, 1.5, 9.0, 9.1):
        hurried.append(may_hurry(sqlite))
    assert hurried == [False, True, True, False, True, False, True]


def test_of_a_trial_only_a_result_that_is_due_waits_for_the_disk(sqlite: Engine, clock: Clock) -> None:
    pragmas: list[str] = []

    @event.listens_for(sqlite, "before_cursor_execute")
    def note(_: object, __: object, statement: str, *___: object) -> None:
        if statement.startswith("PRAGMA synchronous"):
            pragmas.append(statement.partition("=")[2])

    for number in (1, 2, 3):
        save_experiment(sqlite, new_experiment(number), result(0.5), phase="exploration")
    assert pragmas == ["NORMAL", "FULL", *["NORMAL"] * 4]


def test_all_that_was_committed_outlives_a_process_that_is_killed(sqlite_url: str) -> None:
    killed = subprocess.run([sys.executable, "-c", KILLED, sqlite_url], check=False, timeout=60)
    assert killed.returncode == -9
    assert list(finished_trials(connect(sqlite_url), RUN, ("accuracy",))) == list(range(1, 8))
