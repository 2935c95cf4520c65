"""A table as a value: what it says stands apart from whether it is printed, marked up or written down."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.intervals import Difference


@dataclass(frozen=True)
class Link:
    """A cell that leads to a file or folder, where the table can be clicked."""

    text: str
    target: Path

    def __str__(self) -> str:
        return self.text


Cell = str | Link
Row = Sequence[Cell]


@dataclass(frozen=True)
class Column:
    """What stands over a column; a line break in it is for narrow terminals alone."""

    heading: str
    numeric: bool = True
    aside: bool = False  # looked at, but nothing is decided by it
    wraps: bool = False  # sentences, which may be broken


@dataclass(frozen=True)
class Table:
    """Rows in groups that a line divides."""

    caption: str
    columns: Sequence[Column]
    groups: Sequence[Sequence[Row]]

    @property
    def rows(self) -> list[Row]:
        return [row for group in self.groups for row in group]


def number(value: float | None, digits: int = 4) -> str:
    """Write a metric; a dash where it is not defined."""
    return "–" if value is None else f"{value:.{digits}f}"


def change(value: float | None, digits: int = 3) -> str:
    """Write what something is ahead by, with its sign."""
    return "–" if value is None else f"{value:+.{digits}f}"


def interval(difference: Difference | None) -> str:
    """Write an estimate with its 95% interval; a dash where the figures of either side are gone."""
    if difference is None:
        return "–"
    return f"{difference.estimate:+.3f} [{difference.low:+.3f}, {difference.high:+.3f}]"


def listed(names: Sequence[str]) -> str:
    """Write names as a sentence has them."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
