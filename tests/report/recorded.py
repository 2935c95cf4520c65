"""Records of reports' tests: rows straight into the tables, and a run with folders of its own."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, insert

from db.answers import RecordedExperiment, TuningRun
from db.engine import connect, writing
from db.runs import open_run
from db.schema import prepare
from db.tables import Experiment, TuningHistory, metric_column


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
    best: RecordedExperiment | None = None
    for one in experiments:
        if one.objective_value is not None and (best is None or one.objective_value > (best.objective_value or 0)):
            best = one
        yield {
            "tuning_run_id": one.tuning_run_id,
            "iteration": one.trial_number,
            "experiment_id": one.experiment_id,
            "exploration_phase": "exploration",
            "best_experiment_id": best and best.experiment_id,
            "best_objective": best and best.objective_value,
            "best_accuracy": best and best.validation["accuracy"],
        }
