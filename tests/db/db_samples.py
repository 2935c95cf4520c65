"""Experiments and results as a sweep makes them."""

import dataclasses

from db.records import NewExperiment, Result
from pipeline.hyperparameters import MODELS

RUN = "bayesian_20251130_155355"


def new_experiment(number: int, run: str = RUN, model: str = "phase1") -> NewExperiment:
    return NewExperiment(
        experiment_id=f"{run}_{number:03d}",
        tuning_run_id=run,
        trial_number=number,
        tuning_method="bayesian",
        model=model,
        hyperparameters={k: v * 0.987654321 for k, v in dataclasses.asdict(MODELS[model]()).items()}
        | {"cast_lead_threshold": 5, "cast_supporting_threshold": 15},
        objective="accuracy",
        config_key=f"{number * 7919:016x}",
        data_fingerprint="9f2b5c8d1e3a4f60",
        code_version="0c1d2e3f4a5b6c7d",
        seed=2**40 + number,
        output_dir=f"outputs/{run}/{number:03d}",
        process=f"tuner-0:{31000 + number}:41234567",
    )


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
