"""The end of a run in the terminal: the best ten, what stands beside them, what it means, what comes next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from db.answers import CompletedExperiment, Failure, TuningStatistics
from pipeline.attendance import Attendance
from pipeline.intervals import Difference, paired_differences
from pipeline.metrics import Measurement, PerUser
from report.attendance import attendance_sentence

SHOWN = 10
METRIC_NAMES = {"accuracy": "accuracy", "balanced_accuracy": "balanced accuracy", "ndcg": "NDCG@10"}


@dataclass(frozen=True, kw_only=True)
class Findings:
    """Everything that the end of a run is told from."""

    run_id: str
    objective: str
    metric: str
    statistics: TuningStatistics
    best: Sequence[CompletedExperiment]  # best first, at most SHOWN
    failures: Sequence[Failure]
    per_user: Mapping[str, Sequence[PerUser | None]]  # part to one entry an experiment of `best`
    baseline: Mapping[str, Measurement]  # part to the shipped configuration's measurement
    references: Mapping[str, Mapping[str, Measurement]]  # name, then part
    split: str
    attendance: Attendance  # whom the split measures


def print_summary(findings: Findings) -> None:
    """Print a run's findings; a run without a completed trial says so."""
    # Reasons of failures and paths are not markup, whatever brackets they hold.
    console = Console(highlight=False, markup=False, emoji=False)
    if findings.best:
        console.print(results_table(findings), soft_wrap=True)
        console.print(attendance_sentence(findings.split, findings.attendance))
        for line in verdict_lines(findings):
            console.print(line)
        for line in reuse_lines(findings.statistics):
            console.print(line)
        # One line each, however long: to be copied and searched.
        console.print(next_command(findings.best[0]), soft_wrap=True)
    else:
        console.print(f"{findings.run_id}: no trial completed, so that there is nothing to compare.")
    for line in failure_lines(findings):
        console.print(line, style="red", soft_wrap=True)


def results_table(findings: Findings) -> Table:
    """Lay out the best experiments, then the baseline and the references under them."""
    table = Table(
        title=f"{findings.run_id}: best by {findings.objective}",
        title_justify="left",
        box=SIMPLE_HEAD,
        padding=(0, 0, 0, 0),
        pad_edge=False,
        show_edge=False,
    )
    table.add_column("trial", no_wrap=True)
    for heading in ("acc", "acc - baseline [95%]", "bal\nacc", "NDCG\n@10", "RMSE"):
        table.add_column(heading, justify="right", no_wrap=True)
    for heading in ("test\nacc", "test\nNDCG"):
        table.add_column(heading, justify="right", no_wrap=True, style="dim")
    improvements = _improvements(findings, "validation", "accuracy")
    for one, improvement in zip(findings.best, improvements, strict=True):
        number = f"{one.trial_number:03d}"
        table.add_row(number, *_figures(one.validation, one.test, _interval(improvement)))
    table.add_section()
    table.add_row("baseline", *_reference_figures(findings.baseline))
    for name, parts in findings.references.items():
        table.add_row(name, *_reference_figures(parts))
    return table


def verdict_lines(findings: Findings) -> list[str]:
    """Say in words what the winner is worth against the baseline, on what chose it and on what did not."""
    metric = METRIC_NAMES[findings.metric]
    chosen = _improvements(findings, "validation", findings.metric)[0]
    unseen = _improvements(findings, "test", findings.metric)[0]
    winner = findings.best[0].experiment_id
    if chosen is None or unseen is None:
        return [f"{winner} has no per-user figures (its folder is gone), so no interval can be given."]
    n = findings.statistics.completed
    lines = [
        f"Best: {winner}, {metric} {_against(chosen)} on validation, "
        + (f"the ratings that picked it out of {n}." if n > 1 else "measured alone."),
        f"On the test ratings, which picked nothing: {metric} {_against(unseen)}.",
    ]
    beaten_by = _best_reference(findings)
    if beaten_by is not None:
        lines.append(f"Mind the reference: {beaten_by}.")
    return lines


def reuse_lines(statistics: TuningStatistics) -> list[str]:
    """Say how many trials were not measured now."""
    if not statistics.reused:
        return []
    taken = (
        f"{statistics.reused} of {statistics.completed} trials were measured before and taken from the record"
    )
    return [f"{taken}; reuse=false measures them again."]


def failure_lines(findings: Findings) -> list[str]:
    """Name how many trials failed and why, equal reasons once."""
    reasons: dict[str, list[str]] = {}
    for failure in findings.failures:
        reason = "; ".join(failure.error.splitlines())
        reasons.setdefault(reason, []).append(f"{failure.trial_number:03d}")
    total = findings.statistics.total
    head = [f"{len(findings.failures)} of {total} trials failed:"] if reasons else []
    return head + [f"  {', '.join(trials)}: {reason}" for reason, trials in reasons.items()]


def next_command(best: CompletedExperiment) -> str:
    """Give the command that measures the best configuration again, in a folder of its own."""
    return f"Next: python src/tune_app.py rerun={best.output_dir}"


def _improvements(findings: Findings, part: str, metric: str) -> list[Difference | None]:
    """Compare each experiment with the baseline; None where its per-user figures are gone."""
    kept = [per_user for per_user in findings.per_user[part] if per_user is not None]
    differences = iter(paired_differences(kept, findings.baseline[part].per_user, metric))
    return [None if per_user is None else next(differences) for per_user in findings.per_user[part]]


def _best_reference(findings: Findings) -> str | None:
    """Name the reference that is ahead of the winner on what was maximised, if one is."""
    value = findings.best[0].objective_value
    ahead = [
        (score, name)
        for name, parts in findings.references.items()
        if (score := parts["validation"].metrics[findings.metric]) is not None
        if value is not None and score > value
    ]
    if not ahead:
        return None
    score, name = max(ahead)
    return f"{name} has {METRIC_NAMES[findings.metric]} {score:.4f} on validation, the winner {value:.4f}"


def _against(difference: Difference) -> str:
    words = {
        "better": "better than the baseline",
        "worse": "worse than the baseline",
        "not distinguishable": "not distinguishable from the baseline",
    }[difference.verdict]
    return f"{words} ({_interval(difference)})"


def _interval(difference: Difference | None) -> str:
    if difference is None:
        return "–"
    return f"{difference.estimate:+.3f} [{difference.low:+.3f}, {difference.high:+.3f}]"


def _figures(
    validation: Mapping[str, float | None], test: Mapping[str, float | None], improvement: str
) -> list[str]:
    return [
        _number(validation["accuracy"]),
        improvement,
        *(_number(validation[name]) for name in ("balanced_accuracy", "ndcg", "rmse")),
        *(_number(test[name]) for name in ("accuracy", "ndcg")),
    ]


def _reference_figures(parts: Mapping[str, Measurement]) -> list[str]:
    return _figures(parts["validation"].metrics, parts["test"].metrics, "")


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}"
