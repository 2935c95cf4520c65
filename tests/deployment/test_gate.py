"""The gate on figures that can be judged by eye; bar G3: what is refused is named with both figures."""

import math
from typing import Any

import numpy as np
import pytest
from gate_samples import candidate, figures, per_user

from deployment.gate import Gate, Rule, Verdict, judged, read_gate, unmeasured
from deployment.measuring import Candidate, Rival
from pipeline.hyperparameters import Phase1
from pipeline.metrics import Measurement
from pipeline.parameters import InvalidInput

USERS = 200
DRAWN = np.random.default_rng(7).uniform(0, 1, USERS)
WAVES = 0.02 * np.sin(np.arange(USERS))  # so that no two users differ by the same
GATE = Gate()


def rival(ndcg: Any = DRAWN, key: str = "old") -> Rival:
    return Rival(version=3, config_key=key, test=per_user(ndcg), measured_now=False)


def ruled(verdict: Verdict, name: str) -> Rule:
    return next(rule for rule in verdict.rules if rule.name == name)


def refused_by(verdict: Verdict) -> list[str]:
    return [rule.name for rule in verdict.refusals]


def test_a_better_candidate_passes() -> None:
    verdict = judged(GATE, candidate(DRAWN + 0.05 + WAVES), rival())
    assert verdict.passed
    assert [rule.name for rule in verdict.rules] == [
        "measured",
        "same data",
        "something changes",
        "accuracy",
        "quality",
        "fast enough",
    ]
    assert all(rule.applies for rule in verdict.rules)


def test_a_worse_one_is_refused_with_both_figures() -> None:
    verdict = judged(GATE, candidate(DRAWN - 0.05 + WAVES), rival())
    assert refused_by(verdict) == ["quality"]
    quality = ruled(verdict, "quality")
    assert "above -0.01" in quality.must
    assert quality.found.startswith("-0.0")
    assert quality.found.endswith("to version 3")


def test_one_that_may_be_worse_by_more_than_the_margin_is_refused() -> None:
    """Nothing is known to be worse, but the interval reaches too far down: chance, as far as users tell."""
    noise = np.random.default_rng(1).normal(0, 0.3, USERS)
    verdict = judged(GATE, candidate(DRAWN + noise - noise.mean()), rival())
    assert refused_by(verdict) == ["quality"]
    assert ruled(verdict, "quality").found.startswith(("+0.0000", "-0.0000"))
    assert judged(Gate(quality_margin=0.2), candidate(DRAWN + noise - noise.mean()), rival()).passed


def test_an_equal_one_is_refused_because_nothing_changes() -> None:
    verdict = judged(GATE, candidate(DRAWN, config_key="old"), rival())
    assert refused_by(verdict) == ["something changes"]
    assert "version 3, key old" in ruled(verdict, "something changes").must


def test_not_worse_is_not_better() -> None:
    same = candidate(DRAWN)
    assert judged(GATE, same, rival()).passed
    assert refused_by(judged(Gate(quality="better"), same, rival())) == ["quality"]
    assert judged(Gate(quality="better"), candidate(DRAWN + 0.05 + WAVES), rival()).passed


def test_few_users_are_not_enough_to_be_called_better() -> None:
    ndcg = DRAWN[:50]
    ahead = candidate(ndcg + 0.05 + WAVES[:50])
    verdict = judged(Gate(quality="better"), ahead, rival(ndcg))
    assert refused_by(verdict) == ["quality"]
    assert "of 50 users only" in ruled(verdict, "quality").found
    assert judged(GATE, ahead, rival(ndcg)).passed


@pytest.mark.parametrize("value", [math.nan, math.inf, None])
@pytest.mark.parametrize("part", ["validation", "test"])
@pytest.mark.parametrize("metric", ["accuracy", "ndcg"])
def test_what_is_not_a_finite_number_is_refused_and_cannot_be_forced(
    value: float | None, part: str, metric: str
) -> None:
    metrics = figures(0.8, 0.5) | {metric: value}
    broken = candidate(DRAWN, **{part: Measurement(metrics, per_user(DRAWN))})
    verdict = judged(GATE, broken, rival())
    assert refused_by(verdict) == ["measured"]
    assert f"{part} {'NDCG@10' if metric == 'ndcg' else metric} {value}" in ruled(verdict, "measured").found
    assert not verdict.allows(force=True)


def test_what_was_never_measured_is_refused_and_cannot_be_forced() -> None:
    verdict = unmeasured("experiment random_1 is failed")
    assert refused_by(verdict) == ["measured"]
    assert not verdict.allows(force=True)


def test_what_was_chosen_on_other_data_is_refused_with_both_and_cannot_be_forced() -> None:
    verdict = judged(GATE, candidate(DRAWN + 0.1, chosen_on="yesterday"), rival())
    assert refused_by(verdict) == ["same data"]
    same = ruled(verdict, "same data")
    assert "today" in same.must
    assert "yesterday" in same.found
    assert not verdict.allows(force=True)


def test_one_that_is_slower_than_the_budget_is_refused_with_both_figures() -> None:
    verdict = judged(GATE, candidate(DRAWN, recommendation_ms=50.5), rival())
    assert refused_by(verdict) == ["fast enough"]
    assert (ruled(verdict, "fast enough").must[:15], ruled(verdict, "fast enough").found) == (
        "at most 50 ms f",
        "50.50 ms",
    )
    assert judged(Gate(recommendation_ms=None), candidate(DRAWN, recommendation_ms=50.5), rival()).passed


def test_the_accuracy_needed_is_the_candidates_own_unless_the_gate_says_another() -> None:
    def with_accuracy(accuracy: float, threshold: float) -> Candidate:
        measured = Measurement(figures(accuracy, 0.5), per_user(DRAWN))
        return candidate(DRAWN, validation=measured, hyperparameters=Phase1(accuracy_threshold=threshold))

    own = judged(GATE, with_accuracy(0.7, 0.75), rival())
    assert refused_by(own) == ["accuracy"]
    assert "at least 0.75, the accuracy_threshold of the candidate" in ruled(own, "accuracy").must
    assert ruled(own, "accuracy").found == "0.7000"
    assert judged(GATE, with_accuracy(0.75, 0.75), rival()).passed
    asked = judged(Gate(accuracy_threshold=0.8), with_accuracy(0.75, 0.1), rival())
    assert refused_by(asked) == ["accuracy"]
    assert "at least 0.8, the gate.accuracy_threshold" in ruled(asked, "accuracy").must


def test_the_first_version_has_none_before_it_and_says_so() -> None:
    verdict = judged(Gate(quality="better"), candidate(DRAWN), None)
    assert verdict.passed
    for name in ("something changes", "quality"):
        rule = ruled(verdict, name)
        assert (rule.applies, rule.found) == (False, "no version is active yet")
    assert judged(Gate(accuracy_threshold=0.9), candidate(DRAWN), None).passed is False


def test_it_must_be_ahead_of_the_references_that_are_asked_for() -> None:
    gate = Gate(ahead_of=("popularity", "bias"))
    popular = Measurement(figures(None, 0.5), per_user(DRAWN - 0.1 + WAVES))
    bias = Measurement(figures(0.5, 0.4), per_user(DRAWN - 0.1 + WAVES, hits=9))
    verdict = judged(gate, candidate(DRAWN, references={"popularity": popular, "bias": bias}), None)
    assert refused_by(verdict) == ["ahead of bias"]  # its accuracy is higher
    assert [rule.passed for rule in verdict.rules if rule.name.startswith("ahead")] == [True, False, True]
    missing = judged(gate, candidate(DRAWN, references={"popularity": popular}), None)
    assert {rule.found for rule in missing.refusals} == {"not measured"}
    assert not missing.allows(force=True)


def test_policy_can_be_forced() -> None:
    verdict = judged(GATE, candidate(DRAWN - 0.5, recommendation_ms=1e3), rival())
    assert refused_by(verdict) == ["quality", "fast enough"]
    assert not verdict.allows(force=False)
    assert verdict.allows(force=True)
    assert not verdict.passed


def test_a_verdict_is_written_down_rule_by_rule() -> None:
    verdict = judged(GATE, candidate(DRAWN), rival())
    assert Verdict([Rule(**rule) for rule in verdict.as_json()["rules"]]) == verdict


def test_a_gate_is_read_with_every_problem_at_once() -> None:
    values = {"accuracy_threshold": 2, "quality": "bettter", "quality_margin": 0.1, "recommendation_ms": None}
    with pytest.raises(InvalidInput) as refused:
        read_gate({**values, "ahead_of": ["popularty"], "speed": 1})
    assert list(refused.value.problems) == [
        "gate.speed does not exist; there are accuracy_threshold, quality, quality_margin, recommendation_ms",
        "gate.accuracy_threshold must be in [0, 1], got 2",
        "gate.quality must be one of not_worse, better, got 'bettter'; did you mean better?",
        "gate.ahead_of must be a list of best constant, popularity, bias, got 'popularty' in it; "
        "did you mean popularity?",
    ]
    with pytest.raises(InvalidInput, match=r"gate\.ahead_of must be a list"):
        read_gate({**values, "quality": "better", "accuracy_threshold": None, "ahead_of": "popularity"})


def planted(ahead: float, repeat: int) -> tuple[Candidate, Rival]:
    """Draw 1000 users whose NDCG@10 spreads by 0.25 and correlates by 0.7 between two configurations."""
    rng = np.random.default_rng(repeat)
    shared, own, other = rng.normal(0, 0.25, (3, 1000))
    first, second = (0.5 + math.sqrt(0.7) * shared + math.sqrt(0.3) * one for one in (own, other))
    return candidate(first + ahead), rival(second)


@pytest.mark.slow
@pytest.mark.parametrize(("ahead", "fewest", "most"), [(0.0, 0, 4), (0.03, 36, 40)])
def test_forty_pairs_are_told_apart_where_there_is_a_difference(ahead: float, fewest: int, most: int) -> None:
    """Of equal ones at most 5% and two standard errors are called better, of those 0.03 ahead 90%."""
    passed = sum(judged(Gate(quality="better"), *planted(ahead, repeat)).passed for repeat in range(40))
    assert fewest <= passed <= most
