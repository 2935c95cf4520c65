"""What differs between two configurations, parameter by parameter."""

from collections.abc import Mapping
from typing import NamedTuple

from db.answers import Value


class Change(NamedTuple):
    """One hyperparameter on both sides; None where a side's model does not have it."""

    name: str
    before: Value | None
    after: Value | None

    @property
    def differs(self) -> bool:
        return self.before != self.after


def changes(before: Mapping[str, Value], after: Mapping[str, Value]) -> list[Change]:
    """Set two configurations side by side: every hyperparameter of either, the first's first."""
    return [Change(name, before.get(name), after.get(name)) for name in dict.fromkeys([*before, *after])]
