"""When a search ends before its last trial: it found enough, it finds nothing more, or its time is over."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sweep.keys import Search


@dataclass(frozen=True, kw_only=True)
class StopRules:
    """The rules that a user set. Patience and target look at results alone: a replay stops where it did."""

    patience: int | None = None  # trials
    target: float | None = None  # objective value
    time_budget: float | None = None  # seconds of this command

    @staticmethod
    def of(search: Search) -> "StopRules":
        return StopRules(patience=search.patience, target=search.target, time_budget=search.time_budget)

    @property
    def any(self) -> bool:
        return self != StopRules()

    def reason(self, standing: "Standing", seconds: float) -> str | None:
        """Say why no further trial should start, or None.

        Args:
            standing: of the trials so far.
            seconds: since the command began.

        """
        return next(self._reasons(standing, seconds), None)

    def _reasons(self, standing: "Standing", seconds: float) -> Iterator[str]:
        best = standing.best
        if self.target is not None and best is not None and best >= self.target:
            yield f"search.target={self.target:g} was reached: {best:.4f}"
        if self.patience is not None and standing.since_best >= self.patience:
            yield f"search.patience={self.patience}: none of the last {self.patience} trials was a new best"
        if self.time_budget is not None and seconds >= self.time_budget:
            yield f"search.time_budget={self.time_budget:g} s was used up; the same run_id goes on"


@dataclass
class Standing:
    """How a search stands; to note a trial costs the same however many there were."""

    best: float | None = None  # objective of the best trial so far
    since_best: int = 0  # trials after the first one with it; all of them where none has a value

    def note(self, values: Iterable[float | None]) -> None:
        """Note the objectives of the next trials, in their order; None for one that failed."""
        for value in values:
            is_new_best = value is not None and (self.best is None or value > self.best)
            self.best = value if is_new_best else self.best
            self.since_best = 0 if is_new_best else self.since_best + 1
