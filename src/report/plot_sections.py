"""The plots of a run and of runs that can be compared, each with a sentence about what it shows."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate

from db.answers import RecordedExperiment
from report.findings import Findings
from report.front import front
from report.html import plot, section
from report.outcome import METRIC_NAMES, RunOutcome, value_of
from report.overview import Group
from report.plots import Column, Point, bars, curves, history, parallel, small, two_aims
from report.sampling import plotted, sampling_note

PARALLEL = 8  # axes that can still be told apart
# Importances hold the best tenth against all: of fewer trials that is one, which says nothing.
WEIGHABLE = 20
CURVES = 50  # runs whose lines fit in one plot


def run_plots(findings: Findings) -> Iterator[str]:
    """Draw what a run with a completed trial did."""
    shown = plotted(findings.measured)
    if not shown:
        return
    note = sampling_note(findings.measured, shown)
    shares = _shares(findings)
    varied = sorted(findings.varied, key=lambda name: -shares.get(name, 0))
    yield section("Best so far", _history(findings, shown, note))
    if varied:
        yield section("Which hyperparameters matter", _importances(shares))
        yield section("One hyperparameter at a time", _slices(findings, shown, varied, note))
        yield section("All together", _parallel(findings, shown, varied[:PARALLEL], note))
    yield section("What one aim costs the other", _two_aims(findings, shown, note))


def group_plot(group: Group) -> str:
    """Draw the best so far of each run of a group, the latest ones where there are many."""
    drawn = [run for run in group.runs if run.measured][:CURVES]
    if not drawn:
        return ""
    lines = beside(drawn[0], drawn[0].metric)
    best = {run.run_id: best_so_far(run.measured) for run in drawn}
    more = f" Shown are the latest {CURVES} of {len(group.runs):,} runs." if len(group.runs) > CURVES else ""
    caption = f"The best so far of each run, beside the baseline and the references.{more}"
    return plot(curves(best, lines, aim_of(drawn[0])), caption)


def aim_of(run: RunOutcome) -> str:
    """Name what was maximised, of the seed what it chose by."""
    return "test accuracy" if run.metric is None else f"{METRIC_NAMES[run.metric]} on validation"


def beside(run: RunOutcome, metric: str | None) -> dict[str, float]:
    """Give the metric of the baseline and of each reference that has it, on validation."""
    values = {name: parts["validation"].get(metric or "") for name, parts in run.reference_metrics.items()}
    return {name: value for name, value in values.items() if value is not None}


def best_so_far(experiments: Sequence[RecordedExperiment]) -> list[Point]:
    """Follow the highest value along the trials: one point a trial that raised it, and the last one."""
    values = list(accumulate(map(value_of, experiments), max))
    last = len(values) - 1
    return [
        (one.trial_number or i + 1, value)
        for i, (one, value) in enumerate(zip(experiments, values, strict=True))
        if i in {0, last} or value > values[i - 1]
    ]


def _history(findings: Findings, shown: Sequence[RecordedExperiment], note: str) -> str:
    trials = [(one.trial_number or 0, value_of(one)) for one in shown]
    drawn = history(
        trials, best_so_far(findings.measured), beside(findings, findings.metric), aim_of(findings)
    )
    return plot(drawn, f"Each trial and the best so far, beside the baseline and the references.{note}")


def _shares(findings: Findings) -> Mapping[str, float]:
    """Ask Optuna what matters, where there are enough trials to tell."""
    values = set(map(value_of, findings.measured))
    if len(findings.measured) < WEIGHABLE or len(values) == 1 or not findings.varied:
        return {}
    from report.optuna_study import importances  # noqa: PLC0415 - slow to load

    return importances(findings)


def _importances(shares: Mapping[str, float]) -> str:
    if not shares:
        few = f"Importances need {WEIGHABLE} completed trials that are not all equal."
        return f"<p>{few}</p>\n"
    caption = (
        "What tells the best tenth of the trials from all of them, as shares of a whole (PED-ANOVA). "
        "With fewer than 50 trials the order is rough."
    )
    return plot(bars(shares, "importance"), caption, "tall")


def _slices(findings: Findings, shown: Sequence[RecordedExperiment], varied: list[str], note: str) -> str:
    lines, winner_id = beside(findings, findings.metric), findings.winner.experiment_id
    drawn = []
    for name in varied:
        having = [one for one in shown if name in one.hyperparameters]
        winner = next((place for place, one in enumerate(having) if one.experiment_id == winner_id), None)
        figure = small(name, _column(having, name), [value_of(one) for one in having], winner, lines)
        drawn.append(plot(figure, f"{name} against {aim_of(findings)}", "small"))
    said = (
        f"Each trial by one of its hyperparameters against {aim_of(findings)}; the star is the winner, the "
        f"solid line the baseline, the broken ones are references.{note}"
    )
    return f'<p>{said}</p>\n<div class="grid">\n{"".join(drawn)}</div>\n'


def _column(experiments: Sequence[RecordedExperiment], name: str) -> Column:
    """List the values of one hyperparameter: texts, or numbers."""
    values = [one.hyperparameters[name] for one in experiments]
    texts = [value for value in values if isinstance(value, str)]
    return texts or [value for value in values if not isinstance(value, str)]


def _parallel(
    findings: Findings, shown: Sequence[RecordedExperiment], names: Sequence[str], note: str
) -> str:
    whole = [one for one in shown if all(name in one.hyperparameters for name in names)]
    columns = {name: _column(whole, name) for name in names}
    lines, aim = beside(findings, findings.metric), aim_of(findings)
    drawn = parallel(columns, [value_of(one) for one in whole], lines, aim)
    caption = (
        "Each line is a trial, the best tenth in orange; an axis runs from its lowest to its highest value."
    )
    return plot(drawn, f"{caption}{note}", "parallel")


def _two_aims(findings: Findings, shown: Sequence[RecordedExperiment], note: str) -> str:
    first, second = findings.aims if len(findings.aims) == 2 else ("accuracy", "ndcg")
    best = _points(front(findings, first, second), first, second)
    if not best:
        return ""
    lines = beside(findings, first), beside(findings, second)
    aims = METRIC_NAMES[first], METRIC_NAMES[second]
    drawn = two_aims(_points(shown, first, second), best, lines, aims)
    return plot(drawn, f"The joined trials are beaten by no other in both metrics.{note}")


def _points(experiments: Sequence[RecordedExperiment], first: str, second: str) -> list[Point]:
    found = [(one.validation[first], one.validation[second]) for one in experiments]
    return [(x, y) for x, y in found if x is not None and y is not None]
