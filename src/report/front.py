"""The trials of a search for two aims that no other trial beats in both."""

from collections.abc import Mapping, Sequence

import numpy as np

from db.answers import RecordedExperiment
from pipeline.pareto import pareto_front
from report.outcome import METRIC_NAMES, RunOutcome
from report.results import trial_cell
from report.tables import Cell, Column, Row, Table, number


def front(run: RunOutcome, first: str, second: str) -> list[RecordedExperiment]:
    """Find them by two validation metrics, in the order of the first; of equal ones each is there."""
    measured = [one for one in run.completed if None not in (one.validation[first], one.validation[second])]
    if not measured:
        return []
    values = np.array([[one.validation[first], one.validation[second]] for one in measured], dtype=np.float64)
    best = [one for one, is_best in zip(measured, pareto_front(values), strict=True) if is_best]
    return sorted(best, key=lambda one: one.validation[first] or 0)


def front_table(run: RunOutcome) -> Table | None:
    """Lay out what one aim costs the other; None for runs with one aim."""
    if len(run.aims) != 2:
        return None
    first, second = run.aims
    columns = (Column("trial", numeric=False), *(Column(METRIC_NAMES[aim]) for aim in run.aims))
    best = [_row(trial_cell(one), one.validation, run.aims) for one in front(run, first, second)]
    beside = [_row(name, parts["validation"], run.aims) for name, parts in run.reference_metrics.items()]
    return Table(f"{run.run_id}: beaten in both by no other", columns, [best, beside])


def _row(name: Cell, metrics: Mapping[str, float | None], aims: Sequence[str]) -> Row:
    return [name, *(number(metrics[aim]) for aim in aims)]
