"""Bars G1 and G2: many switch at once, some die at it; exactly one version is active, and it can be used."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from deployment_crowd import PROCESSES, VERSIONS

import deployment
from db.engine import connect
from db.schema import prepare

SOURCES = Path(str(deployment.__file__)).parents[1]
TESTS = Path(__file__).parents[1]


def crowd(url: str, folder: Path, task: str, *arguments: object) -> dict[str, Any]:
    engine = connect(url)
    prepare(engine)
    engine.dispose()
    script = Path(__file__).with_name("deployment_crowd.py")
    done = subprocess.run(
        [sys.executable, str(script), task, url, str(folder), *map(str, arguments)],
        env=os.environ | {"PYTHONPATH": f"{SOURCES}:{TESTS}"},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


# On a server the same takes as long again.
DATABASES = ["sqlite_url", pytest.param("postgresql_url", marks=pytest.mark.slow)]


@pytest.mark.parametrize(
    ("database", "switches"),
    [
        ("sqlite_url", 10),
        pytest.param("sqlite_url", 50, marks=pytest.mark.slow),
        pytest.param("postgresql_url", 50, marks=pytest.mark.slow),
    ],
)
def test_eight_processes_switch_at_once_and_all_see_exactly_one_active(
    database: str, switches: int, tmp_path: Path, request: pytest.FixtureRequest, record_property: Any
) -> None:
    found = crowd(request.getfixturevalue(database), tmp_path / "versions", "switch", switches)
    workers = [answer for answer in found["answers"] if "switched" in answer]
    lookers = [answer for answer in found["answers"] if "looks" in answer]
    assert [answer["errors"] for answer in found["answers"]] == [[]] * (PROCESSES + 2)
    switched = sum(answer["switched"] for answer in workers)
    assert switched + sum(answer["conflicts"] for answer in workers) == PROCESSES * switches
    record_property("switched", switched)
    assert switched >= switches
    assert all(answer["looks"] > 5 * switches for answer in lookers)
    assert found["problems"] == []


@pytest.mark.parametrize("database", DATABASES)
def test_twenty_kills_during_activation_leave_one_active_version_that_can_be_used(
    database: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    found = crowd(request.getfixturevalue(database), tmp_path / "versions", "kill_switch", 20)
    assert found["problems"] == []
    assert found["switches"] > VERSIONS + 5


def check_kills(url: str, folder: Path, kills: int) -> None:
    found = crowd(url, folder, "kill_deploy", kills)
    assert found["problems"] == []
    assert found["switches"] > VERSIONS
    # Some died in the middle, and the next deployment noted it; at most the last one is still to be noted.
    assert found["statuses"].count("abandoned") >= kills // 5
    assert found["statuses"].count("building") <= 1


def test_ten_kills_during_deployment_leave_an_active_version_that_can_be_used(
    sqlite_url: str, tmp_path: Path
) -> None:
    check_kills(sqlite_url, tmp_path / "versions", 10)


@pytest.mark.slow
def test_a_hundred_kills_during_deployment_leave_an_active_version_that_can_be_used(
    sqlite_url: str, tmp_path: Path
) -> None:
    check_kills(sqlite_url, tmp_path / "versions", 100)
