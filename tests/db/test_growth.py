"""What an experiment costs on the disk."""

from pathlib import Path
from typing import Any

import pytest
from db_samples import RUN, new_experiment, result
from sqlalchemy import Engine

from db.engine import connect, reading
from db.queries import finished_trials
from db.records import save_experiment
from db.schema import prepare
from pipeline.hyperparameters import MODELS
from pipeline.parameters import parameters

EXPERIMENTS = 1000
SMALL = parameters(
    MODELS["phase2"]
)  # models up to this one fit in a kibibyte; each name more is a number more


@pytest.mark.parametrize("model", MODELS)
def test_an_experiment_takes_a_kibibyte_at_most_and_ten_bytes_for_each_later_hyperparameter(
    tmp_path: Path, sqlite_url: str, record_property: Any, model: str
) -> None:
    path = tmp_path / "movies.db"
    engine = connect(sqlite_url)
    prepare(engine)
    engine.dispose()  # the last connection writes the log back into the file
    empty = path.stat().st_size
    for number in range(1, EXPERIMENTS + 1):
        experiment = new_experiment(number, model=model)
        save_experiment(engine, experiment, result(0.5 + number % 97 / 200), phase="exploitation")
    with reading(engine) as connection:
        assert connection.exec_driver_sql("PRAGMA freelist_count").scalar() == 0
    engine.dispose()
    growth = (path.stat().st_size - empty) / EXPERIMENTS
    record_property("bytes_per_experiment", round(growth))
    assert growth <= 1024 + 10 * len(parameters(MODELS[model]).keys() - SMALL.keys())


def steps_of_a_trial(engine: Engine, number: int) -> int:
    """Count what SQLite's machine does for a trial: opened, finished, looked up."""
    steps = 0

    def step() -> None:
        nonlocal steps
        steps += 1

    connection = engine.raw_connection()
    connection.driver_connection.set_progress_handler(step, 1)
    connection.close()  # back to the pool, which has no other
    save_experiment(engine, new_experiment(number), result(0.5 + number % 97 / 200), phase="exploration")
    assert list(finished_trials(engine, RUN, ("accuracy",), [number])) == [number]
    return steps


def test_a_trial_costs_the_record_no_more_however_many_came_before(sqlite_url: str) -> None:
    engine = connect(sqlite_url)
    prepare(engine)
    few, *_, many = [steps_of_a_trial(engine, number) for number in range(1, 101)][9:]
    assert few > 100
    assert many <= 1.1 * few
