"""What the questions of db.queries are answered with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

Value = float | int | str  # of a hyperparameter


@dataclass(frozen=True, kw_only=True)
class RecordedExperiment:
    """An experiment, however it ended; rows of the seed hold None in what the seed did not record."""

    experiment_id: str
    status: str
    tuning_run_id: str | None
    trial_number: int | None
    tuning_method: str | None
    model: str | None
    hyperparameters: Mapping[str, Value]  # those of its model only
    objective: str | None
    objective_value: float | None
    improvement_from_baseline: float | None
    validation: Mapping[str, float | None]
    test: Mapping[str, float | None]
    config_key: str | None
    data_fingerprint: str | None
    code_version: str | None
    seed: int | None
    duration_seconds: float | None
    output_dir: str | None
    created_at: datetime | None
    completed_at: datetime | None
    parent_experiment_id: str | None
    reused_from: str | None
    error: str | None


class CompletedExperiment(RecordedExperiment):
    """An experiment whose numbers are there."""


@dataclass(frozen=True, kw_only=True)
class TuningStatistics:
    """Counts and averages over experiments; None where there is nothing to average or to compare."""

    total: int
    completed: int
    failed: int
    pending: int
    average_validation_accuracy: float | None
    best_validation_accuracy: float | None  # the highest, which need not be the best experiment's
    best_experiment_id: str | None  # by objective
    average_duration_seconds: float | None  # of completed ones
    reused: int  # completed ones whose numbers an earlier experiment measured


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a run is."""

    completed: int
    failed: int
    best_objective_value: float | None
    best_experiment_id: str | None


@dataclass(frozen=True, kw_only=True)
class Failure:
    """A failed trial and its reason."""

    trial_number: int
    experiment_id: str
    error: str


@dataclass(frozen=True, kw_only=True)
class Iteration:
    """One row of a run's history: the best completed experiment among trials up to this one."""

    iteration: int
    experiment_id: str
    exploration_phase: str
    best_experiment_id: str | None
    best_objective: float | None
    best_accuracy: float | None


class ExperimentsPage(NamedTuple):
    """Some experiments, and how many there are of all."""

    total: int
    experiments: tuple[RecordedExperiment, ...]


class FinishedTrial(NamedTuple):
    """How a trial ended: the values of the metrics asked for, in their order; None where it failed."""

    status: str
    values: tuple[float, ...] | None


@dataclass(frozen=True, kw_only=True)
class TuningRun:
    """A run: what it searched, on what, beside what; the columns of db.tables.TuningRun say more."""

    tuning_run_id: str
    tuning_method: str
    model: str
    objective: str
    metric: str
    second_metric: str | None
    seed: int
    space: Mapping[str, Any]
    data_name: str
    data_fingerprint: str
    split: Mapping[str, Any]
    attendance: Mapping[str, Any] | None
    code_version: str
    problem_key: str
    reference_metrics: Mapping[str, Any]
    planned_trials: int
    warm_started: int
    command: str
    environment: Mapping[str, Any]
    output_dir: str
    started_at: datetime
    ended_at: datetime | None = None
    stop_reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class RecentRun:
    """A run and how far it came, without its trials."""

    run: TuningRun
    completed: int
    failed: int
    best_so_far: Sequence[tuple[int, float]]  # trial and objective value: each time it rose, and the last
