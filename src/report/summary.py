"""The figures of the seed's summary: experiments, average, best, its configuration, what to expect of it."""

from collections.abc import Sequence
from statistics import fmean
from typing import NamedTuple

from db.answers import RecordedExperiment
from db.tables import COMPLETED
from report.findings import Findings
from report.judgement import Judgement
from report.outcome import METRIC_NAMES
from report.tables import change, interval, number


class Figure(NamedTuple):
    """One number and what it is."""

    name: str
    value: str


def summary_figures(findings: Findings, judgement: Judgement) -> list[Figure]:
    """Sum up a run that has a completed experiment."""
    planned = findings.run.planned_trials if findings.run else findings.statistics.total
    statistics, best = findings.statistics, findings.winner
    failed = f", {statistics.failed} failed" if statistics.failed else ""
    return [
        Figure("experiments", f"{statistics.completed:,} of {planned:,} completed{failed}"),
        *accuracies(findings.experiments),
        Figure("highest configuration" if judgement.missing else "best configuration", best.experiment_id),
        Figure("expected improvement", _expected(findings, judgement)),
    ]


def accuracies(experiments: Sequence[RecordedExperiment]) -> list[Figure]:
    """Average the accuracies on validation; the seed recorded those on test alone."""
    completed = [one for one in experiments if one.status == COMPLETED]
    for part in ("validation", "test"):
        known = [value for one in completed if (value := getattr(one, part)["accuracy"]) is not None]
        if known:
            return [
                Figure(f"average {part} accuracy", number(fmean(known))),
                Figure(f"highest {part} accuracy", number(max(known))),
            ]
    return []


def _expected(findings: Findings, judgement: Judgement) -> str:
    """Say what to expect of the winner: what it is ahead on ratings that did not pick it."""
    if judgement.unseen is not None and findings.metric is not None:
        return f"{interval(judgement.unseen)} {METRIC_NAMES[findings.metric]}, on {judgement.fresh}"
    recorded = findings.winner.improvement_from_baseline
    if recorded is None:
        return "unknown: nothing stands beside it"
    return f"at most {change(recorded)} accuracy, which is on the ratings that picked it"
