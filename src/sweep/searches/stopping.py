"""When a search ends before its last trial: it found enough, it finds nothing more, or its time is over."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sweep.settings import Search


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

    def reason(self, values: Sequence[float | None], seconds: float) -> str | None:
        """Say why no further trial should start, or None.

        Args:
            values: objective of each trial so far, in their order; None for one that failed.
            seconds: since the command began.

        """
        return next(self._reasons(values, seconds), None)

    def _reasons(self, values: Sequence[float | None], seconds: float) -> Iterator[str]:
        known = [value for value in values if value is not None]
        if self.target is not None and known and max(known) >= self.target:
            yield f"search.target={self.target:g} was reached: {max(known):.4f}"
        if self.patience is not None and trials_since_best(values) >= self.patience:
            yield f"search.patience={self.patience}: none of the last {self.patience} trials was a new best"
        if self.time_budget is not None and seconds >= self.time_budget:
            yield f"search.time_budget={self.time_budget:g} s was used up; the same run_id goes on"


def trials_since_best(values: Sequence[float | None]) -> int:
    """Count the trials after the first one with the best value; all of them where none has a value."""
    known = [(value, -number) for number, value in enumerate(values, start=1) if value is not None]
    return len(values) + max(known)[1] if known else len(values)
