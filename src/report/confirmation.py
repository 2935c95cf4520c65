"""What a run says about another one's winner, measured again by another protocol or on other ratings."""

from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter

from sqlalchemy import Engine

from db.answers import RecordedExperiment, TuningRun
from db.queries import experiments_by_id
from db.runs import tuning_run
from db.tables import COMPLETED
from pipeline.verdicts import agreement
from report.outcome import value_of
from report.tables import change


@dataclass(frozen=True)
class Confirmation:
    """Configurations of another run, each with what it was worth there and here."""

    found_by: TuningRun
    split: str  # of the run that confirms
    found: Sequence[RecordedExperiment]  # the best first
    again: Sequence[RecordedExperiment]  # the same configurations, in the same order

    @property
    def protocols(self) -> str:
        """Name the two ways to measure."""
        before = str(self.found_by.split.get("name"))
        return f"{before} and {self.split}" if before != self.split else f"{before} on two slices"


def confirmation(
    engine: Engine, run: TuningRun | None, experiments: Sequence[RecordedExperiment]
) -> Confirmation | None:
    """Find the configurations that a run took from one with another problem; None where it took none."""
    children = {one.parent_experiment_id: one for one in experiments if one.status == COMPLETED}
    parents = experiments_by_id(engine, [parent for parent in children if parent is not None])
    if run is None or not parents or parents[0].tuning_run_id is None:
        return None
    found_by = tuning_run(engine, parents[0].tuning_run_id)
    if found_by is None or found_by.problem_key == run.problem_key:
        return None
    same = [
        one
        for one in sorted(parents, key=value_of, reverse=True)
        if one.tuning_run_id == found_by.tuning_run_id
        and one.hyperparameters == children[one.experiment_id].hyperparameters
    ]
    again = [children[one.experiment_id] for one in same]
    return Confirmation(found_by, str(run.split.get("name")), same, again) if same else None


def confirmation_lines(confirmed: Confirmation) -> list[str]:
    """Say whether the two ways to measure agree about the winner, and about the order of all."""
    winner = confirmed.found[0].experiment_id
    compared = agreement(list(map(value_of, confirmed.found)), list(map(value_of, confirmed.again)))
    if compared is None:
        return []
    n, tau = compared.n_configurations, ""
    if compared.same_winner:
        said = f"{confirmed.protocols} agree that {winner} is the best of {n}"
    else:
        now = max(zip(map(value_of, confirmed.again), confirmed.found, strict=True), key=itemgetter(0))[1]
        said = f"{confirmed.protocols} do not agree: {winner} was the best of {n}, now {now.experiment_id} is"
    if compared.tau is not None:
        tau = f"; Kendall's tau of their orders is {change(compared.tau, 2)}"
    return [f"{said}{tau}."]
