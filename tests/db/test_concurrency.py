"""Bars D1 and D2: many processes on one database lose nothing and fail nowhere."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from db_crowd import PROCESSES, ROUNDS, TRANSACTIONS, counter, rows
from sqlalchemy import func, select

import db.engine
from db.engine import connect, reading, writing
from db.queries import get_tuning_statistics

SOURCES = Path(db.engine.__file__).parents[1]
TESTS = Path(__file__).parents[1]


def crowd(task: str, where: object) -> list[dict[str, Any]]:
    script = Path(__file__).with_name("db_crowd.py")
    done = subprocess.run(
        [sys.executable, str(script), task, str(where)],
        env=os.environ | {"PYTHONPATH": f"{SOURCES}:{TESTS}"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return list(json.loads(done.stdout))


def errors(answers: list[dict[str, Any]]) -> list[str]:
    return [error for answer in answers for error in answer["errors"]]


@pytest.mark.parametrize(
    ("database", "least_rate"), [("sqlite", 300), pytest.param("postgresql", 100, marks=pytest.mark.slow)]
)
def test_sixteen_writers_lose_no_update_and_none_waits_long(
    database: str, least_rate: float, request: pytest.FixtureRequest, record_property: Any
) -> None:
    url = request.getfixturevalue(f"{database}_url")
    engine = connect(url)
    with writing(engine) as connection:
        rows.create(connection)
        counter.create(connection)
        connection.execute(counter.insert().values(value=0))
    engine.dispose()

    answers = crowd("write", url)

    with reading(engine) as connection:
        counted = connection.scalar(select(counter.c.value))
        distinct = connection.execute(select(rows.c.process, rows.c.number).distinct()).all()
        stored = connection.scalar(select(func.count()).select_from(rows))
    engine.dispose()
    seconds = max(a["end"] for a in answers) - min(a["start"] for a in answers)
    record_property("rows_per_second", round(stored / seconds))
    record_property("longest_wait", round(max(a["longest"] for a in answers), 2))
    assert errors(answers) == []
    assert counted == stored == len(distinct) == PROCESSES * TRANSACTIONS
    assert stored / seconds >= least_rate
    assert max(a["longest"] for a in answers) < 10


@pytest.mark.slow
def test_sixteen_processes_start_on_a_missing_database_twenty_times_without_an_error(tmp_path: Path) -> None:
    assert errors(crowd("start", tmp_path)) == []
    for number in range(ROUNDS):
        engine = connect(f"sqlite:///{tmp_path / f'round{number}.db'}")
        assert get_tuning_statistics(engine).pending == PROCESSES
        engine.dispose()
