"""What a run is going to do, known before its first trial; and what a search asks for on the way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from hydra.core.override_parser.types import Quote, QuotedString

from db.records import Phase

# What a trial is worth, one value a metric that is maximised; None for a trial that failed.
Values = tuple[float, ...] | None


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How many trials, and what decides which."""

    total: int  # trials, those that are finished already among them
    search: Mapping[str, Any] = field(default_factory=dict)  # what a resumed command is held against
    space: Mapping[str, Any] = field(default_factory=dict)  # hyperparameter to its range, as recorded
    ancestors: Sequence[str] = ()  # experiments of other runs that the search begins with
    notes: Sequence[str] = ()  # what a user should know before the first trial


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """One trial that a search wants."""

    overrides: Sequence[str]  # that compose its config
    phase: Phase = "exploration"
    parent: str | None = None  # the experiment that it grew from

    def lines(self) -> list[str]:
        """Write it as a command line; what is as in conf/config.yaml is left out."""
        lines = list(self.overrides)
        if self.phase != "exploration":
            lines.append(f"phase={self.phase}")
        if self.parent is not None:
            # Quoted, as 1_001 would be read as the number 1001.
            lines.append(f"parent={QuotedString(self.parent, Quote.double).with_quotes()}")
        return lines


class Proposer(Protocol):
    """What decides the trials of a run, one batch after the other."""

    @property
    def plan(self) -> Plan: ...

    @property
    def width(self) -> int:
        """How many trials are proposed before the first of them is told."""

    def ask(self, count: int) -> Sequence[Proposal]:
        """Propose the next trials."""

    def tell(self, values: Sequence[Values]) -> None:
        """Learn what the trials proposed last are worth, in their order."""
