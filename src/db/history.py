"""The history of a run: row n holds the best completed experiment among trials 1..n.

Best is the highest objective value, then the lowest trial number. The rows are the same in whatever order
parallel workers finish: a trial that comes late also corrects the rows after it.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, or_, select, update

from db.tables import COMPLETED, Experiment, TuningHistory, rows_of

_EXPERIMENTS, _HISTORY = rows_of(Experiment), rows_of(TuningHistory)
_BEST = (
    _EXPERIMENTS.c.experiment_id.label("best_experiment_id"),
    _EXPERIMENTS.c.objective_value.label("best_objective"),
    _EXPERIMENTS.c.validation_accuracy.label("best_accuracy"),
)
# Made once and filled in, as in `db.records`.
_FINISHED = select(
    _EXPERIMENTS.c.tuning_run_id, _EXPERIMENTS.c.trial_number, _EXPERIMENTS.c.status, *_BEST
).where(_EXPERIMENTS.c.experiment_id == bindparam("which"))
_BEST_UNTIL = (
    select(*_BEST)
    .where(
        _EXPERIMENTS.c.tuning_run_id == bindparam("run"),
        _EXPERIMENTS.c.trial_number <= bindparam("trial"),
        _EXPERIMENTS.c.status == COMPLETED,
    )
    .order_by(_EXPERIMENTS.c.objective_value.desc(), _EXPERIMENTS.c.trial_number)
    .limit(1)
)
_INSERT = insert(_HISTORY)
_TRIAL_OF_BEST = (
    select(_EXPERIMENTS.c.trial_number)
    .where(_EXPERIMENTS.c.experiment_id == _HISTORY.c.best_experiment_id)
    .scalar_subquery()
)
_CORRECT_LATER = update(_HISTORY).where(
    _HISTORY.c.tuning_run_id == bindparam("run"),
    _HISTORY.c.iteration > bindparam("trial"),
    or_(
        _HISTORY.c.best_objective.is_(None),
        _HISTORY.c.best_objective < bindparam("value"),
        (_HISTORY.c.best_objective == bindparam("value")) & (bindparam("trial") < _TRIAL_OF_BEST),
    ),
)


def record_iteration(connection: Connection, experiment_id: str, phase: str, now: datetime) -> None:
    """Insert the history row of an experiment that has just finished, and correct the later rows."""
    done = dict(connection.execute(_FINISHED, {"which": experiment_id}).one()._mapping)
    place = {"run": done.pop("tuning_run_id"), "trial": done.pop("trial_number")}
    row = {
        "tuning_run_id": place["run"],
        "iteration": place["trial"],
        "timestamp": now,
        "exploration_phase": phase,
        "experiment_id": experiment_id,
    }
    connection.execute(_INSERT, row | _best_until(connection, place))
    if done.pop("status") == COMPLETED:
        # Into each later row whose best is worse, or equal with a higher trial number.
        connection.execute(_CORRECT_LATER, {**done, **place, "value": done["best_objective"]})


def _best_until(connection: Connection, place: Mapping[str, Any]) -> dict[str, Any]:
    """Return the best_ columns of a row; none, so NULL, before anything is completed."""
    best = connection.execute(_BEST_UNTIL, place).one_or_none()
    return {} if best is None else dict(best._mapping)
