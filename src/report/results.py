"""The tables of one run: its best experiments, the winner beside the baseline."""

import dataclasses
from collections.abc import Mapping, Sequence

from db.answers import RecordedExperiment, Value
from pipeline.hyperparameters import Phase1
from project import ROOT
from report.findings import Findings
from report.judgement import Judgement
from report.outcome import METRIC_NAMES
from report.tables import Cell, Column, Link, Table, interval, number
from report.verdict import trials_by_reason

NAMED = 5  # trials that a row names
COLUMNS = (
    Column("trial", numeric=False),
    Column("acc"),
    Column("acc - baseline [95%]"),
    Column("bal\nacc"),
    Column("NDCG\n@10"),
    Column("RMSE"),
    Column("test\nacc", aside=True),
    Column("test\nNDCG", aside=True),
)


def results_table(findings: Findings, judgement: Judgement) -> Table:
    """Lay out the best experiments, then the baseline and the references under them."""
    word = "highest" if judgement.missing else "best"
    by = findings.objective or "test accuracy"
    best = [
        [trial_cell(one), *_figures(one.validation, one.test, interval(improvement))]
        for one, improvement in zip(findings.shown, judgement.improvements, strict=True)
    ]
    beside = [
        [name, *_figures(parts["validation"], parts["test"], "")]
        for name, parts in findings.reference_metrics.items()
    ]
    return Table(f"{findings.run_id}: {word} by {by}", COLUMNS, [best, beside] if beside else [best])


def tests_table(findings: Findings, judgement: Judgement) -> Table | None:
    """Compare the best with the baseline where nothing was picked, several at once; None without figures."""
    if findings.metric is None or not any(judgement.tests):
        return None
    heads = (f"{METRIC_NAMES[findings.metric]} - baseline [95%]", "p (Holm)")
    columns = (Column("trial", numeric=False), *map(Column, heads), Column("verdict", numeric=False))
    rows = [
        [trial_cell(one), interval(difference), number(p_value), difference.verdict if difference else "–"]
        for one, difference, p_value in zip(findings.shown, judgement.tests, judgement.adjusted, strict=True)
    ]
    return Table(f"On {judgement.fresh}, where nothing was picked", columns, [rows])


def parameters_table(winner: RecordedExperiment) -> Table:
    """Set the winner's hyperparameters beside the baseline's, as the model uses them."""
    baseline = dataclasses.asdict(Phase1().normalised())
    heads = ("winner", "baseline", "change")
    columns = (Column("hyperparameter", numeric=False), *map(Column, heads))
    rows = [
        [name, _short(value), _short(baseline.get(name)), _change(value, baseline.get(name))]
        for name, value in winner.hyperparameters.items()
    ]
    return Table(f"{winner.experiment_id} against the baseline", columns, [rows])


def failures_table(findings: Findings) -> Table:
    """List why trials failed, equal reasons once."""
    columns = (Column("trials", numeric=False), Column("reason", numeric=False))
    rows = [[_some(trials), reason] for reason, trials in trials_by_reason(findings).items()]
    caption = f"{len(findings.failures):,} of {findings.statistics.total:,} trials failed"
    return Table(caption, columns, [rows])


def _some(trials: Sequence[str]) -> str:
    more = f" and {len(trials) - NAMED:,} more" if len(trials) > NAMED else ""
    return ", ".join(trials[:NAMED]) + more


def trial_cell(experiment: RecordedExperiment) -> Cell:
    """Name a trial by its number, and lead to its folder where that is still there."""
    text = f"{experiment.trial_number or 0:03d}"
    folder = None if experiment.output_dir is None else ROOT / experiment.output_dir
    return Link(text, folder) if folder is not None and folder.is_dir() else text


def _figures(
    validation: Mapping[str, float | None], test: Mapping[str, float | None], improvement: str
) -> list[str]:
    return [
        number(validation["accuracy"]),
        improvement,
        *(number(validation[name]) for name in ("balanced_accuracy", "ndcg", "rmse")),
        *(number(test[name]) for name in ("accuracy", "ndcg")),
    ]


def _short(value: Value | None) -> str:
    if isinstance(value, str):
        return value
    return "–" if value is None else f"{value:.4g}"


def _change(value: Value, other: Value | None) -> str:
    """Write a difference; a dash where there is none to be taken, of texts among others."""
    if other is None or isinstance(value, str) or isinstance(other, str):
        return "–"
    return f"{value - other:+.4g}"
