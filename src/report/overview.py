"""What is known of all runs together: which can be compared, and what is best where they can."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

from sqlalchemy import Engine

from db.answers import RecordedExperiment, TuningRun, TuningStatistics
from db.queries import get_tuning_statistics, recorded_experiments
from db.runs import tuning_runs
from db.tables import COMPLETED, FAILED
from report.findings import METRIC_NAMES
from report.judgement import BASELINE, missing

LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class RunOutcome:
    """A run and what became of its trials."""

    run_id: str
    run: TuningRun | None  # None for runs older than the table of runs, the seed's among them
    experiments: Sequence[RecordedExperiment]  # in the order of their trials

    @cached_property
    def completed(self) -> Sequence[RecordedExperiment]:
        return [one for one in self.experiments if one.status == COMPLETED]

    @property
    def failed(self) -> int:
        return sum(one.status == FAILED for one in self.experiments)

    @property
    def planned(self) -> int:
        return self.run.planned_trials if self.run else len(self.experiments)

    @cached_property
    def best(self) -> RecordedExperiment | None:
        """The highest objective value, the earliest of those that tie; of the seed's the highest accuracy."""
        return max(self.completed, key=_value, default=None)

    @property
    def method(self) -> str:
        first = self.experiments[0].tuning_method if self.experiments else None
        return self.run.tuning_method if self.run else first or "–"

    @property
    def improvement(self) -> float | None:
        """What the best is ahead of the baseline on validation, in what was maximised."""
        if self.run is None or self.best is None or self.best.objective_value is None:
            return None if self.best is None else self.best.improvement_from_baseline
        baseline = self.run.reference_metrics.get(BASELINE, {}).get("validation", {}).get(self.run.metric)
        return None if baseline is None else self.best.objective_value - baseline

    @property
    def ending(self) -> str:
        """Say how it ended: by itself, for a reason, or not yet."""
        if self.run is None:
            return "–"
        return self.run.stop_reason or ("done" if self.run.ended_at else "not ended")

    @property
    def started_at(self) -> datetime:
        moments = (one.created_at for one in self.experiments if one.created_at is not None)
        return self.run.started_at if self.run else min(moments, default=LONG_AGO)


@dataclass(frozen=True)
class Group:
    """Runs that can be compared: for one objective on one problem; or all whose problem is not known."""

    runs: Sequence[RunOutcome]  # the latest first

    @property
    def is_comparable(self) -> bool:
        return self.runs[0].run is not None

    @property
    def title(self) -> str:
        run = self.runs[0].run
        if run is None:
            return "Recorded before runs had a row of their own: on what is not known"
        aims = " and ".join(METRIC_NAMES.get(m, m) for m in (run.metric, run.second_metric) if m is not None)
        return (
            f"{aims} on {run.data_name}, split {run.split.get('name', '?')} (problem {run.problem_key[:8]})"
        )

    @property
    def experiments(self) -> int:
        return sum(len(run.experiments) for run in self.runs)

    @cached_property
    def best(self) -> RunOutcome | None:
        """The run with the highest value; the earliest of those that tie."""
        found = [run for run in reversed(self.runs) if run.best is not None]
        return max(found, key=lambda run: _value(run.best), default=None)

    @property
    def missing(self) -> Sequence[str]:
        """What was not measured beside the best run."""
        return missing(self.best.run if self.best else None)


@dataclass(frozen=True)
class Overview:
    """Everything that is told of all runs."""

    database: Sequence[str]  # the overrides that lead to the record
    statistics: TuningStatistics
    groups: Sequence[Group]  # with the latest run first

    @property
    def runs(self) -> list[RunOutcome]:
        return [run for group in self.groups for run in group.runs]


def overview(engine: Engine, database: Sequence[str] = ()) -> Overview:
    """Gather all runs, those that can be compared together."""
    experiments = defaultdict(list)
    for one in recorded_experiments(engine):
        experiments[one.tuning_run_id or one.experiment_id].append(one)
    rows = {run.tuning_run_id: run for run in tuning_runs(engine)}
    outcomes = [RunOutcome(name, rows.get(name), experiments[name]) for name in {**experiments, **rows}]
    return Overview(database, get_tuning_statistics(engine), grouped(outcomes))


def grouped(outcomes: Iterable[RunOutcome]) -> list[Group]:
    """Put runs for one objective on one problem together, the latest first."""
    groups = defaultdict(list)
    for outcome in sorted(outcomes, key=lambda one: one.started_at, reverse=True):
        run = outcome.run
        groups[run and (run.problem_key, run.objective, run.second_metric)].append(outcome)
    return [Group(runs) for runs in groups.values()]


def _value(experiment: RecordedExperiment | None) -> float:
    """Order as the record does: by objective, of the seed's by test accuracy."""
    if experiment is None:
        return float("-inf")
    value = experiment.objective_value if experiment.objective is not None else experiment.test["accuracy"]
    return float("-inf") if value is None else value
