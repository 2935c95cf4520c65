"""Proposals that nothing is learnt for: the next batch is drawn while the last one is measured."""

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from sweep.runs.plan import Proposal, Proposer, Values


class Ahead:
    """Long batches of a proposer whose draws depend on no result, so that no worker waits for another."""

    def __init__(self, proposer: Proposer, width: int) -> None:
        self.plan, self.width = proposer.plan, width
        self._proposer, self._left = proposer, proposer.plan.total
        self._thread = ThreadPoolExecutor(1, "proposals")
        self._drawn: Future[Sequence[Proposal]] | None = None

    def ask(self, count: int) -> Sequence[Proposal]:
        batch = self._proposer.ask(count) if self._drawn is None else self._drawn.result()
        assert len(batch) == count
        self._left -= count
        following = min(self.width, self._left)
        self._drawn = self._thread.submit(self._proposer.ask, following) if following else None
        return batch

    def tell(self, values: Sequence[Values]) -> None:
        """Learn nothing: what comes next is drawn already."""
