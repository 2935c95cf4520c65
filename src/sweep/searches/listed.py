"""Searches whose configurations are known before the first of them is measured."""

from collections.abc import Sequence

from sweep.runs.plan import Plan, Proposal, Values
from sweep.searches.stopping import StopRules
from sweep.settings import Settings


class Listed:
    """Proposals of a list, in its order."""

    def __init__(self, plan: Plan, proposals: Sequence[Proposal], width: int) -> None:
        self.plan, self.width = plan, width
        self._left = list(proposals)

    @staticmethod
    def of(
        settings: Settings, plan: Plan, proposals: Sequence[Proposal], width: int | None = None
    ) -> "Listed":
        """Propose all at once, unless a stop rule has to be asked in between."""
        stops = StopRules.of(settings.search).any
        return Listed(plan, proposals, width or (settings.workers if stops else max(len(proposals), 1)))

    def ask(self, count: int) -> Sequence[Proposal]:
        asked, self._left = self._left[:count], self._left[count:]
        return asked

    def tell(self, values: Sequence[Values]) -> None:
        """Learn nothing: what comes next is settled."""
