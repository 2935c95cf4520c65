"""What is known of one run, gathered from the record and from the run's folder."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from db.answers import Failure, RecordedExperiment, TuningRun, TuningStatistics
from db.queries import failures, get_tuning_statistics, recorded_experiments, top_experiments
from db.runs import tuning_run
from pipeline.contributions import BASELINE_FILE, PARTS, PER_USER_FILE, read_contributions
from pipeline.metrics import PerUser
from project import ROOT
from report.confirmation import Confirmation, confirmation
from report.outcome import RunOutcome

SHOWN = 10
# Of longer runs the best are compared with each other: whoever could be as good as the winner is among them.
COMPARED = 200


@dataclass(frozen=True, kw_only=True)
class Findings(RunOutcome):
    """Everything that is told of one run."""

    database: Sequence[str]  # the overrides that lead to the record
    statistics: TuningStatistics
    ranked: Sequence[RecordedExperiment]  # completed, best first, or as they are confirmed; at most COMPARED
    failures: Sequence[Failure]
    per_user: Mapping[str, Sequence[PerUser | None]]  # of `ranked` on validation, of `shown` on test
    baseline: Mapping[str, PerUser | None]  # by part
    confirmation: Confirmation | None = None  # where the run measured another one's configurations again

    @property
    def shown(self) -> Sequence[RecordedExperiment]:
        return self.ranked[:SHOWN]

    @property
    def winner(self) -> RecordedExperiment:
        """The best experiment of a run that has a completed one; in a run that confirms, who was the best."""
        return self.ranked[0]

    @property
    def runs(self) -> Sequence[RunOutcome]:
        """The run alone, where an overview has all."""
        return [self]

    @property
    def folder(self) -> Path | None:
        """The folder of the run, where it is known and still there."""
        folder = ROOT / self.run.output_dir if self.run else None
        return folder if folder is not None and folder.is_dir() else None


def gathered(engine: Engine, run_id: str, database: Sequence[str] = ()) -> Findings:
    """Gather what is known of a run that has experiments, or a row of its own."""
    run, experiments = tuning_run(engine, run_id), recorded_experiments(engine, run_id)
    confirmed = confirmation(engine, run, experiments)
    ranked = confirmed.again[:COMPARED] if confirmed else top_experiments(engine, run_id, COMPARED)
    return Findings(
        run_id=run_id,
        database=database,
        run=run,
        statistics=get_tuning_statistics(engine, run_id),
        experiments=experiments,
        ranked=ranked,
        failures=failures(engine, run_id),
        per_user={
            "validation": [contributions_of(one, "validation") for one in ranked],
            "test": [contributions_of(one, "test") for one in ranked[:SHOWN]],
        },
        baseline={part: _of_baseline(run, part) for part in PARTS},
        confirmation=confirmed,
    )


def contributions_of(experiment: RecordedExperiment, part: str) -> PerUser | None:
    """Read what each user contributed to an experiment; None where its folder is gone."""
    folder = experiment.output_dir
    return None if folder is None else read_contributions(ROOT / folder / PER_USER_FILE, part)


def _of_baseline(run: TuningRun | None, part: str) -> PerUser | None:
    return None if run is None else read_contributions(ROOT / run.output_dir / BASELINE_FILE, part)
