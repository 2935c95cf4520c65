"""What a run is going to do, known before its first trial."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How many trials, and what decides which."""

    total: int  # trials, those that are finished already among them
    search: Mapping[str, Any] = field(default_factory=dict)  # what a resumed command is held against
    space: Mapping[str, Any] = field(default_factory=dict)  # hyperparameter to its range, as recorded
    ancestors: Sequence[str] = ()  # experiments of other runs that the search begins with
