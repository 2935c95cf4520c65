"""The seed's two tables and that of the runs; hyperparameter columns come from the models' dataclasses."""

from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    DateTime,
    Dialect,
    Double,
    Index,
    Integer,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, MappedColumn, mapped_column

from pipeline.hyperparameters import MODELS
from pipeline.parameters import parameters

PENDING, INTERRUPTED, COMPLETED, FAILED = "pending", "interrupted", "completed", "failed"

Split = Literal["validation", "test"]
METRICS = ("accuracy", "balanced_accuracy", "mae", "rmse", "ndcg", "recall", "coverage")

_KINDS = {name: spec.kind for settings in MODELS.values() for name, spec in parameters(settings).items()}
HYPERPARAMETERS = tuple(_KINDS)
_TYPES = {float: Double, int: Integer, str: Text}


def metric_column(split: Split, metric: str) -> str:
    """Name the column of a metric; NDCG@10 on validation is what the seed calls quality."""
    return (
        "recommendation_quality_score" if (split, metric) == ("validation", "ndcg") else f"{split}_{metric}"
    )


def _hyperparameter_columns() -> dict[str, MappedColumn[Any]]:
    """Make those of the first model stand where the seed has them; what a later one adds comes at the end."""
    first = parameters(next(iter(MODELS.values())))
    return {
        name: mapped_column(_TYPES[kind], nullable=True, sort_order=-1 if name in first else 1)
        for name, kind in _KINDS.items()
    }


class UtcDateTime(TypeDecorator[datetime]):
    """A moment: aware in Python, with its time zone on PostgreSQL, as UTC text on SQLite."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Read rows of the seed, too, whose moments carry no zone."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """What the tables share."""

    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy's own name
        str: Text,
        datetime: UtcDateTime,
        dict[str, Any]: JSON(none_as_null=True),
    }


def rows_of(model: type[Base]) -> Table:
    """Name a model's table, of which statements are made faster than of the model."""
    table = model.__table__
    assert isinstance(table, Table)
    return table


class Experiment(Base):
    """One tested configuration."""

    __tablename__ = "hp_experiments"

    id: Mapped[int] = mapped_column(primary_key=True, sort_order=-2)
    experiment_id: Mapped[str] = mapped_column(sort_order=-2)
    status: Mapped[str] = mapped_column(sort_order=-2)
    created_at: Mapped[datetime | None] = mapped_column(sort_order=-2)
    completed_at: Mapped[datetime | None] = mapped_column(sort_order=-2)

    vars().update(_hyperparameter_columns())  # sort_order -1: between these and those below; 1: behind them

    test_accuracy: Mapped[float | None]
    improvement_from_baseline: Mapped[float | None]
    recommendation_quality_score: Mapped[float | None]  # NDCG@10 on validation
    tuning_method: Mapped[str | None]
    parent_experiment_id: Mapped[str | None]

    # Below here are our own columns; the seed's rows hold NULL in them.
    tuning_run_id: Mapped[str | None]
    trial_number: Mapped[int | None]  # 1, 2, … within the run
    model: Mapped[str | None]
    objective: Mapped[str | None]
    objective_value: Mapped[float | None]  # higher is better
    validation_accuracy: Mapped[float | None]
    validation_balanced_accuracy: Mapped[float | None]
    validation_mae: Mapped[float | None]
    validation_rmse: Mapped[float | None]
    validation_recall: Mapped[float | None]
    validation_coverage: Mapped[float | None]
    test_balanced_accuracy: Mapped[float | None]
    test_mae: Mapped[float | None]
    test_rmse: Mapped[float | None]
    test_ndcg: Mapped[float | None]
    test_recall: Mapped[float | None]
    test_coverage: Mapped[float | None]
    config_key: Mapped[str | None]
    data_fingerprint: Mapped[str | None]
    code_version: Mapped[str | None]
    seed: Mapped[int | None] = mapped_column(BigInteger)  # samplers draw up to 2^63 - 1
    duration_seconds: Mapped[float | None]
    output_dir: Mapped[str | None]
    error: Mapped[str | None]
    reused_from: Mapped[str | None]  # the experiment that measured these numbers, where it was not this one
    process: Mapped[str | None]  # that runs the trial, as sweep.runs.processes writes it; NULL when done
    # How often the trial was begun: more than once where a process died over it. Added behind the models'.
    attempts: Mapped[int | None] = mapped_column(sort_order=2)

    __table_args__ = (
        CheckConstraint(
            "status IN ('pending', 'interrupted', 'completed', 'failed')", name="ck_hp_experiments_status"
        ),
        UniqueConstraint("experiment_id", name="uq_hp_experiments_experiment_id"),
        Index("ux_hp_experiments_trial", "tuning_run_id", "trial_number", unique=True),
        Index("ix_hp_experiments_config_key", "config_key"),
    )


class TuningHistory(Base):
    """The best experiment of a run after each of its trials."""

    __tablename__ = "hp_tuning_history"

    id: Mapped[int] = mapped_column(primary_key=True)
    tuning_run_id: Mapped[str]
    iteration: Mapped[int]  # the trial's number
    timestamp: Mapped[datetime | None]
    best_accuracy: Mapped[float | None]  # validation accuracy of the best experiment
    best_experiment_id: Mapped[str | None]
    exploration_phase: Mapped[str | None]  # exploration or exploitation
    best_objective: Mapped[float | None]
    experiment_id: Mapped[str | None]  # of this iteration; NULL in the seed's rows


# The seed never promised one row an iteration, so only our rows have to be unique.
_ours = TuningHistory.experiment_id.is_not(None)
Index(
    "ux_hp_tuning_history_iteration",
    TuningHistory.tuning_run_id,
    TuningHistory.iteration,
    unique=True,
    sqlite_where=_ours,
    postgresql_where=_ours,
)


class TuningRun(Base):
    """What is the same for all trials of a run: what it searched, on what, beside what, by which command."""

    __tablename__ = "hp_tuning_runs"

    id: Mapped[int] = mapped_column(primary_key=True)
    tuning_run_id: Mapped[str]
    tuning_method: Mapped[str]
    model: Mapped[str]
    objective: Mapped[str]
    metric: Mapped[str]  # of validation, that the objective maximises
    second_metric: Mapped[str | None]  # maximised beside it, where a search has two aims
    seed: Mapped[int] = mapped_column(BigInteger)
    space: Mapped[dict[str, Any]]  # hyperparameter to {"low", "high"} or {"choices"}
    data_name: Mapped[str]
    data_fingerprint: Mapped[str]
    split: Mapped[dict[str, Any]]
    attendance: Mapped[dict[str, Any] | None]  # users and movies that a part of the split leaves out
    code_version: Mapped[str]
    problem_key: Mapped[str]  # of data, split and code: equal keys make metrics comparable
    reference_metrics: Mapped[dict[str, Any]]  # "baseline" or a reference, then part, then metric
    planned_trials: Mapped[int]
    warm_started: Mapped[int]  # experiments of other runs that the search began with
    command: Mapped[str]
    environment: Mapped[dict[str, Any]]  # versions of what it ran on
    output_dir: Mapped[str]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]  # NULL while it runs, or after it was killed
    stop_reason: Mapped[str | None]  # why it ended before its last trial; NULL where it did not

    __table_args__ = (
        UniqueConstraint("tuning_run_id", name="uq_hp_tuning_runs_tuning_run_id"),
        Index("ix_hp_tuning_runs_problem_key", "problem_key"),
    )
