"""The latest runs: how far each came, and the best so far of those that can be compared."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Engine

from db.answers import RecentRun
from db.runs import recent_runs
from report.outcome import BASELINE, RunOutcome
from report.overview import grouped
from report.plot_sections import aim_of, beside
from report.plots import Plot, curves
from report.runs import COLUMNS
from report.tables import Table, change, number

RUNS = 10


@dataclass(frozen=True, kw_only=True)
class RunGroup:
    """Runs for one objective on one problem."""

    title: str
    table: Table
    plot: Plot | None  # None where no trial completed


def run_groups(engine: Engine) -> list[RunGroup]:
    """Gather the latest runs, those together that can be compared."""
    found = {one.run.tuning_run_id: one for one in recent_runs(engine, RUNS)}
    # Of the trials only what the record sums up is told, so that none is read.
    outcomes = [RunOutcome(run_id=run_id, run=one.run, experiments=()) for run_id, one in found.items()]
    return [
        _group(group.title, group.runs, [found[outcome.run_id] for outcome in group.runs])
        for group in grouped(outcomes)
    ]


def _group(title: str, outcomes: Sequence[RunOutcome], runs: Sequence[RecentRun]) -> RunGroup:
    rows = [_row(outcome, run) for outcome, run in zip(outcomes, runs, strict=True)]
    best = {one.run.tuning_run_id: one.best_so_far for one in runs if one.best_so_far}
    drawn = curves(best, beside(outcomes[0], outcomes[0].metric), aim_of(outcomes[0]))
    return RunGroup(
        title=title,
        table=Table("runs, the latest first", COLUMNS, [rows]),
        plot=drawn if best else None,
    )


def _row(outcome: RunOutcome, run: RecentRun) -> list[str]:
    best = run.best_so_far[-1][1] if run.best_so_far else None
    baseline = beside(outcome, outcome.metric).get(BASELINE)
    return [
        outcome.run_id,
        outcome.method,
        f"{run.completed:,}/{outcome.planned:,}",
        f"{run.failed:,}" if run.failed else "",
        number(best),
        change(None if best is None or baseline is None else best - baseline),
        outcome.ending,
    ]
