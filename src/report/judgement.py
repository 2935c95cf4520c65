"""What the statistics allow to say of a run's winner, in numbers; verdict.py says it in words."""

from collections.abc import Sequence
from dataclasses import dataclass

from db.answers import TuningRun
from pipeline.intervals import Difference, paired_differences
from pipeline.metrics import PerUser
from pipeline.optimism import Optimism, optimism
from pipeline.references import missing_references
from pipeline.verdicts import NoiseFloor, holm, noise_floor
from report.findings import SHOWN, Findings
from report.outcome import BASELINE


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """The winner against the baseline, on what chose it and on what did not."""

    missing: Sequence[str]  # baseline and references, without which nothing is called the best
    improvements: Sequence[Difference | None]  # accuracy on validation, one an experiment shown
    chosen: Difference | None  # the winner, in what was maximised, on the ratings that picked it
    fresh: str  # the part that picked nothing: test, in a run that confirms validation
    tests: Sequence[Difference | None]  # what was maximised on it, one an experiment shown
    adjusted: Sequence[float | None]  # their p-values, by Holm's correction
    luck: Optimism | None
    floor: NoiseFloor | None

    @property
    def unseen(self) -> Difference | None:
        """The winner, in what was maximised, on the part that picked nothing."""
        return self.tests[0] if self.tests else None

    @property
    def too_few_users(self) -> bool:
        return any(one is not None and one.too_few_users for one in (self.chosen, self.unseen))

    @property
    def holds(self) -> bool:
        """Tell whether the winner is ahead of the baseline on ratings that did not pick it."""
        better = self.unseen is not None and self.unseen.verdict == "better"
        return better and not self.missing and not self.too_few_users


def judged(findings: Findings) -> Judgement:
    """Compare the best experiments with the baseline and with each other."""
    metric, picks = findings.metric, findings.confirmation is None
    improvements = _ahead(findings, "validation", "accuracy")
    by_metric = improvements if metric == "accuracy" else _ahead(findings, "validation", metric)
    tests = _ahead(findings, "test", metric) if picks else by_metric
    rivals = _rivals(findings)
    return Judgement(
        missing=missing(findings.run),
        improvements=improvements,
        chosen=by_metric[0] if by_metric and picks else None,
        fresh="test" if picks else "validation",
        tests=tests,
        adjusted=_adjusted(tests),
        luck=optimism(rivals, metric) if metric and picks else None,
        floor=noise_floor(rivals, 0, metric) if metric and rivals else None,
    )


def missing(run: TuningRun | None) -> list[str]:
    """Name what was not measured beside a run; all of it where the run is older than its table."""
    measured = run.reference_metrics if run else {}
    return [*([] if BASELINE in measured else [BASELINE]), *missing_references(measured)]


def _rivals(findings: Findings) -> list[PerUser]:
    """Take the winner and all that it was picked from; nobody where the winner's own figures are gone."""
    winner, *others = findings.per_user["validation"] or [None]
    return [] if winner is None else [winner, *(one for one in others if one is not None)]


def _ahead(findings: Findings, part: str, metric: str | None) -> list[Difference | None]:
    """Compare each experiment shown with the baseline; None where the figures of either are gone."""
    baseline, figures = findings.baseline[part], findings.per_user[part][:SHOWN]
    kept = [one for one in figures if one is not None]
    if baseline is None or metric is None or not kept:
        return [None] * len(figures)
    differences = iter(paired_differences(kept, baseline, metric))
    return [None if one is None else next(differences) for one in figures]


def _adjusted(differences: Sequence[Difference | None]) -> list[float | None]:
    """Correct the p-values of comparisons that are read together."""
    adjusted = iter(holm([one.p_value for one in differences if one is not None]))
    return [None if one is None else float(next(adjusted)) for one in differences]
