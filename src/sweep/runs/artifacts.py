"""What a trial leaves in its folder: metrics.json for people and programs, per_user.npz for intervals."""

import dataclasses
import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from db.records import NewExperiment, Result
from pipeline.contributions import PER_USER_FILE
from pipeline.metrics import PerUser
from pipeline.samples import ranking_sample
from pipeline.sources import snapshot_of
from pipeline.user_groups import user_groups
from sweep.runs.environment import versions
from sweep.runs.problems import SharedProblem
from sweep.settings import Settings

METRICS_FILE = "metrics.json"


def metrics_of(
    settings: Settings,
    shared: SharedProblem,
    experiment: NewExperiment,
    result: Result,
    per_user: Mapping[str, PerUser | None],
) -> dict[str, Any]:
    """Gather all that is known of a trial: what was measured, beside what, on what, by what, how long.

    Args:
        settings: of the trial.
        shared: what it was measured on.
        experiment: as it was opened.
        result: as it is recorded.
        per_user: what each user contributed, by part; None where that was damaged.

    """
    beside = shared.reference_metrics
    return {
        "experiment_id": experiment.experiment_id,
        "parent_experiment_id": experiment.parent_experiment_id,
        "objective": {"name": settings.objective.name, "value": result.objective_value},
        "improvement_from_baseline": result.improvement_from_baseline,
        "model": settings.model,
        "hyperparameters": dict(experiment.hyperparameters),
        "reused_from": result.reused_from,
        "metrics": {"validation": dict(result.validation), "test": dict(result.test)},
        "ranking_sample": {part: _sample(one) for part, one in per_user.items()},
        "user_groups": {part: _groups(one) for part, one in per_user.items()},
        "baseline": beside.pop("baseline"),
        "references": beside,
        "split": settings.split_values,
        "attendance": dataclasses.asdict(shared.attendance),
        "data": {
            "name": shared.problem.dataset.name,
            **settings.data.told,
            "snapshot": snapshot_of(shared.problem.dataset),
        },
        "data_fingerprint": experiment.data_fingerprint,
        "config_key": experiment.config_key,
        "code_version": experiment.code_version,
        "versions": versions(),
        "seed": experiment.seed,
        "duration_seconds": result.duration_seconds,
    }


def write_metrics(folder: Path, content: dict[str, Any]) -> None:
    """Write metrics.json; numbers keep all their digits."""
    text = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False)
    (folder / METRICS_FILE).write_text(text + "\n", encoding="utf-8")


def _sample(per_user: PerUser | None) -> dict[str, Any] | None:
    """Say on whom the ranking metrics were measured, and how sure that makes them."""
    sample = None if per_user is None else ranking_sample(per_user)
    return None if sample is None else dataclasses.asdict(sample)


def _groups(per_user: PerUser | None) -> list[dict[str, Any]] | None:
    """Measure groups of users by themselves."""
    return None if per_user is None else [dataclasses.asdict(one) for one in user_groups(per_user)]


def take_per_user(source: Path, folder: Path) -> bool:
    """Copy what each user contributed from another trial's folder; False where that was cleaned away."""
    try:
        shutil.copyfile(source / PER_USER_FILE, folder / PER_USER_FILE)
    except FileNotFoundError:
        return False
    return True
