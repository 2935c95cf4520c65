"""The history of a run: row n holds the best completed experiment among trials 1..n.

Best is the highest objective value, then the lowest trial number. The rows are the same in whatever order
parallel workers finish: a trial that comes late also corrects the rows after it.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, or_, select, update

from db.tables import COMPLETED, Experiment, TuningHistory, rows_of

_EXPERIMENTS, _HISTORY = rows_of(Experiment), rows_of(TuningHistory)
# What an iteration is made of: columns of an experiment that has just finished.
OF_FINISHED = (
    _EXPERIMENTS.c.tuning_run_id.label("run"),
    _EXPERIMENTS.c.trial_number.label("trial"),
    _EXPERIMENTS.c.status,
    _EXPERIMENTS.c.experiment_id.label("best_experiment_id"),
    _EXPERIMENTS.c.objective_value.label("best_objective"),
    _EXPERIMENTS.c.validation_accuracy.label("best_accuracy"),
)
# Ours, not the seed's: what the index is of, so that no trial looks at more rows than the one before.
_OURS = _HISTORY.c.experiment_id.is_not(None)
# Made once and filled in, as in `db.records`.
_BEST_BEFORE = (
    select(_HISTORY.c.best_experiment_id, _HISTORY.c.best_objective, _HISTORY.c.best_accuracy)
    .where(_HISTORY.c.tuning_run_id == bindparam("run"), _HISTORY.c.iteration < bindparam("trial"), _OURS)
    .order_by(_HISTORY.c.iteration.desc())
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
    _OURS,
    or_(
        _HISTORY.c.best_objective.is_(None),
        _HISTORY.c.best_objective < bindparam("value"),
        (_HISTORY.c.best_objective == bindparam("value")) & (bindparam("trial") < _TRIAL_OF_BEST),
    ),
)


def record_iteration(connection: Connection, finished: Mapping[str, Any], phase: str, now: datetime) -> None:
    """Insert the history row of an experiment that has just finished, and correct the later rows.

    Args:
        connection: in the transaction that finished it.
        finished: its OF_FINISHED.
        phase: what it was for.
        now: when it finished.

    """
    own = {name: finished[name] for name in ("best_experiment_id", "best_objective", "best_accuracy")}
    place = {"run": finished["run"], "trial": finished["trial"]}
    is_completed = finished["status"] == COMPLETED
    before = connection.execute(_BEST_BEFORE, place).one_or_none()
    is_better = is_completed and _is_better(own, before)
    row = {
        "tuning_run_id": place["run"],
        "iteration": place["trial"],
        "timestamp": now,
        "exploration_phase": phase,
        "experiment_id": own["best_experiment_id"],
    }
    connection.execute(_INSERT, row | (own if is_better else dict(before._mapping) if before else {}))
    if is_completed:
        # Into each later row whose best is worse, or equal with a higher trial number.
        connection.execute(_CORRECT_LATER, {**own, **place, "value": own["best_objective"]})


def _is_better(own: Mapping[str, Any], before: Row[*tuple[Any, ...]] | None) -> bool:
    """Say whether an experiment is better than all before it; of equal ones the first stays the best."""
    best = None if before is None else before.best_objective
    return best is None or own["best_objective"] > best
