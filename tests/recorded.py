"""Records of reports' tests: rows straight into the tables, and a run with folders of its own."""

import dataclasses
from collections.abc import Iterator
from datetime import timedelta
from itertools import accumulate
from pathlib import Path
from typing import Any

from report_samples import BEGUN, experiment, tuning_run
from sqlalchemy import Engine, insert

from db.answers import RecordedExperiment, TuningRun
from db.engine import connect, writing
from db.runs import open_run
from db.schema import prepare
from db.tables import Experiment, TuningHistory, metric_column
from report.outcome import value_of


def record(path: Path) -> Engine:
    """Make an empty record."""
    engine = connect(f"sqlite:///{path}")
    prepare(engine)
    return engine


def fill(engine: Engine, run: TuningRun | None, experiments: list[RecordedExperiment]) -> None:
    """Write a run and its experiments, with their history, in two statements."""
    if run is not None:
        open_run(engine, run)
    with writing(engine) as connection:
        connection.execute(insert(Experiment), [columns(one) for one in experiments])
        connection.execute(insert(TuningHistory), list(history(experiments)))


def columns(one: RecordedExperiment) -> dict[str, Any]:
    own = {field.name: getattr(one, field.name) for field in dataclasses.fields(one)}
    for part in ("validation", "test"):
        own |= {metric_column(part, name): value for name, value in own.pop(part).items()}
    return own | own.pop("hyperparameters")


def history(experiments: list[RecordedExperiment]) -> Iterator[dict[str, Any]]:
    best_so_far = accumulate(experiments, lambda best, one: max(best, one, key=value_of))
    for one, best in zip(experiments, best_so_far, strict=True):
        yield {
            "tuning_run_id": one.tuning_run_id,
            "iteration": one.trial_number,
            "experiment_id": one.experiment_id,
            "exploration_phase": "exploration",
            "best_experiment_id": best.experiment_id,
            "best_objective": best.objective_value,
            "best_accuracy": best.validation["accuracy"],
        }


def fill_many(engine: Engine, runs: int, trials: int) -> None:
    """Write runs whose trial n hits n of the trials + 1, and of which every fiftieth trial failed."""
    for number in range(1, runs + 1):
        run_id = f"random_20260102_{number:06d}"
        experiments = [
            experiment(
                trial,
                None if trial % 50 == 0 else trial / (trials + 1),
                experiment_id=f"{run_id}_{trial:03d}",
                tuning_run_id=run_id,
            )
            for trial in range(1, trials + 1)
        ]
        run = tuning_run(
            tuning_run_id=run_id,
            problem_key=f"problem {number % 3}",
            planned_trials=trials,
            started_at=BEGUN + timedelta(hours=number),
        )
        fill(engine, run, experiments)
