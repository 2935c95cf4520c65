"""What is known of one run, gathered from the record and from the run's folder."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from sqlalchemy import Engine

from db.answers import Failure, RecordedExperiment, TuningRun, TuningStatistics
from db.queries import failures, get_tuning_statistics, recorded_experiments, top_experiments
from db.runs import tuning_run
from pipeline.contributions import BASELINE_FILE, PARTS, PER_USER_FILE, read_contributions
from pipeline.metrics import PerUser
from project import ROOT

SHOWN = 10
# Of longer runs the best are compared with each other: whoever could be as good as the winner is among them.
COMPARED = 200
METRIC_NAMES = {"accuracy": "accuracy", "balanced_accuracy": "balanced accuracy", "ndcg": "NDCG@10"}


@dataclass(frozen=True, kw_only=True)
class Findings:
    """Everything that is told of one run."""

    run_id: str
    database: Sequence[str]  # the overrides that lead to the record
    run: TuningRun | None  # None for runs older than the table of runs, the seed's among them
    statistics: TuningStatistics
    experiments: Sequence[RecordedExperiment]  # in the order of their trials, whatever became of them
    best: Sequence[RecordedExperiment]  # completed ones, best first, at most COMPARED
    failures: Sequence[Failure]
    per_user: Mapping[str, Sequence[PerUser | None]]  # of `best` on validation, of `shown` on test
    baseline: Mapping[str, PerUser | None]  # by part

    @property
    def shown(self) -> Sequence[RecordedExperiment]:
        return self.best[:SHOWN]

    @property
    def objective(self) -> str | None:
        """What the run was to maximise; None for runs of the seed."""
        return self.run.objective if self.run else self.best[0].objective if self.best else None

    @cached_property
    def metric(self) -> str | None:
        """The validation metric behind the objective; of an older run, the one that its values equal."""
        if self.run is not None:
            return self.run.metric
        value = self.best[0].objective_value if self.best else None
        equal = (
            name for name in METRIC_NAMES if value is not None and self.best[0].validation[name] == value
        )
        return next(equal, None)

    @property
    def reference_metrics(self) -> Mapping[str, Mapping[str, Mapping[str, float | None]]]:
        """Metrics of the baseline and of each reference: by name, then part, then metric."""
        return self.run.reference_metrics if self.run else {}

    @property
    def folder(self) -> Path | None:
        """The folder of the run, where it is known and still there."""
        folder = ROOT / self.run.output_dir if self.run else None
        return folder if folder is not None and folder.is_dir() else None


def gathered(engine: Engine, run_id: str, database: Sequence[str] = ()) -> Findings:
    """Gather what is known of a run that has experiments, or a row of its own."""
    run = tuning_run(engine, run_id)
    best = top_experiments(engine, run_id, COMPARED)
    return Findings(
        run_id=run_id,
        database=database,
        run=run,
        statistics=get_tuning_statistics(engine, run_id),
        experiments=recorded_experiments(engine, run_id),
        best=best,
        failures=failures(engine, run_id),
        per_user={
            "validation": [contributions_of(one, "validation") for one in best],
            "test": [contributions_of(one, "test") for one in best[:SHOWN]],
        },
        baseline={part: _of_baseline(run, part) for part in PARTS},
    )


def contributions_of(experiment: RecordedExperiment, part: str) -> PerUser | None:
    """Read what each user contributed to an experiment; None where its folder is gone."""
    folder = experiment.output_dir
    return None if folder is None else read_contributions(ROOT / folder / PER_USER_FILE, part)


def _of_baseline(run: TuningRun | None, part: str) -> PerUser | None:
    return None if run is None else read_contributions(ROOT / run.output_dir / BASELINE_FILE, part)
