"""Runs whose right report is seen at once: every user has ten ratings, a share of which is hit."""

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np

from db.answers import Failure, RecordedExperiment, TuningRun, TuningStatistics
from pipeline.hyperparameters import Phase1
from pipeline.metrics import METRICS, PerUser
from report.findings import Findings
from report.judgement import Judgement, judged

USERS = 120
PARTS = ("validation", "test")
BEGUN = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)


def per_user(share: float, users: int = USERS) -> PerUser:
    """Measure users of ten ratings each, five of either level, of which this share is hit.

    The others are missed by a star; 20 ratings of each user were learnt from.
    """
    ratings = np.full((users, 2), 5, dtype=np.int32)
    hits = np.full((users, 2), round(5 * share), dtype=np.int32)
    return PerUser(
        ratings=ratings,
        hits=hits,
        ndcg=np.full(users, share),
        recall=np.full(users, share),
        ranking=np.zeros(users, dtype=np.uint32),
        squares=np.full(users, 10.0 * (1 - share)),
        fitted=np.full(users, 20, dtype=np.int32),
    )


def experiment(trial: int, share: float | None, **known: Any) -> RecordedExperiment:
    """Record a trial of this share; one that failed where there is none."""
    nothing: dict[str, Any] = dict.fromkeys(RecordedExperiment.__dataclass_fields__)
    measured = dict.fromkeys(METRICS, share)
    shipped = dataclasses.asdict(Phase1())
    values: dict[str, Any] = {
        "experiment_id": f"run_{trial:03d}",
        "tuning_run_id": "run",
        "status": "failed" if share is None else "completed",
        "trial_number": trial,
        "tuning_method": "random",
        "hyperparameters": shipped | {"genre_boost_high": trial / 100},
        "objective": "accuracy",
        "objective_value": share,
        "improvement_from_baseline": None if share is None else share - 0.6,
        "validation": measured,
        "test": measured,
        "created_at": BEGUN,
        "output_dir": f"outputs/run/{trial:03d}",
        "error": "broken" if share is None else None,
    }
    return RecordedExperiment(**nothing | values | known)


def reference(share: float | None, **metrics: float | None) -> dict[str, dict[str, float | None]]:
    return {part: dict.fromkeys(METRICS, share) | metrics for part in PARTS}


REFERENCES = {
    "baseline": reference(0.6),
    "best constant": reference(0.3, ndcg=None),
    "popularity": reference(0.2, accuracy=None),
    "bias": reference(0.4),
}


def tuning_run(**known: Any) -> TuningRun:
    values: dict[str, Any] = {
        "tuning_run_id": "run",
        "tuning_method": "random",
        "model": "phase1",
        "objective": "accuracy",
        "metric": "accuracy",
        "second_metric": None,
        "seed": 42,
        "space": {"genre_boost_high": {"low": 0.0, "high": 0.3}},
        "data_name": "checkerboard",
        "data_fingerprint": "9f2b5c8d1e3a4f60",
        "split": {"name": "per_user"},
        "attendance": None,
        "code_version": "0c1d2e3f4a5b6c7d",
        "problem_key": "0123456789abcdef",
        "reference_metrics": REFERENCES,
        "planned_trials": 2,
        "warm_started": 0,
        "command": "python src/tune_app.py -m search=random hydra.sweeper.n_trials=2 run_id=run",
        "environment": {"python": "3.11.7", "cores": 2},
        "output_dir": "outputs/run",
        "started_at": BEGUN,
        "ended_at": BEGUN,
    }
    return TuningRun(**values | known)


def findings(shares: Mapping[int, float | None], **known: Any) -> Findings:
    """Find trials of these shares, those without one failed, beside a baseline that hits 0.6."""
    experiments = [experiment(trial, share) for trial, share in shares.items()]
    ranked = sorted(
        (one for one in experiments if one.objective_value is not None),
        key=lambda one: -(one.objective_value or 0),
    )
    values: dict[str, Any] = {
        "run_id": "run",
        "database": (),
        "run": tuning_run(planned_trials=len(shares)),
        "statistics": statistics(experiments),
        "experiments": experiments,
        "ranked": ranked,
        "failures": [failure(one) for one in experiments if one.status == "failed"],
        "per_user": {key: [per_user(one.objective_value or 0) for one in ranked] for key in PARTS},
        "baseline": dict.fromkeys(PARTS, per_user(0.6)),
    }
    return Findings(**values | known)


def failure(one: RecordedExperiment) -> Failure:
    return Failure(trial_number=one.trial_number or 0, experiment_id=one.experiment_id, error=one.error or "")


def statistics(experiments: Sequence[RecordedExperiment], reused: int = 0) -> TuningStatistics:
    completed = sum(one.status == "completed" for one in experiments)
    return TuningStatistics(
        total=len(experiments),
        completed=completed,
        failed=len(experiments) - completed,
        pending=0,
        average_validation_accuracy=None,
        best_validation_accuracy=None,
        best_experiment_id=None,
        average_duration_seconds=None,
        reused=reused,
    )


def told(found: Findings) -> tuple[Findings, Judgement]:
    return found, judged(found)
