"""Whom a split measures, in a sentence."""

from collections.abc import Mapping
from typing import Any

from db.answers import TuningRun
from pipeline.attendance import Attendance, PartAttendance, Presence


def attendance_lines(run: TuningRun | None) -> list[str]:
    """Say whom the split of a run measures; nothing where that was not recorded."""
    if run is None or run.attendance is None:
        return []
    found = Attendance(*(_part(run.attendance[part]) for part in ("validation", "test")))
    return [attendance_sentence(run.split["name"], found)]


def attendance_sentence(split: str, found: Attendance) -> str:
    """Say until when was trained and validated, where a day divides the parts, and how many users are new.

    Args:
        split: name of the protocol, as it is selected.
        found: whom it measures.

    """
    parts = [_measured(part, getattr(found, part).users) for part in ("validation", "test")]
    return f"{split}: {'; '.join([*_days(found), *parts])}."


def _part(recorded: Mapping[str, Any]) -> PartAttendance:
    users, movies = (Presence(**recorded[kind]) for kind in ("users", "movies"))
    return PartAttendance(recorded["begins"], users, movies)


def _days(found: Attendance) -> list[str]:
    validation, test = found.validation.begins, found.test.begins
    return [f"trained until {validation}, validated until {test}"] if validation and test else []


def _measured(part: str, users: Presence) -> str:
    held_out = f"{users.held_out:,} of {users.held_out + users.absent:,} users have {part} ratings"
    if not users.cold:
        return f"{held_out}, all of them others to learn from"
    cold = f"{users.cold:,} of them (with {users.cold_share:.0%} of these ratings)"
    return f"{held_out}, {cold} none to learn from"
