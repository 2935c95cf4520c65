"""When a search ends before its last trial."""

from collections.abc import Iterable, Sequence

import pytest

from sweep.runs.plan import Plan, Proposal, Values
from sweep.searches.search import searched
from sweep.searches.stopping import Standing, StopRules


def standing(values: Iterable[float | None]) -> Standing:
    found = Standing()
    found.note(values)
    return found


@pytest.mark.parametrize(
    ("values", "since"),
    [
        ([], 0),
        ([0.5], 0),
        ([0.5, 0.4, 0.3], 2),
        ([0.5, 0.5], 1),  # an equal value is no new best
        ([None, None], 2),
        ([0.5, None, 0.6], 0),
    ],
)
def test_trials_are_counted_from_the_first_one_with_the_best_value(
    values: list[float | None], since: int
) -> None:
    assert standing(values).since_best == since


def test_without_rules_nothing_stops() -> None:
    assert StopRules().reason(standing([0.5] * 1000), seconds=1e9) is None
    assert not StopRules().any
    assert StopRules(patience=1).any


@pytest.mark.parametrize(
    ("rules", "values", "seconds", "reason"),
    [
        (StopRules(target=0.6), [0.5, 0.61], 0, "search.target=0.6 was reached: 0.6100"),
        (StopRules(target=0.6), [0.5, None], 0, None),
        (StopRules(patience=2), [0.5, 0.4, 0.3], 0, "search.patience=2: none of the last 2 trials"),
        (StopRules(patience=2), [0.5, 0.4], 0, None),
        (StopRules(time_budget=60), [0.5], 60.1, "search.time_budget=60 s was used up"),
        (StopRules(time_budget=60), [0.5], 59.9, None),
    ],
)
def test_a_rule_stops_when_it_holds_and_says_which(
    rules: StopRules, values: list[float | None], seconds: float, reason: str | None
) -> None:
    said = rules.reason(standing(values), seconds)
    assert said == reason if reason is None else str(said).startswith(reason)


class Rising:
    """Proposes two trials at a time and is told 0.1, 0.2, 0.3, …"""

    width = 2

    def __init__(self, total: int) -> None:
        self.plan, self.told = Plan(total=total), list[Values]()

    def ask(self, count: int) -> list[Proposal]:
        return [Proposal(overrides=[])] * count

    def tell(self, values: Sequence[Values]) -> None:
        self.told += values


def rising(batch: Sequence[Proposal], first: int) -> list[Values]:
    return [((first + number) / 10,) for number in range(1, len(batch) + 1)]


def test_a_search_runs_all_its_trials_the_last_batch_being_shorter() -> None:
    proposer = Rising(total=5)
    assert searched(proposer, rising, StopRules()) is None
    assert proposer.told == [(0.1,), (0.2,), (0.3,), (0.4,), (0.5,)]


def test_a_search_stops_after_the_batch_in_which_a_rule_held() -> None:
    proposer = Rising(total=9)
    assert searched(proposer, rising, StopRules(target=0.3)) == "search.target=0.3 was reached: 0.4000"
    assert len(proposer.told) == 4


def test_a_rule_that_holds_with_the_last_trial_stopped_nothing() -> None:
    assert searched(Rising(total=4), rising, StopRules(target=0.4)) is None
