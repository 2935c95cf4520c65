"""Whole runs: opened when they begin, closed when they end, asked for by whoever reports them."""

import dataclasses
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from statistics import median
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, func, insert, select, update

from db.answers import RecentRun, TuningRun
from db.engine import reading, writing
from db.tables import COMPLETED, FAILED, Experiment, TuningHistory
from db.tables import TuningRun as Table

_COLUMNS = [getattr(Table, field.name) for field in dataclasses.fields(TuningRun)]


def open_run(engine: Engine, run: TuningRun) -> None:
    """Insert the run; one that was opened before goes on, toward the total that is planned now."""
    same = Table.tuning_run_id == run.tuning_run_id
    goes_on = {"planned_trials": run.planned_trials, "ended_at": None, "stop_reason": None}
    with writing(engine) as connection:
        if connection.execute(update(Table).where(same).values(goes_on)).rowcount == 0:
            connection.execute(insert(Table).values(dataclasses.asdict(run)))


def close_run(engine: Engine, tuning_run_id: str, stop_reason: str | None) -> None:
    """Note that a run has ended, and why where that was before its last trial."""
    values = {"ended_at": datetime.now(UTC), "stop_reason": stop_reason}
    with writing(engine) as connection:
        connection.execute(update(Table).where(Table.tuning_run_id == tuning_run_id).values(values))


def tuning_run(engine: Engine, tuning_run_id: str) -> TuningRun | None:
    """Return one run; None where it is unknown, or older than the table of runs."""
    return next(iter(_runs(engine, Table.tuning_run_id == tuning_run_id)), None)


def tuning_runs(engine: Engine) -> Sequence[TuningRun]:
    """Return all runs, the latest first."""
    return _runs(engine)


def recent_runs(engine: Engine, limit: int) -> tuple[RecentRun, ...]:
    """Return the latest runs with what became of their trials, the latest first.

    The trials themselves are not read, so that a run of thousands costs little more than one of ten.
    """
    newest = select(*_COLUMNS).order_by(Table.started_at.desc(), Table.id.desc()).limit(limit)
    with reading(engine) as connection:
        runs = [TuningRun(**row._mapping) for row in connection.execute(newest)]
        ids = [run.tuning_run_id for run in runs]
        counts, best = _counts(connection, ids), _best_so_far(connection, ids)
    return tuple(
        RecentRun(
            run=run,
            completed=counts.get((run.tuning_run_id, COMPLETED), 0),
            failed=counts.get((run.tuning_run_id, FAILED), 0),
            best_so_far=best.get(run.tuning_run_id, []),
        )
        for run in runs
    )


def references_of(engine: Engine, problem_key: str) -> Mapping[str, Any]:
    """Return what the latest run on a problem was held against; nothing where there was none."""
    latest = (
        select(Table.reference_metrics)
        .where(Table.problem_key == problem_key)
        .order_by(Table.started_at.desc(), Table.id.desc())
        .limit(1)
    )
    with reading(engine) as connection:
        return connection.scalar(latest) or {}


def run_ids(engine: Engine) -> list[str]:
    """Return the ids of all runs, those among them that are older than the table of runs."""
    recorded = select(Table.tuning_run_id).union(
        select(Experiment.tuning_run_id).where(Experiment.tuning_run_id.is_not(None))
    )
    with reading(engine) as connection:
        return [str(run_id) for run_id in connection.scalars(recorded)]


def comparable_runs(engine: Engine, problem_key: str, model: str) -> Sequence[TuningRun]:
    """Return the runs of a model on the same data and split with the same code, the latest first."""
    return _runs(engine, Table.problem_key == problem_key, Table.model == model)


def seconds_a_trial(engine: Engine, tuning_run_id: str) -> float | None:
    """Return the median time from the end of one measured trial to that of the next; None without two.

    All that happens between two trials is part of it, and pauses before a run was resumed are not.
    """
    ends = select(Experiment.completed_at).where(
        Experiment.tuning_run_id == tuning_run_id,
        Experiment.status == COMPLETED,
        Experiment.reused_from.is_(None),
    )
    with reading(engine) as connection:
        moments = connection.scalars(ends.order_by(Experiment.completed_at)).all()
    steps = [(b - a).total_seconds() for a, b in pairwise(m for m in moments if m is not None)]
    return median(steps) if steps else None


def _runs(engine: Engine, *conditions: ColumnElement[bool]) -> Sequence[TuningRun]:
    question = select(*_COLUMNS).where(*conditions).order_by(Table.started_at.desc(), Table.id.desc())
    with reading(engine) as connection:
        return [TuningRun(**row._mapping) for row in connection.execute(question)]


def _counts(connection: Connection, run_ids: Sequence[str]) -> dict[tuple[str, str], int]:
    """Count experiments by run and status."""
    kinds = (Experiment.tuning_run_id, Experiment.status)
    question = select(*kinds, func.count()).where(Experiment.tuning_run_id.in_(run_ids)).group_by(*kinds)
    return {(str(run_id), status): n for run_id, status, n in connection.execute(question)}


def _best_so_far(connection: Connection, run_ids: Sequence[str]) -> Mapping[str, list[tuple[int, float]]]:
    """Follow the history of runs: where the best rose, and where the run stands now."""
    run_id, best = TuningHistory.tuning_run_id, TuningHistory.best_objective
    steps = (
        select(run_id, func.min(TuningHistory.iteration), func.max(TuningHistory.iteration), best)
        .where(run_id.in_(run_ids))
        .group_by(run_id, best)
        .order_by(run_id, best)
    )
    found: dict[str, list[tuple[int, float]]] = defaultdict(list)
    last: dict[str, tuple[int, float]] = {}
    for of_run, first, latest, value in connection.execute(steps):
        if value is not None:  # none of the trials until then completed
            found[of_run].append((first, value))
            last[of_run] = (latest, value)
    return {of_run: sorted({*rises, last[of_run]}) for of_run, rises in found.items()}
