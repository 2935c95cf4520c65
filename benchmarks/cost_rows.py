"""A measured cost as a row of a Markdown table, whatever measured it: `costs.py` prints those of all."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """What something costs, beside what it is held against in the same run."""

    what: str  # "one of 1000 random trials of phase1"
    ours: str  # with its unit: "31 ms"
    beside: str = ""  # with its unit, and what it is: "130 ms, Hydra's job that does nothing"
    ratio: float | None = None  # how many times as much ours is


def markdown(rows: Iterable[Row]) -> Iterator[str]:
    """Lay rows out as the lines of a table."""
    yield "| what | ours | beside | ratio |"
    yield "| --- | --: | --: | --: |"
    for row in rows:
        ratio = "" if row.ratio is None else f"{row.ratio:.3g}"
        yield f"| {row.what} | {row.ours} | {row.beside} | {ratio} |"
