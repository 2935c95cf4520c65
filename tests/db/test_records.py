"""Writing experiments: pending, finished once, and a history that does not depend on who finished first."""

import dataclasses
import itertools
import math
from concurrent.futures import ThreadPoolExecutor

import pytest
from db_samples import RUN, new_experiment, result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from db.answers import Iteration
from db.engine import connect, reading
from db.queries import (
    failures,
    finished_trials,
    get_best_experiment,
    get_tuning_statistics,
    pending_trials,
    tuning_history,
)
from db.records import (
    NotPending,
    complete_experiment,
    fail_experiment,
    interrupt_experiment,
    mark_interrupted,
    open_experiment,
    save_experiment,
)
from db.schema import prepare
from db.tables import Experiment

TRIAL = new_experiment(1)


def attempts(engine: Engine) -> list[int | None]:
    with reading(engine) as connection:
        return list(connection.scalars(select(Experiment.attempts).order_by(Experiment.id)))


def test_an_experiment_comes_back_as_it_was_recorded(engine: Engine) -> None:
    measured = result(0.7)
    save_experiment(engine, TRIAL, measured, phase="exploration")
    found = get_best_experiment(engine)
    assert found is not None
    shared = [f.name for f in dataclasses.fields(TRIAL) if f.name != "process"]
    assert {n: getattr(found, n) for n in shared} == {n: getattr(TRIAL, n) for n in shared}
    assert (found.validation, found.test) == (measured.validation, measured.test)
    assert found.objective_value == measured.objective_value
    assert found.improvement_from_baseline == measured.improvement_from_baseline
    assert found.created_at is not None
    assert found.completed_at is not None
    assert found.created_at <= found.completed_at
    assert found.completed_at.utcoffset() is not None


def test_a_pending_experiment_is_taken_over_from_a_worker_that_died(engine: Engine) -> None:
    open_experiment(engine, experiment=TRIAL)
    open_experiment(engine, experiment=dataclasses.replace(TRIAL, output_dir="elsewhere"))
    assert pending_trials(engine, RUN) == (1,)
    assert attempts(engine) == [2]
    complete_experiment(engine, TRIAL.experiment_id, result(0.7), phase="exploration")
    found = get_best_experiment(engine, RUN)
    assert found is not None
    assert found.output_dir == "elsewhere"


def test_a_finished_experiment_is_never_written_over(engine: Engine) -> None:
    save_experiment(engine, TRIAL, result(0.7), phase="exploration")
    with pytest.raises(NotPending, match="is completed already"):
        open_experiment(engine, experiment=TRIAL)
    with pytest.raises(NotPending, match="is completed"):
        complete_experiment(engine, TRIAL.experiment_id, result(0.9), phase="exploration")
    with pytest.raises(NotPending, match="is completed"):
        fail_experiment(engine, TRIAL.experiment_id, "late", phase="exploration", duration_seconds=1)
    assert finished_trials(engine, RUN, ["accuracy"]) == {1: ("completed", (0.7,))}
    assert len(tuning_history(engine, RUN)) == 1


def test_an_experiment_that_was_never_opened_cannot_be_finished(engine: Engine) -> None:
    with pytest.raises(NotPending, match="is not open"):
        complete_experiment(engine, "unknown", result(0.7), phase="exploration")


@pytest.mark.parametrize("number", [math.nan, math.inf])
def test_a_result_holds_finite_numbers_only(number: float) -> None:
    with pytest.raises(ValueError, match="objective_value must be finite"):
        result(number, accuracy=0.5)
    with pytest.raises(ValueError, match="validation_accuracy must be finite"):
        result(0.5, accuracy=number)


def test_the_reason_of_a_failure_may_hold_any_text(engine: Engine) -> None:
    open_experiment(engine, experiment=TRIAL)
    reason = "no file 'caf\udce9\0'; DROP TABLE hp_experiments; -- ½"
    fail_experiment(engine, TRIAL.experiment_id, reason, phase="exploration", duration_seconds=0.5)
    (failure,) = failures(engine, RUN)
    assert failure.error == "no file 'caf?�'; DROP TABLE hp_experiments; -- ½"
    assert get_tuning_statistics(engine, RUN).failed == 1


def expected_history(run: str, values: list[float | None]) -> list[Iteration]:
    """The definition, spelled out: trials 1.. with their objective value, None where the trial failed."""
    history = []
    for number in range(1, len(values) + 1):
        completed = [(v, -n) for n, v in enumerate(values[:number], 1) if v is not None]
        value, best = max(completed, default=(None, None))
        history.append(
            Iteration(
                iteration=number,
                experiment_id=f"{run}_{number:03d}",
                exploration_phase="exploration" if number <= 2 else "exploitation",
                best_experiment_id=best and f"{run}_{-best:03d}",
                best_objective=value,
                best_accuracy=None if value is None or best is None else accuracy_of(-best),
            )
        )
    return history


def accuracy_of(number: int) -> float:
    """An accuracy that tells trials with the same objective value apart."""
    return 0.5 + number / 100


def finish(engine: Engine, run: str, number: int, value: float | None) -> None:
    experiment_id, phase = f"{run}_{number:03d}", "exploration" if number <= 2 else "exploitation"
    if value is None:
        fail_experiment(engine, experiment_id, "broken", phase=phase, duration_seconds=1)
    else:
        complete_experiment(engine, experiment_id, result(value, accuracy_of(number)), phase=phase)


runs = (f"run{number}" for number in itertools.count())
trials = st.lists(st.sampled_from([None, -1.0, 0.5, 0.7, 0.7000001]), min_size=1, max_size=7)


@settings(
    max_examples=60,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(values=trials, data=st.data())
def test_the_history_is_the_same_in_whatever_order_trials_finish(
    engine: Engine, values: list[float | None], data: st.DataObject
) -> None:
    run = next(runs)
    numbers = range(1, len(values) + 1)
    for number in data.draw(st.permutations(numbers)):
        open_experiment(engine, experiment=new_experiment(number, run))
    for number in data.draw(st.permutations(numbers)):
        finish(engine, run, number, values[number - 1])
    assert list(tuning_history(engine, run)) == expected_history(run, values)


def test_parallel_writers_of_one_run_leave_one_history(url: str) -> None:
    """On PostgreSQL two trials that end at once would each miss the other's result without the lock."""
    engine = connect(url)
    prepare(engine)
    values: list[float | None] = [0.5 + (number * 37 % 23) / 100 for number in range(1, 41)]
    for number in range(1, 41):
        open_experiment(engine, experiment=new_experiment(number, "parallel"))
    with ThreadPoolExecutor(8) as pool:
        for done in [
            pool.submit(finish, engine, "parallel", n, values[n - 1]) for n in reversed(range(1, 41))
        ]:
            done.result()
    assert list(tuning_history(engine, "parallel")) == expected_history("parallel", values)
    engine.dispose()


def test_an_interrupted_experiment_is_opened_again_and_finished(engine: Engine) -> None:
    open_experiment(engine, experiment=TRIAL)
    interrupt_experiment(engine, TRIAL.experiment_id)
    assert pending_trials(engine, RUN) == ()
    with pytest.raises(NotPending, match="interrupted"):
        complete_experiment(engine, TRIAL.experiment_id, result(0.7), phase="exploration")
    save_experiment(engine, TRIAL, result(0.7), phase="exploration")
    assert finished_trials(engine, RUN, ["accuracy"])[1].status == "completed"
    assert attempts(engine) == [2]


def test_a_finished_experiment_is_not_interrupted(engine: Engine) -> None:
    save_experiment(engine, TRIAL, result(0.7), phase="exploration")
    interrupt_experiment(engine, TRIAL.experiment_id)
    assert finished_trials(engine, RUN, ["accuracy"])[1].status == "completed"


def test_pending_experiments_of_processes_that_are_gone_are_marked_interrupted(engine: Engine) -> None:
    for number in (1, 2, 3):
        open_experiment(engine, experiment=new_experiment(number))
    second = new_experiment(2).process
    assert mark_interrupted(engine, lambda process: process == second) == 1
    assert pending_trials(engine, RUN) == (1, 3)
