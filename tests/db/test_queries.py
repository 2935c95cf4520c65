"""Questions to the record, first of all to an empty one."""

import time

import pytest
from db_samples import RUN, a_run, new_experiment, result
from sqlalchemy import Engine

from db.answers import Failure, Progress, TuningStatistics
from db.queries import (
    comparable_experiments,
    completed_experiment,
    experiments_by_id,
    experiments_page,
    failures,
    finished_trials,
    get_best_experiment,
    get_tuning_statistics,
    pending_trials,
    progress,
    top_experiments,
    tuning_history,
)
from db.records import fail_experiment, open_experiment, save_experiment
from db.runs import open_run

OTHER = "random_20260101_000000"


@pytest.fixture
def filled(engine: Engine) -> Engine:
    """Trials 1 to 3 completed with a tie at the top, 4 failed, 5 pending, and another run that is better."""
    for number, value in [(3, 0.8), (2, 0.8), (1, 0.6)]:
        save_experiment(engine, new_experiment(number), result(value), phase="exploration")
    for number in (4, 5):
        open_experiment(engine, experiment=new_experiment(number))
    fail_experiment(
        engine, new_experiment(4).experiment_id, "broken", phase="exploration", duration_seconds=9
    )
    save_experiment(engine, new_experiment(1, OTHER), result(0.9), phase="exploration")
    return engine


def test_an_empty_record_answers_every_question(engine: Engine) -> None:
    assert get_best_experiment(engine) is None
    assert get_best_experiment(engine, RUN) is None
    nothing = TuningStatistics(
        total=0,
        completed=0,
        failed=0,
        pending=0,
        average_validation_accuracy=None,
        best_validation_accuracy=None,
        best_experiment_id=None,
        average_duration_seconds=None,
        reused=0,
    )
    assert get_tuning_statistics(engine) == nothing
    assert get_tuning_statistics(engine, RUN) == nothing
    assert progress(engine, RUN) == Progress(
        completed=0, failed=0, best_objective_value=None, best_experiment_id=None
    )
    assert finished_trials(engine, RUN, ["accuracy"]) == {}
    for question in (failures, pending_trials, tuning_history):
        assert question(engine, RUN) == ()
    assert top_experiments(engine, RUN, 10) == ()


def test_the_best_of_a_run_is_the_lowest_trial_with_the_highest_value(filled: Engine) -> None:
    best = get_best_experiment(filled, RUN)
    assert best is not None
    assert best.experiment_id == f"{RUN}_002"


def test_the_best_of_all_runs_may_be_asked_for_one_objective(filled: Engine) -> None:
    best = get_best_experiment(filled, objective="accuracy")
    assert best is not None
    assert best.tuning_run_id == OTHER
    assert get_best_experiment(filled, objective="quality") is None


def test_a_configuration_that_was_computed_is_found_by_its_key(filled: Engine) -> None:
    found = completed_experiment(filled, new_experiment(2).config_key)
    assert found is not None
    assert found.experiment_id == f"{RUN}_002"
    assert completed_experiment(filled, new_experiment(4).config_key) is None


def test_top_experiments_come_best_first_and_then_by_trial(filled: Engine) -> None:
    assert [e.trial_number for e in top_experiments(filled, RUN, 10)] == [2, 3, 1]
    assert [e.trial_number for e in top_experiments(filled, RUN, 1)] == [2]


def test_statistics_count_all_and_average_over_what_is_completed(filled: Engine) -> None:
    found = get_tuning_statistics(filled, RUN)
    assert (found.total, found.completed, found.failed, found.pending) == (5, 3, 1, 1)
    assert found.average_validation_accuracy == pytest.approx((0.8 + 0.8 + 0.6) / 3)
    assert found.best_validation_accuracy == 0.8
    assert found.best_experiment_id == f"{RUN}_002"
    assert found.average_duration_seconds == pytest.approx(4.123456789)
    assert get_tuning_statistics(filled).total == 6


def test_trials_are_told_apart_by_how_they_ended(filled: Engine) -> None:
    assert finished_trials(filled, RUN, ["accuracy"]) == {
        1: ("completed", (0.6,)),
        2: ("completed", (0.8,)),
        3: ("completed", (0.8,)),
        4: ("failed", None),
    }
    assert finished_trials(filled, RUN, ["accuracy", "ndcg"])[1].values == (0.6, 0.0912345678)
    assert pending_trials(filled, RUN) == (5,)
    assert failures(filled, RUN) == (Failure(trial_number=4, experiment_id=f"{RUN}_004", error="broken"),)


def test_experiments_are_found_by_their_ids_in_the_order_asked_for(filled: Engine) -> None:
    asked = [f"{RUN}_003", "unknown", f"{OTHER}_001", f"{RUN}_004"]  # the last one failed
    found = experiments_by_id(filled, asked)
    assert [one.experiment_id for one in found] == [f"{RUN}_003", f"{OTHER}_001"]


def test_what_other_runs_measured_on_the_same_problem_is_comparable_each_configuration_once(
    filled: Engine,
) -> None:
    for run_id, problem in ((RUN, "same"), (OTHER, "same"), ("elsewhere", "another")):
        open_run(filled, a_run(run_id, problem_key=problem))
    save_experiment(filled, new_experiment(9, "elsewhere"), result(0.9), phase="exploration")

    def comparable(besides: str, **others: str) -> list[str]:
        asked = {"problem_key": "same", "model": "phase1", "objective": "accuracy"} | others
        found = comparable_experiments(filled, **asked, besides=besides)
        return [one.experiment_id for one in found]

    # Trial 1 of both runs is one configuration.
    assert comparable("mine") == [f"{RUN}_003", f"{RUN}_002", f"{RUN}_001"]
    assert comparable(RUN) == [f"{OTHER}_001"]
    assert comparable("mine", objective="quality") == []
    assert comparable("mine", model="phase2") == []


def test_progress_names_the_best_and_is_cheap_to_ask(filled: Engine) -> None:
    expected = Progress(completed=3, failed=1, best_objective_value=0.8, best_experiment_id=f"{RUN}_002")
    before = time.process_time()
    for _ in range(20):
        assert progress(filled, RUN) == expected
    assert (time.process_time() - before) / 20 < 0.02


def test_a_page_of_experiments_is_the_latest_first_in_whatever_status(engine: Engine) -> None:
    for number in range(1, 4):
        save_experiment(engine, experiment=new_experiment(number), result=result(0.5), phase="exploration")
    open_experiment(engine, experiment=new_experiment(4))
    page = experiments_page(engine, limit=2)
    assert page.total == 4
    assert [(one.trial_number, one.status) for one in page.experiments] == [(4, "pending"), (3, "completed")]
    assert [one.trial_number for one in experiments_page(engine, limit=2, offset=3).experiments] == [1]
    assert experiments_page(engine, limit=2, offset=4) == (4, ())
