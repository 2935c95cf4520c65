"""A run in Optuna's own file, as optuna-dashboard opens it."""

from pathlib import Path
from typing import Any

import optuna
import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.trial import TrialState
from report_samples import BEGUN, experiment, tuning_run

from db.answers import RecordedExperiment
from report.optuna_study import distributions, export, importances
from report.outcome import RunOutcome


@pytest.fixture(autouse=True)
def quiet() -> None:
    optuna.logging.set_verbosity(optuna.logging.WARNING)


def outcome(*experiments: RecordedExperiment, run_id: str = "run", **known: Any) -> RunOutcome:
    return RunOutcome(run_id=run_id, run=tuning_run(**known), experiments=experiments)


def loaded(path: Path, name: str = "run") -> optuna.Study:
    return optuna.load_study(study_name=name, storage=f"sqlite:///{path}")


def test_the_file_holds_completed_and_failed_trials_with_all_that_is_known(tmp_path: Path) -> None:
    pending = experiment(4, None, status="pending")
    export(tmp_path / "a.db", [outcome(experiment(1, 0.5), experiment(2, None), experiment(3, 0.7), pending)])
    study = loaded(tmp_path / "a.db")
    assert study.metric_names == ["accuracy"]
    assert [trial.state for trial in study.trials] == [
        TrialState.COMPLETE,
        TrialState.FAIL,
        TrialState.COMPLETE,
    ]
    assert [trial.number for trial in study.trials] == [0, 1, 2]
    assert (study.best_trial.number, study.best_value) == (2, 0.7)
    assert study.best_params == {"genre_boost_high": 0.03}
    assert study.trials[0].distributions == {"genre_boost_high": FloatDistribution(0.0, 0.3)}
    attributes = study.trials[2].user_attrs
    assert attributes["experiment_id"] == "run_003"
    assert attributes["validation_ndcg"] == attributes["test_accuracy"] == 0.7
    assert study.trials[1].user_attrs["error"] == "broken"
    assert study.trials[0].datetime_start == BEGUN.astimezone().replace(tzinfo=None)


def test_two_aims_are_two_values(tmp_path: Path) -> None:
    both = {"accuracy": 0.5, "ndcg": 0.1}
    experiments = experiment(1, 0.5, validation=both), experiment(2, 0.6, validation=both | {"ndcg": None})
    export(tmp_path / "a.db", [outcome(*experiments, second_metric="ndcg")])
    study = loaded(tmp_path / "a.db")
    assert study.metric_names == ["accuracy", "ndcg"]
    assert [trial.values for trial in study.trials] == [[0.5, 0.1], None]
    assert [trial.number for trial in study.best_trials] == [0]


def test_all_runs_are_studies_of_one_file_that_replaces_an_older_one(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    export(path, [outcome(experiment(1, 0.5), run_id="older")])
    export(path, [outcome(experiment(1, 0.5), run_id="a"), outcome(experiment(1, 0.6), run_id="b")])
    assert [one.study_name for one in optuna.get_all_study_summaries(f"sqlite:///{path}")] == ["a", "b"]
    assert (loaded(path, "a").best_value, loaded(path, "b").best_value) == (0.5, 0.6)
    assert [file.name for file in tmp_path.iterdir()] == ["a.db"]


def test_a_run_of_the_seed_is_one_by_its_test_accuracy(tmp_path: Path) -> None:
    seed = experiment(1, 0.7, objective=None, objective_value=None), experiment(2, None)
    export(tmp_path / "a.db", [RunOutcome(run_id="seed", run=None, experiments=seed)])
    assert loaded(tmp_path / "a.db", "seed").best_value == 0.7


def with_values(name: str, *values: float | str) -> list[RecordedExperiment]:
    return [experiment(n, 0.5, hyperparameters={name: value}) for n, value in enumerate(values, 1)]


@pytest.mark.parametrize(
    ("space", "values", "expected"),
    [
        ({"low": 0.0, "high": 1.0}, (0.2, 0.4), FloatDistribution(0.0, 1.0)),
        ({"low": 0.3, "high": 1.0}, (0.2, 0.4), FloatDistribution(0.2, 1.0)),
        ({"choices": [0.2, 0.4, 0.6]}, (0.2, 0.4), CategoricalDistribution([0.2, 0.4, 0.6])),
        ({"choices": [0.2, 0.4, 0.6]}, (0.25, 0.5), FloatDistribution(0.25, 0.5)),
        ({"low": 1, "high": 10}, (3, 5), IntDistribution(1, 10)),
        ({}, (3, 5), IntDistribution(3, 5)),
        ({}, (0.3, 0.5), FloatDistribution(0.3, 0.5)),
        ({"choices": ["a", "b", "c"]}, ("c", "a"), CategoricalDistribution(["a", "b", "c"])),
        ({"choices": ["a", "b"]}, ("c", "a"), CategoricalDistribution(["a", "b", "c"])),
        ({}, ("b", "a"), CategoricalDistribution(["b", "a"])),
    ],
    ids=[
        *("range", "value outside", "choices", "shares of choices", "whole", "unknown, whole", "unknown"),
        *("texts", "text outside", "unknown, texts"),
    ],
)
@pytest.mark.parametrize("prefix", ["", "model."])
def test_a_distribution_is_the_recorded_range_that_holds_the_values(
    space: dict[str, Any], values: tuple[float | str, ...], expected: object, prefix: str
) -> None:
    found = outcome(*with_values("x", *values), space={f"{prefix}x": space} if space else {})
    assert distributions(found) == {"x": expected}


def test_what_never_varied_is_no_dimension() -> None:
    assert distributions(outcome(*with_values("x", 0.5, 0.5), space={"x": {"low": 0, "high": 1}})) == {}


def test_the_hyperparameter_that_decides_is_the_important_one() -> None:
    # 7 and 31 share no factor, so that b runs through its range in an order that has nothing to do with a.
    experiments = [
        experiment(n, n / 100, hyperparameters={"a": n / 31, "b": (n * 7 % 31) / 31}) for n in range(1, 31)
    ]
    shares = importances(outcome(*experiments, space={}))
    assert list(shares) == ["a", "b"]
    assert sum(shares.values()) == pytest.approx(1)
    assert shares["a"] > 0.6


def test_a_text_that_decides_is_the_important_one_and_goes_into_the_file(tmp_path: Path) -> None:
    texts = ("none", "linear", "tolerance")
    experiments = [
        experiment(n, (n % 3 + n / 100) / 4, hyperparameters={"a": n * 7 % 31 / 31, "text": texts[n % 3]})
        for n in range(1, 31)
    ]
    found = outcome(*experiments, space={"text": {"choices": list(texts)}})
    assert list(importances(found)) == ["text", "a"]
    export(tmp_path / "a.db", [found])
    assert loaded(tmp_path / "a.db").best_params["text"] == "tolerance"
