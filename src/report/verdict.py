"""What the winner of a run is worth, in words."""

from collections.abc import Iterator

from db.answers import TuningStatistics
from pipeline.intervals import ENOUGH_USERS, SIGNIFICANCE, Difference
from report.confirmation import confirmation_lines
from report.findings import Findings
from report.judgement import Judgement
from report.outcome import BASELINE, METRIC_NAMES
from report.tables import interval, listed, number

WORDS = {
    "better": "better than the baseline",
    "worse": "worse than the baseline",
    "not distinguishable": "not distinguishable from the baseline",
}


def verdict_lines(findings: Findings, judgement: Judgement) -> list[str]:
    """Say what the winner is worth against the baseline, on what chose it and on what did not."""
    if findings.metric is None:
        return [
            f"Nothing is called the best: {findings.winner.experiment_id} has the highest recorded test "
            "accuracy, but no baseline, no references and no figures of its users stand beside it."
        ]
    metric = METRIC_NAMES[findings.metric]
    return [
        *_missing(judgement),
        *(_confirmed(findings, judgement, metric) or _picked(findings, judgement, metric)),
        *_noise(judgement),
        *_finalists(judgement),
        *_few_users(judgement, metric),
        *_reference_ahead(findings, metric),
    ]


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
    reasons = trials_by_reason(findings)
    head = [f"{len(findings.failures)} of {findings.statistics.total} trials failed:"] if reasons else []
    return head + [f"  {', '.join(trials)}: {reason}" for reason, trials in reasons.items()]


def trials_by_reason(findings: Findings) -> dict[str, list[str]]:
    """Group the failed trials, each by its number, by the reason in one line."""
    reasons: dict[str, list[str]] = {}
    for failure in findings.failures:
        reason = "; ".join(failure.error.splitlines())
        reasons.setdefault(reason, []).append(f"{failure.trial_number:03d}")
    return reasons


def against(difference: Difference) -> str:
    """Say which is ahead, and by how much."""
    return f"{WORDS[difference.verdict]} ({interval(difference)})"


def _missing(judgement: Judgement) -> Iterator[str]:
    if judgement.missing:
        verb = "was" if len(judgement.missing) == 1 else "were"
        yield f"Nothing is called the best: {listed(judgement.missing)} {verb} not measured beside this run."


def _confirmed(findings: Findings, judgement: Judgement, metric: str) -> list[str]:
    """Say of a run that confirms what it says about the other one's winner; nothing of any other run."""
    confirmed = findings.confirmation
    if confirmed is None:
        return []
    again = f"{confirmed.found[0].experiment_id}, measured again as {findings.winner.experiment_id}"
    return [*confirmation_lines(confirmed), *_against_baseline(findings, judgement.unseen, again, metric, "")]


def _picked(findings: Findings, judgement: Judgement, metric: str) -> Iterator[str]:
    """Say what the winner is worth on what picked it, on what did not, and how much of it is luck."""
    winner, n = findings.winner.experiment_id, findings.statistics.completed
    name = f"Highest: {winner}" if judgement.missing else f"Best: {winner}"
    picked = f", the ratings that picked it out of {n}" if n > 1 else ", measured alone"
    yield from _against_baseline(findings, judgement.chosen, name, metric, picked)
    if judgement.unseen is not None:
        yield f"On the test ratings, which picked nothing: {metric} {against(judgement.unseen)}."
        yield "No search looks at the test ratings; only reports do."
    if judgement.luck is not None and judgement.chosen is not None and n > 1:
        # Below 0 it is one of 0 that was estimated.
        luck = max(judgement.luck.optimism, 0.0)
        lead = f"Of the winner's lead of {judgement.chosen.estimate:+.3f} on validation"
        yield f"{lead}, {luck:.3f} is expected luck of picking the best of {n}."


def _against_baseline(
    findings: Findings, difference: Difference | None, name: str, metric: str, on: str
) -> Iterator[str]:
    """Compare the winner with the baseline on validation, or say what is missing for it."""
    if difference is not None:
        yield f"{name}, {metric} {against(difference)} on validation{on}."
        return
    yield f"{name}, {metric} {number(findings.winner.objective_value)} on validation."
    if findings.per_user["validation"][0] is None:
        gone = f"{findings.winner.experiment_id} has no per-user figures (its folder is gone)"
    else:
        gone = "The baseline has no per-user figures (the run's folder is gone)"
    yield f"{gone}, so no interval can be given."


def _noise(judgement: Judgement) -> Iterator[str]:
    floor = judgement.floor
    if floor is None:
        return
    few = f"{floor.n_indistinguishable} of {floor.n_compared} others"
    alike = f"{few} are not distinguishable from the winner"
    if floor.smallest_difference is None:
        yield f"{alike}: all measure the same."
    else:
        least = f"{floor.smallest_difference:.3f}"
        yield f"{alike}; on these users a typical one has to be {least} behind to be told apart."


def _finalists(judgement: Judgement) -> Iterator[str]:
    """Say how many hold where nothing was picked, which several comparisons at once find too easily."""
    compared = [
        (difference.estimate > 0, p_value)
        for difference, p_value in zip(judgement.tests, judgement.adjusted, strict=True)
        if difference is not None and p_value is not None
    ]
    if len(compared) > 1:
        ahead = sum(is_ahead and p_value <= SIGNIFICANCE for is_ahead, p_value in compared)
        yield (
            f"Of the {len(compared)} best, {ahead} are better than the baseline on {judgement.fresh} "
            f"after Holm's correction (winner: p = {number(judgement.adjusted[0])})."
        )


def _few_users(judgement: Judgement, metric: str) -> Iterator[str]:
    if judgement.too_few_users:
        counts = [one.n_users for one in (judgement.chosen, judgement.unseen) if one is not None]
        yield (
            f"Only {min(counts)} users count in {metric}: below {ENOUGH_USERS} an interval may be too "
            "narrow, so that no verdict holds."
        )


def _reference_ahead(findings: Findings, metric: str) -> Iterator[str]:
    """Name the reference that is ahead of the winner on what was maximised, on each part where one is."""
    for part, measured in (("validation", findings.winner.validation), ("test", findings.winner.test)):
        value = measured.get(findings.metric or "")
        scores = {
            name: parts[part].get(findings.metric or "")
            for name, parts in findings.reference_metrics.items()
            if name != BASELINE and part in parts
        }
        ahead = [
            (score, name) for name, score in scores.items() if score is not None and score > (value or 0)
        ]
        if ahead:
            score, name = max(ahead)
            found = f"{name} has {metric} {score:.4f} on {part}"
            yield f"Mind the reference: {found}, the winner {number(value)}."
