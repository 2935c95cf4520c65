"""search=sensitivity: what each hyperparameter does by itself, and which of them do nothing."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from sqlalchemy import Engine

from pipeline.parameters import InvalidInput
from sweep.runs.plan import Plan, Proposal
from sweep.searches.listed import Listed
from sweep.searches.search import Search
from sweep.searches.search_space import SearchSpace
from sweep.settings import Settings


class SensitivitySearch(Search):
    """The current configuration, then each hyperparameter moved alone from end to end of its range."""

    def __init__(self, params: dict[str, str] | None) -> None:
        self.params = params

    def check(self, settings: Settings, ranges: SearchSpace) -> None:
        if not ranges.distributions:
            raise InvalidInput("search=sensitivity has nothing left to move: all values are fixed")

    def proposer(self, settings: Settings, engine: Engine | None, ranges: SearchSpace) -> Listed:
        moves = moved_alone(ranges, settings.search.steps)
        proposals = [Proposal(overrides=[]), *(Proposal(overrides=[move]) for move in moves)]
        search = {"space": ranges.lines, "steps": settings.search.steps}
        plan = Plan(total=len(proposals), search=search, space=ranges.described())
        return Listed.of(settings, plan, proposals)


def moved_alone(ranges: SearchSpace, steps: int) -> Iterator[str]:
    """Write one override for each value of each hyperparameter, the current value left out."""
    for key, distribution in ranges.distributions.items():
        for value in across(distribution, steps):
            if value != ranges.composed.get(key.removeprefix("model.")):
                yield f"{key}={value}"


def across(distribution: BaseDistribution, steps: int) -> list[Any]:
    """List values from end to end of a range, evenly or by equal factors; all of a choice."""
    if isinstance(distribution, CategoricalDistribution):
        return list(distribution.choices)
    assert isinstance(distribution, FloatDistribution | IntDistribution)
    low, high = distribution.low, distribution.high
    spaced = np.geomspace if distribution.log else np.linspace
    values = spaced(low, high, steps).tolist()
    if isinstance(distribution, IntDistribution):
        return list(dict.fromkeys(round(value) for value in values))
    return [float(f"{value:.12g}") for value in values]
