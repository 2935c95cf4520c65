"""Which experiment is the best, and which one was meant."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import pytest
from gate_samples import ground
from sqlalchemy import Engine

from db.engine import connect
from db.records import NewExperiment, Result, fail_experiment, open_experiment, save_experiment
from db.schema import prepare
from deployment.choosing import experiment_named, hyperparameters_of
from pipeline.hyperparameters import MODELS, Phase1, Phase2
from pipeline.parameters import InvalidInput


@pytest.fixture
def engine(sqlite_url: str) -> Iterator[Engine]:
    engine = connect(sqlite_url)
    prepare(engine)
    yield engine
    engine.dispose()


def opened(name: str, **changes: Any) -> NewExperiment:
    run, _, number = name.rpartition("_")
    values: dict[str, Any] = {
        "experiment_id": name,
        "tuning_run_id": run,
        "trial_number": int(number),
        "tuning_method": "random",
        "model": "phase1",
        "hyperparameters": asdict(Phase1()),
        "objective": "accuracy",
        "config_key": name,
        "data_fingerprint": ground().fingerprint,
        "code_version": "code",
        "seed": 1,
        "output_dir": "nowhere",
    }
    return NewExperiment(**values | changes)


def record(engine: Engine, name: str, value: float, **changes: Any) -> None:
    result = Result(
        objective_value=value,
        improvement_from_baseline=None,
        duration_seconds=1.0,
        validation={"accuracy": value},
    )
    save_experiment(engine, opened(name, **changes), result, phase="exploration")


def best(engine: Engine, objective: str = "accuracy") -> str:
    return experiment_named(engine, "best", objective, ground()).experiment_id


def test_the_best_has_the_highest_value_and_the_first_of_equal_ones_is_taken(engine: Engine) -> None:
    for name, value in (("a_001", 0.5), ("a_002", 0.7), ("a_003", 0.7), ("a_004", 0.6)):
        record(engine, name, value)
    assert best(engine) == "a_002"


def test_the_best_is_by_the_objective_that_is_asked_for(engine: Engine) -> None:
    record(engine, "a_001", 0.7)
    record(engine, "b_001", 0.1, objective="quality")
    assert (best(engine), best(engine, "quality")) == ("a_001", "b_001")
    with pytest.raises(
        InvalidInput, match=r"objective=balanced; there are some for objective=accuracy, objective=q"
    ):
        best(engine, "balanced")


def test_what_was_measured_on_todays_data_comes_before_what_was_not(engine: Engine) -> None:
    record(engine, "a_001", 0.9, data_fingerprint="other data")
    assert best(engine) == "a_001"
    record(engine, "b_001", 0.5)
    assert best(engine) == "b_001"


def test_what_failed_is_not_the_best_but_can_be_named(engine: Engine) -> None:
    record(engine, "a_001", 0.1)
    open_experiment(engine, experiment=opened("a_002"))
    fail_experiment(engine, "a_002", "no reason", phase="exploration", duration_seconds=1.0)
    assert best(engine) == "a_001"
    assert experiment_named(engine, "a_002", "accuracy", ground()).status == "failed"


def test_a_name_that_is_not_recorded_is_answered_with_the_one_that_was_meant(engine: Engine) -> None:
    record(engine, "random_20260101_120000_001", 0.1)
    with pytest.raises(InvalidInput, match="did you mean experiment=random_20260101_120000_001"):
        experiment_named(engine, "random_20260101_12000_001", "accuracy", ground())


@pytest.mark.parametrize("there", [True, False])
def test_an_empty_record_says_what_records_something(engine: Engine, there: bool) -> None:
    with pytest.raises(InvalidInput, match=r"python src/tune_app\.py -m search=random"):
        experiment_named(engine if there else None, "best", "accuracy", ground())


@pytest.mark.parametrize("model", MODELS)
def test_hyperparameters_are_those_of_the_experiments_model(engine: Engine, model: str) -> None:
    record(engine, "a_001", 0.1, model=model, hyperparameters=asdict(MODELS[model]()))
    found = experiment_named(engine, "best", "accuracy", ground())
    assert hyperparameters_of(found) == MODELS[model]()


def test_hyperparameters_that_were_not_recorded_are_named(engine: Engine) -> None:
    some = {name: value for name, value in asdict(Phase2()).items() if name != "genre_weight"}
    record(engine, "a_001", 0.1, model="phase2", hyperparameters=some)
    found = experiment_named(engine, "a_001", "accuracy", ground())
    with pytest.raises(InvalidInput, match="a_001 genre_weight is missing"):
        hyperparameters_of(found)
