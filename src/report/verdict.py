"""What the winner of a run is worth, in words."""

from collections.abc import Iterator, Sequence

from db.answers import TuningStatistics
from pipeline.intervals import ENOUGH_USERS, SIGNIFICANCE, Difference
from report.findings import Findings
from report.judgement import Judgement
from report.outcome import BASELINE, METRIC_NAMES

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
        *_winner(findings, judgement, metric),
        *_on_test(judgement, metric),
        *_luck(findings, judgement),
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
    reasons: dict[str, list[str]] = {}
    for failure in findings.failures:
        reason = "; ".join(failure.error.splitlines())
        reasons.setdefault(reason, []).append(f"{failure.trial_number:03d}")
    total = findings.statistics.total
    head = [f"{len(findings.failures)} of {total} trials failed:"] if reasons else []
    return head + [f"  {', '.join(trials)}: {reason}" for reason, trials in reasons.items()]


def against(difference: Difference) -> str:
    """Say which is ahead, and by how much."""
    return f"{WORDS[difference.verdict]} ({interval(difference)})"


def interval(difference: Difference | None) -> str:
    """Write an estimate with its 95% interval; a dash where the figures of either side are gone."""
    if difference is None:
        return "–"
    return f"{difference.estimate:+.3f} [{difference.low:+.3f}, {difference.high:+.3f}]"


def _winner(findings: Findings, judgement: Judgement, metric: str) -> Iterator[str]:
    winner, n = findings.winner, findings.statistics.completed
    name = f"Best: {winner.experiment_id}"
    if judgement.missing:
        verb = "was" if len(judgement.missing) == 1 else "were"
        yield f"Nothing is called the best: {listed(judgement.missing)} {verb} not measured beside this run."
        name = f"Highest: {winner.experiment_id}"
    if judgement.chosen is not None:
        picked = f"the ratings that picked it out of {n}" if n > 1 else "measured alone"
        yield f"{name}, {metric} {against(judgement.chosen)} on validation, {picked}."
        return
    yield f"{name}, {metric} {winner.objective_value:.4f} on validation."
    if findings.per_user["validation"][0] is None:
        gone = f"{winner.experiment_id} has no per-user figures (its folder is gone)"
    else:
        gone = "The baseline has no per-user figures (the run's folder is gone)"
    yield f"{gone}, so no interval can be given."


def _on_test(judgement: Judgement, metric: str) -> Iterator[str]:
    if judgement.unseen is not None:
        yield f"On the test ratings, which picked nothing: {metric} {against(judgement.unseen)}."
        yield "No search looks at the test ratings; only reports do."


def _luck(findings: Findings, judgement: Judgement) -> Iterator[str]:
    """Correct the lead on validation; an optimism below 0 is one of 0 that was estimated."""
    n = findings.statistics.completed
    if judgement.luck is not None and judgement.chosen is not None and n > 1:
        luck = max(judgement.luck.optimism, 0.0)
        lead = f"Of the winner's lead of {judgement.chosen.estimate:+.3f} on validation"
        yield f"{lead}, {luck:.3f} is expected luck of picking the best of {n}."


def _noise(judgement: Judgement) -> Iterator[str]:
    floor = judgement.floor
    if floor is None:
        return
    alike = f"{floor.n_indistinguishable} of {floor.n_compared} others cannot be told from the winner"
    if floor.smallest_difference is None:
        yield f"{alike}: all measure the same."
    else:
        least = f"{floor.smallest_difference:.3f}"
        yield f"{alike}; on these users a typical one has to be {least} behind to be told apart."


def _finalists(judgement: Judgement) -> Iterator[str]:
    """Say how many hold on test, which several comparisons at once would find too easily."""
    compared = [
        (difference.estimate > 0, p_value)
        for difference, p_value in zip(judgement.tests, judgement.adjusted, strict=True)
        if difference is not None and p_value is not None
    ]
    if len(compared) > 1:
        ahead = sum(is_ahead and p_value <= SIGNIFICANCE for is_ahead, p_value in compared)
        yield (
            f"Of the {len(compared)} best, {ahead} are better than the baseline on the test ratings "
            f"after Holm's correction (winner: p = {_p(judgement.adjusted[0])})."
        )


def _few_users(judgement: Judgement, metric: str) -> Iterator[str]:
    if judgement.too_few_users:
        counts = [one.n_users for one in (judgement.chosen, judgement.unseen) if one is not None]
        yield (
            f"Only {min(counts)} users count in {metric}: below {ENOUGH_USERS} an interval may be too "
            "narrow, so that no verdict holds."
        )


def _reference_ahead(findings: Findings, metric: str) -> Iterator[str]:
    """Name the reference that is ahead of the winner on what was maximised, if one is."""
    value = findings.winner.objective_value
    scores = {
        name: parts["validation"].get(findings.metric or "")
        for name, parts in findings.reference_metrics.items()
        if name != BASELINE
    }
    ahead = [(score, name) for name, score in scores.items() if score is not None and score > (value or 0)]
    if ahead:
        score, name = max(ahead)
        yield f"Mind the reference: {name} has {metric} {score:.4f} on validation, the winner {value:.4f}."


def _p(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}"


def listed(names: Sequence[str]) -> str:
    """Write names as a sentence has them."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
