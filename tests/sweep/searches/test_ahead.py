"""Draws that depend on no result go in long batches, drawn while others are measured; they stay the same."""

from collections.abc import Sequence

import pytest
from test_samplers import INTERVALS, proposer_of

from sweep.runs.launching import AT_ONCE
from sweep.runs.plan import Proposal, Proposer, Values
from sweep.searches.ahead import Ahead
from sweep.searches.search import searched
from sweep.searches.stopping import StopRules

MORE = AT_ONCE + 20
CORES = ("launch=cores", f"hydra.sweeper.n_trials={MORE}")


def batches_of(proposer: Proposer) -> list[list[Proposal]]:
    batches = []

    def measure(batch: Sequence[Proposal], _: int) -> list[Values]:
        batches.append(list(batch))
        return [(0.5,)] * len(batch)

    searched(proposer, measure, StopRules())
    return batches


def test_two_workers_get_the_draws_that_one_gets_and_wait_for_each_other_once_in_a_long_while() -> None:
    ahead = batches_of(proposer_of("random", 7, INTERVALS, *CORES))
    one_by_one = batches_of(proposer_of("random", 7, INTERVALS, f"hydra.sweeper.n_trials={MORE}"))
    assert [len(batch) for batch in ahead] == [AT_ONCE, MORE - AT_ONCE]
    assert [len(batch) for batch in one_by_one] == [1] * MORE
    assert [one for batch in ahead for one in batch] == [one for batch in one_by_one for one in batch]


@pytest.mark.parametrize(
    ("search", "overrides"),
    [
        ("bayesian", ()),
        ("qmc", ()),
        ("random", ("+search.exploration_trials=5",)),
        ("random", ("search.patience=3",)),
        ("random", ("search.target=0.9",)),
    ],
    ids=str,
)
def test_what_a_result_decides_waits_for_it(search: str, overrides: tuple[str, ...]) -> None:
    proposer = proposer_of(search, 7, INTERVALS, *CORES, *overrides)
    assert not isinstance(proposer, Ahead)
    assert proposer.width == 2
