"""Experiments and results as a sweep makes them."""

import dataclasses
from datetime import UTC, datetime
from typing import Any

from db.answers import TuningRun
from db.records import NewExperiment, Result
from pipeline.hyperparameters import MODELS

RUN = "bayesian_20251130_155355"
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def new_experiment(number: int, run: str = RUN, model: str = "phase1") -> NewExperiment:
    return NewExperiment(
        experiment_id=f"{run}_{number:03d}",
        tuning_run_id=run,
        trial_number=number,
        tuning_method="bayesian",
        model=model,
        hyperparameters={k: of_many_digits(v) for k, v in dataclasses.asdict(MODELS[model]()).items()},
        objective="accuracy",
        config_key=f"{number * 7919:016x}",
        data_fingerprint="9f2b5c8d1e3a4f60",
        code_version="0c1d2e3f4a5b6c7d",
        seed=2**40 + number,
        output_dir=f"outputs/{run}/{number:03d}",
        process=f"tuner-0:{31000 + number}:41234567",
    )


def of_many_digits(value: float | str) -> float | str:
    """Make a number one that a column must keep all digits of; whole ones and texts stay."""
    return value * 0.987654321 if isinstance(value, float) else value


def result(objective_value: float, accuracy: float | None = None) -> Result:
    measured = {
        "accuracy": objective_value if accuracy is None else accuracy,
        "balanced_accuracy": 0.512345678,
        "mae": 0.172345678,
        "rmse": 0.212345678,
        "ndcg": 0.0912345678,
        "recall": 0.0712345678,
        "coverage": 0.312345678,
    }
    return Result(
        objective_value=objective_value,
        improvement_from_baseline=objective_value - 0.6123456789,
        duration_seconds=4.123456789,
        validation=measured,
        test={name: value * 0.98 for name, value in measured.items()},
    )


def a_run(run_id: str = "random_1", **others: Any) -> TuningRun:
    known: dict[str, Any] = {
        "tuning_run_id": run_id,
        "tuning_method": "random",
        "model": "phase1",
        "objective": "accuracy",
        "metric": "accuracy",
        "second_metric": None,
        "seed": 42,
        "space": {"genre_weight": {"low": 0.0, "high": 1.0}},
        "data_name": "tiny",
        "data_fingerprint": "9f2b5c8d1e3a4f60",
        "split": {"name": "per_user", "train_until": 0.6},
        "attendance": None,
        "code_version": "0c1d2e3f4a5b6c7d",
        "problem_key": "1111111111111111",
        "reference_metrics": {"baseline": {"validation": {"accuracy": 0.5, "ndcg": None}}},
        "planned_trials": 3,
        "warm_started": 0,
        "command": "python src/tune_app.py -m search=random",
        "environment": {"python": "3.11.7", "cores": 2, "commit": None},
        "output_dir": f"outputs/{run_id}",
        "started_at": NOON,
    }
    return TuningRun(**known | others)
