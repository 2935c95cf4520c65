"""What is known of all runs together: which can be compared, and what is best where they can."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import Engine

from db.answers import TuningStatistics
from db.queries import get_tuning_statistics, recorded_experiments
from db.runs import tuning_runs
from report.judgement import missing
from report.outcome import METRIC_NAMES, RunOutcome, value_of


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
        aim = METRIC_NAMES.get(run.metric, run.metric)
        return f"{aim} on {run.data_name}, split {run.split.get('name', '?')} (problem {run.problem_key[:8]})"

    @property
    def experiments(self) -> int:
        return sum(len(run.experiments) for run in self.runs)

    @cached_property
    def best(self) -> RunOutcome | None:
        """The run with the highest value; the earliest of those that tie."""
        found = [run for run in reversed(self.runs) if run.best is not None]
        return max(found, key=lambda run: value_of(run.best), default=None)

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
    outcomes = [
        RunOutcome(run_id=run_id, run=rows.get(run_id), experiments=experiments[run_id])
        for run_id in {**experiments, **rows}
    ]
    return Overview(database, get_tuning_statistics(engine), grouped(outcomes))


def grouped(outcomes: Iterable[RunOutcome]) -> list[Group]:
    """Put runs for one objective on one problem together, the latest first."""
    groups = defaultdict(list)
    for outcome in sorted(outcomes, key=lambda one: one.started_at, reverse=True):
        run = outcome.run
        groups[run and (run.problem_key, run.objective)].append(outcome)
    return [Group(runs) for runs in groups.values()]
