"""All runs in a table for each problem, and the best of each problem in a sentence."""

from collections.abc import Sequence

from db.answers import TuningStatistics
from report.outcome import RunOutcome
from report.overview import Group, Overview
from report.summary import Figure, accuracies
from report.tables import Column, Table, change, listed, number

COLUMNS = (
    Column("run", numeric=False),
    Column("method", numeric=False),
    Column("trials"),
    Column("failed"),
    Column("best"),
    Column("ahead of\nbaseline"),
    Column("ended", numeric=False, wraps=True),
)


def runs_table(group: Group, caption: str = "runs, the latest first") -> Table:
    """List the runs that can be compared with each other."""
    return Table(caption, COLUMNS, [[_row(run) for run in group.runs]])


def overview_figures(found: Overview) -> list[Figure]:
    """Sum up everything that is recorded; what is the best is said for each problem apart."""
    experiments = [one for run in found.runs for one in run.experiments]
    return [
        Figure("runs", f"{len(found.runs):,}"),
        Figure("experiments", _counts(found.statistics)),
        *accuracies(experiments),
    ]


def group_lines(group: Group) -> list[str]:
    """Name the best configuration of a problem and what it promises; nothing is best of what is unknown."""
    best = group.best
    if best is None or best.best is None:
        return ["No trial completed, so that there is nothing to compare."]
    name, value = best.best.experiment_id, _best_value(best)
    if group.missing:
        verb = "was" if len(group.missing) == 1 else "were"
        refusal = (
            f"Nothing is called the best: {listed(group.missing)} {verb} not measured beside {best.run_id}."
        )
        return [refusal, f"Highest: {name} with {value}."]
    runs = "1 run" if len(group.runs) == 1 else f"{len(group.runs):,} runs"
    picked = f"picked out of {group.experiments:,} experiments in {runs}"
    improvement = f"expected improvement at most {change(best.improvement)}, on the ratings that picked it"
    return [f"Best: {name} with {value}, {picked}; {improvement}."]


def _row(run: RunOutcome) -> Sequence[str]:
    trials = f"{len(run.completed):,}/{run.planned:,}"
    return [
        run.run_id,
        run.method,
        trials,
        f"{run.failed:,}" if run.failed else "",
        _best_value(run),
        change(run.improvement),
        run.ending,
    ]


def _best_value(run: RunOutcome) -> str:
    if run.best is None:
        return "–"
    value = run.best.objective_value
    return number(run.best.test["accuracy"] if value is None else value)


def _counts(statistics: TuningStatistics) -> str:
    others = statistics.total - statistics.completed - statistics.failed
    parts = [f"{statistics.completed:,} completed", f"{statistics.failed:,} failed"]
    return f"{statistics.total:,}: {', '.join([*parts, f'{others:,} unfinished'] if others else parts)}"
