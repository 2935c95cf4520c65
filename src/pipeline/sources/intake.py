"""What a source held, and what of it was dropped or mended and why: told to users, never swallowed."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

EXAMPLES = 3  # that are kept of each finding
SHOWN = 80  # characters of an example


@dataclass(frozen=True)
class Finding:
    """Rows of one kind that were not taken as they stand, and why."""

    what: str  # as it is counted in `Intake.read`: movies, credits, ratings
    why: str  # follows "12 ratings dropped: "
    count: int
    examples: tuple[str, ...] = ()  # the first few, as "ratings.csv, row 12: 'abc'"


@dataclass(frozen=True)
class Intake:
    """The account of one import."""

    read: Mapping[str, int]  # rows that were there, by kind
    dropped: tuple[Finding, ...] = ()
    mended: tuple[Finding, ...] = ()  # kept, but not as they stood
    notes: tuple[str, ...] = ()  # what was found out, such as the scale of the ratings

    def values(self) -> dict[str, Any]:
        """Give it as plain values that JSON knows."""
        return dataclasses.asdict(self)

    @staticmethod
    def of(values: Mapping[str, Any]) -> "Intake":
        """Read what `values` gave."""
        dropped, mended = (tuple(_finding(one) for one in values[name]) for name in ("dropped", "mended"))
        return Intake(dict(values["read"]), dropped, mended, tuple(values["notes"]))


def _finding(values: Mapping[str, Any]) -> Finding:
    return Finding(**{**values, "examples": tuple(values["examples"])})


class Tally:
    """An account that is being kept while a source is read."""

    def __init__(self) -> None:
        self._read: dict[str, int] = {}
        self._dropped: dict[tuple[str, str], Finding] = {}
        self._mended: dict[tuple[str, str], Finding] = {}
        self._notes: list[str] = []

    @staticmethod
    def of(intake: Intake | None) -> "Tally":
        """Go on with an account."""
        tally = Tally()
        if intake is not None:
            tally._read = dict(intake.read)
            tally._dropped = {(one.what, one.why): one for one in intake.dropped}
            tally._mended = {(one.what, one.why): one for one in intake.mended}
            tally._notes = list(intake.notes)
        return tally

    def read(self, what: str, count: int = 1) -> None:
        """Count rows of a kind that were there."""
        self._read[what] = self._read.get(what, 0) + count

    def drop(self, what: str, why: str, example: str = "", count: int = 1) -> None:
        """Count rows that are left out."""
        _add(self._dropped, what, why, example, count)

    def mend(self, what: str, why: str, example: str = "", count: int = 1) -> None:
        """Count rows that are kept, but not as they stood."""
        _add(self._mended, what, why, example, count)

    def note(self, line: str) -> None:
        """Keep what was found out."""
        self._notes.append(line)

    def add(self, intake: Intake, called: Mapping[str, str]) -> None:
        """Take over another account, whose kinds may be called otherwise here."""
        for what, count in intake.read.items():
            self.read(called.get(what, what), count)
        for mine, theirs in ((self._dropped, intake.dropped), (self._mended, intake.mended)):
            for one in theirs:
                what = called.get(one.what, one.what)
                before = mine.get((what, one.why), Finding(what, one.why, 0))
                examples = (*before.examples, *one.examples)[:EXAMPLES]
                mine[what, one.why] = Finding(what, one.why, before.count + one.count, examples)
        self._notes += intake.notes

    def closed(self) -> Intake:
        """Give the account as it is now."""
        return Intake(
            dict(self._read),
            tuple(self._dropped.values()),
            tuple(self._mended.values()),
            tuple(self._notes),
        )


def _add(findings: dict[tuple[str, str], Finding], what: str, why: str, example: str, count: int) -> None:
    if count == 0:
        return
    before = findings.get((what, why), Finding(what, why, 0))
    examples = before.examples
    if example and len(examples) < EXAMPLES:
        examples = (*examples, example if len(example) <= SHOWN else f"{example[:SHOWN]}…")
    findings[what, why] = Finding(what, why, before.count + count, examples)
