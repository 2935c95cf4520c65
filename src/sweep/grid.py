"""search=grid and search=manual: every combination of the listed values."""

from collections.abc import Iterator, Sequence
from itertools import product

from hydra.core.override_parser.types import Override
from sqlalchemy import Engine

from sweep.listed import Listed
from sweep.plan import Plan, Proposal
from sweep.search import Search
from sweep.search_space import SearchSpace
from sweep.settings import Settings
from sweep.space import Space


class GridSearch(Search):
    """Every combination of listed values, the last key's changing fastest."""

    def __init__(self, max_batch_size: int | None, params: dict[str, str] | None = None) -> None:
        self._max_batch_size, self.params = max_batch_size, params

    def proposer(self, settings: Settings, engine: Engine | None, space: Space) -> Listed:
        proposals = [Proposal(overrides=combination) for combination in combinations(space.swept)]
        ranges = SearchSpace.of(settings.model, settings.hyperparameters, space.swept)
        plan = Plan(total=len(proposals), search={"space": space.lines}, space=ranges.described())
        return Listed.of(settings, plan, proposals, self._max_batch_size)


def combinations(swept: Sequence[Override]) -> Iterator[tuple[str, ...]]:
    """Combine every value of every key with all others, as overrides."""
    axes = [[f"{o.get_key_element()}={value}" for value in o.sweep_string_iterator()] for o in swept]
    return product(*axes)
