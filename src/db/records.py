"""What is written of an experiment: pending before its trial, finished once after it, or interrupted."""

import dataclasses
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import Connection, Engine, bindparam, func, insert, select, update
from sqlalchemy.sql.dml import ReturningUpdate

from db.answers import Value
from db.engine import hold, writing
from db.history import OF_FINISHED, record_iteration
from db.syncing import may_hurry
from db.tables import COMPLETED, FAILED, INTERRUPTED, PENDING, Experiment, Split, metric_column, rows_of

# What a trial is for: the last three are the rounds of search=refine.
Phase = Literal["exploration", "exploitation", "broad", "focused", "fine"]


# Made once and filled in: to build a statement of sixty columns takes longer than to run it.
_ROWS = rows_of(Experiment)
_INSERT = insert(_ROWS)
_UPDATE_UNFINISHED = (
    update(_ROWS)
    .where(
        _ROWS.c.experiment_id == bindparam("which"),
        _ROWS.c.status.in_(bindparam("unfinished", expanding=True)),
    )
    .returning(*OF_FINISHED)
)
_BEGIN_AGAIN = _UPDATE_UNFINISHED.values(attempts=func.coalesce(_ROWS.c.attempts, 1) + 1)
_STATUS = select(_ROWS.c.status).where(_ROWS.c.experiment_id == bindparam("which"))


class NotPending(RuntimeError):
    """An experiment cannot be opened or finished: it is finished already, or was never opened."""


@dataclass(frozen=True, kw_only=True)
class NewExperiment:
    """What is known of an experiment before its trial."""

    experiment_id: str
    tuning_run_id: str
    trial_number: int
    tuning_method: str
    model: str
    hyperparameters: Mapping[str, Value]
    objective: str
    config_key: str
    data_fingerprint: str
    code_version: str
    seed: int
    output_dir: str
    process: str | None = None
    parent_experiment_id: str | None = None

    def columns(self) -> dict[str, Any]:
        names = [f.name for f in dataclasses.fields(self) if f.name != "hyperparameters"]
        return {name: getattr(self, name) for name in names} | dict(self.hyperparameters)


@dataclass(frozen=True, kw_only=True)
class Result:
    """What a trial measured; metrics by the names in db.tables.METRICS, None where one is undefined.

    Raises:
        ValueError: a number is not finite. SQLite would store NaN as NULL, PostgreSQL as the best value.

    """

    objective_value: float  # higher is better
    improvement_from_baseline: float | None
    duration_seconds: float
    validation: Mapping[str, float | None]
    test: Mapping[str, float | None] = field(default_factory=dict)
    reused_from: str | None = None  # the experiment that measured these numbers, where it was not this one

    def __post_init__(self) -> None:
        for name, value in self.columns().items():
            if isinstance(value, float) and not math.isfinite(value):
                raise ValueError(f"{name} must be finite, got {value!r}")

    def columns(self) -> dict[str, float | str | None]:
        splits: tuple[tuple[Split, Mapping[str, float | None]], ...]
        splits = (("validation", self.validation), ("test", self.test))
        metrics = {metric_column(s, name): value for s, values in splits for name, value in values.items()}
        return metrics | {
            "objective_value": self.objective_value,
            "improvement_from_baseline": self.improvement_from_baseline,
            "duration_seconds": self.duration_seconds,
            "reused_from": self.reused_from,
        }


def open_experiment(engine: Engine, *, experiment: NewExperiment) -> None:
    """Insert the pending row, or take it over from a process that died or was interrupted.

    Raises:
        NotPending: the experiment is finished already.

    """
    values = experiment.columns() | {"status": PENDING, "created_at": datetime.now(UTC)}
    # Whatever happens to a pending row, its trial is run again.
    with writing(engine, hurried=True) as connection:
        status = _status(connection, experiment.experiment_id)
        if status is None:
            connection.execute(_INSERT, values | {"attempts": 1})
        elif not _changed_unfinished(
            connection, experiment.experiment_id, values, (PENDING, INTERRUPTED), _BEGIN_AGAIN
        ):
            raise NotPending(f"experiment {experiment.experiment_id} is {status} already")


def complete_experiment(engine: Engine, experiment_id: str, result: Result, *, phase: Phase) -> None:
    """Record the result and the run's history in one transaction.

    Raises:
        NotPending: the experiment is finished already, or was never opened.

    """
    _finish(engine, experiment_id, {"status": COMPLETED, **result.columns()}, phase)


def fail_experiment(
    engine: Engine, experiment_id: str, reason: str, *, phase: Phase, duration_seconds: float
) -> None:
    """Record why the trial failed, and the run's history, in one transaction.

    Raises:
        NotPending: the experiment is finished already, or was never opened.

    """
    values = {"status": FAILED, "error": _storable(reason), "duration_seconds": duration_seconds}
    _finish(engine, experiment_id, values, phase)


def interrupt_experiment(engine: Engine, experiment_id: str) -> None:
    """Note that a trial was stopped before its end; a resumed run opens it again. Finished ones stay."""
    with writing(engine) as connection:
        _changed_unfinished(connection, experiment_id, {"status": INTERRUPTED})


def mark_interrupted(engine: Engine, is_gone: Callable[[str], bool]) -> int:
    """Note, for every run, the pending trials whose process is gone.

    Args:
        engine: of the record.
        is_gone: says whether the process of a row has ended.

    Returns:
        How many trials were marked.

    """
    with writing(engine) as connection:
        pending = select(Experiment.experiment_id, Experiment.process).where(Experiment.status == PENDING)
        gone = [
            row.experiment_id for row in connection.execute(pending) if row.process and is_gone(row.process)
        ]
        for experiment_id in gone:
            _changed_unfinished(connection, experiment_id, {"status": INTERRUPTED})
    return len(gone)


def save_experiment(engine: Engine, experiment: NewExperiment, result: Result, *, phase: Phase) -> None:
    """Record a finished experiment by one call, as the seed did."""
    open_experiment(engine, experiment=experiment)
    complete_experiment(engine, experiment.experiment_id, result, phase=phase)


def _finish(engine: Engine, experiment_id: str, values: Mapping[str, Any], phase: Phase) -> None:
    now = datetime.now(UTC)
    with writing(engine, hurried=may_hurry(engine)) as connection:
        finished = _changed_unfinished(
            connection, experiment_id, {**values, "completed_at": now, "process": None}
        )
        if finished is None:
            status = _status(connection, experiment_id) or "not open"
            raise NotPending(f"experiment {experiment_id} cannot be finished, it is {status}")
        # On PostgreSQL two trials would each not see the other's result: one at a time in a run.
        hold(connection, f"{finished['run']} history")
        record_iteration(connection, finished, phase, now)


def _changed_unfinished(
    connection: Connection,
    experiment_id: str,
    values: Mapping[str, Any],
    statuses: tuple[str, ...] = (PENDING,),
    statement: ReturningUpdate[Any] = _UPDATE_UNFINISHED,
) -> Mapping[str, Any] | None:
    """Change the row while it is unfinished, so that no finished experiment is ever written over.

    Returns:
        Its OF_FINISHED now; None where nothing was changed.

    """
    where = {"which": experiment_id, "unfinished": statuses}
    row = connection.execute(statement, {**values, **where}).one_or_none()
    return None if row is None else row._asdict()


def _status(connection: Connection, experiment_id: str) -> str | None:
    return connection.scalar(_STATUS, {"which": experiment_id})


def _storable(text: str) -> str:
    """Replace what a database refuses in text: NUL, and surrogates of undecodable file names."""
    return text.replace("\0", "�").encode(errors="replace").decode()
