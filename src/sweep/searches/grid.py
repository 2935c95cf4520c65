"""search=grid and search=manual: every combination of the listed values."""

from collections.abc import Iterator
from itertools import product

from optuna.distributions import CategoricalDistribution
from sqlalchemy import Engine

from sweep.runs.plan import Plan, Proposal
from sweep.searches.listed import Listed
from sweep.searches.search import Search
from sweep.searches.search_space import SearchSpace
from sweep.settings import Settings


class GridSearch(Search):
    """Every combination of listed values, the last key's changing fastest."""

    def __init__(self, max_batch_size: int | None, params: dict[str, str] | None = None) -> None:
        self._max_batch_size, self.params = max_batch_size, params

    def proposer(self, settings: Settings, engine: Engine | None, ranges: SearchSpace) -> Listed:
        proposals = [Proposal(overrides=combination) for combination in combinations(ranges)]
        plan = Plan(total=len(proposals), search={"space": ranges.lines}, space=ranges.described())
        return Listed.of(settings, plan, proposals, self._max_batch_size)


def combinations(ranges: SearchSpace) -> Iterator[tuple[str, ...]]:
    """Combine every value of every key with all others, as overrides."""
    axes = [
        [f"{key}={value}" for value in listed.choices]
        for key, listed in ranges.distributions.items()
        if isinstance(listed, CategoricalDistribution)  # as a space of this search was checked to be
    ]
    return product(*axes)
