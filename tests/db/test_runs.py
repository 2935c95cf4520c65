"""Whole runs: opened once, taken up again, closed with their reason."""

from datetime import timedelta

import pytest
from db_samples import NOON, a_run, new_experiment, result
from sqlalchemy import Engine, update

from db.engine import writing
from db.records import fail_experiment, open_experiment, save_experiment
from db.runs import (
    close_run,
    comparable_runs,
    open_run,
    recent_runs,
    references_of,
    seconds_a_trial,
    tuning_run,
    tuning_runs,
)
from db.tables import Experiment


def test_a_run_is_read_back_as_it_was_written(engine: Engine) -> None:
    open_run(engine, a_run())
    assert tuning_run(engine, "random_1") == a_run()
    assert tuning_run(engine, "another") is None


def test_a_run_that_goes_on_keeps_its_beginning_and_takes_the_new_total(engine: Engine) -> None:
    open_run(engine, a_run())
    close_run(engine, "random_1", "interrupted by the user")
    stopped = tuning_run(engine, "random_1")
    assert stopped is not None
    assert stopped.stop_reason == "interrupted by the user"
    assert stopped.ended_at is not None

    open_run(engine, a_run(planned_trials=5, started_at=NOON + timedelta(hours=1)))
    assert tuning_run(engine, "random_1") == a_run(planned_trials=5)


def test_runs_come_latest_first_and_are_comparable_on_the_same_problem_with_the_same_model(
    engine: Engine,
) -> None:
    for hour, (run_id, problem, model) in enumerate(
        [("a", "1", "phase1"), ("b", "2", "phase1"), ("c", "1", "phase1"), ("d", "1", "phase2")]
    ):
        started = NOON + timedelta(hours=hour)
        open_run(engine, a_run(run_id, problem_key=problem, model=model, started_at=started))
    assert [run.tuning_run_id for run in tuning_runs(engine)] == ["d", "c", "b", "a"]
    assert [run.tuning_run_id for run in comparable_runs(engine, "1", "phase1")] == ["c", "a"]


@pytest.mark.parametrize(("ends", "pace"), [((), None), ((4,), None), ((1, 3, 5, 3600), 2.0)])
def test_the_pace_of_a_run_is_the_usual_step_between_two_ends(
    engine: Engine, ends: tuple[int, ...], pace: float | None
) -> None:
    """Between the third and the fourth trial the run was stopped for most of an hour."""
    for number, second in enumerate(ends, start=1):
        save_experiment(engine, new_experiment(number, "r"), result(0.5), phase="exploration")
        with writing(engine) as connection:
            connection.execute(
                update(Experiment)
                .where(Experiment.experiment_id == f"r_{number:03d}")
                .values(completed_at=NOON + timedelta(seconds=second))
            )
    assert seconds_a_trial(engine, "r") == pace


def test_recent_runs_come_with_what_became_of_their_trials_and_where_the_best_rose(engine: Engine) -> None:
    for hour, run_id in enumerate(["a", "b", "c"]):
        open_run(engine, a_run(run_id, started_at=NOON + timedelta(hours=hour)))
    for number, value in enumerate([0.5, 0.4, 0.7, 0.6], start=1):
        save_experiment(engine, new_experiment(number, "b"), result(value), phase="exploration")
    for failed in (new_experiment(5, "b"), new_experiment(1, "c")):
        open_experiment(engine, experiment=failed)
        fail_experiment(engine, failed.experiment_id, "broken", phase="exploration", duration_seconds=1.0)
    late, early = recent_runs(engine, 2)
    assert (late.run.tuning_run_id, late.completed, late.failed, late.best_so_far) == ("c", 0, 1, [])
    assert (early.run.tuning_run_id, early.completed, early.failed) == ("b", 4, 1)
    assert early.best_so_far == [(1, 0.5), (3, 0.7), (5, 0.7)]


def test_a_problem_is_held_against_what_its_latest_run_measured(engine: Engine) -> None:
    for hour, (run_id, problem, accuracy) in enumerate([("a", "1", 0.4), ("b", "1", 0.5), ("c", "2", 0.6)]):
        beside = {"baseline": {"validation": {"accuracy": accuracy}}}
        started = NOON + timedelta(hours=hour)
        open_run(engine, a_run(run_id, problem_key=problem, reference_metrics=beside, started_at=started))
    assert references_of(engine, "1") == {"baseline": {"validation": {"accuracy": 0.5}}}
    assert references_of(engine, "3") == {}
