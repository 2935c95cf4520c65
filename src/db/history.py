"""The history of a run: row n holds the best completed experiment among trials 1..n.

Best is the highest objective value, then the lowest trial number. The rows are the same in whatever order
parallel workers finish: a trial that comes late also corrects the rows after it.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, ScalarSelect, insert, or_, select, update

from db.tables import COMPLETED, Experiment, TuningHistory

BEST = (
    Experiment.experiment_id.label("best_experiment_id"),
    Experiment.objective_value.label("best_objective"),
    Experiment.validation_accuracy.label("best_accuracy"),
)


def record_iteration(connection: Connection, experiment_id: str, phase: str, now: datetime) -> None:
    """Insert the history row of an experiment that has just finished, and correct the later rows."""
    own = Experiment.experiment_id == experiment_id
    columns = (Experiment.tuning_run_id, Experiment.trial_number, Experiment.status, *BEST)
    done = dict(connection.execute(select(*columns).where(own)).one()._mapping)
    run, trial = done.pop("tuning_run_id"), done.pop("trial_number")
    connection.execute(
        insert(TuningHistory).values(
            tuning_run_id=run,
            iteration=trial,
            timestamp=now,
            exploration_phase=phase,
            experiment_id=experiment_id,
            **_best_until(connection, run, trial),
        )
    )
    if done.pop("status") == COMPLETED:
        _correct_later_rows(connection, run, trial, done)


def _best_until(
    connection: Connection, tuning_run_id: str | None, trial_number: int | None
) -> dict[str, Any]:
    """Return the best_ columns of a row; none, so NULL, before anything is completed."""
    best = connection.execute(
        select(*BEST)
        .where(Experiment.tuning_run_id == tuning_run_id, Experiment.trial_number <= trial_number)
        .where(Experiment.status == COMPLETED)
        .order_by(Experiment.objective_value.desc(), Experiment.trial_number)
        .limit(1)
    ).one_or_none()
    return {} if best is None else dict(best._mapping)


def _correct_later_rows(
    connection: Connection, tuning_run_id: str, trial_number: int, best: dict[str, Any]
) -> None:
    """Put this experiment into each later row whose best is worse, or equal with a higher trial number."""
    value = best["best_objective"]
    connection.execute(
        update(TuningHistory)
        .where(TuningHistory.tuning_run_id == tuning_run_id, TuningHistory.iteration > trial_number)
        .where(
            or_(
                TuningHistory.best_objective.is_(None),
                TuningHistory.best_objective < value,
                (TuningHistory.best_objective == value) & (_trial_of_best() > trial_number),
            )
        )
        .values(best)
    )


def _trial_of_best() -> ScalarSelect[int | None]:
    return (
        select(Experiment.trial_number)
        .where(Experiment.experiment_id == TuningHistory.best_experiment_id)
        .scalar_subquery()
    )
