"""Whom a split measures, in a sentence."""

from pipeline.attendance import Attendance, Presence


def attendance_sentence(split: str, found: Attendance) -> str:
    """Say until when was trained and validated, where a day divides the parts, and how many users are new.

    Args:
        split: name of the protocol, as it is selected.
        found: whom it measures.

    """
    parts = [_measured(part, getattr(found, part).users) for part in ("validation", "test")]
    return f"{split}: {'; '.join([*_days(found), *parts])}."


def _days(found: Attendance) -> list[str]:
    validation, test = found.validation.begins, found.test.begins
    return [f"trained until {validation}, validated until {test}"] if validation and test else []


def _measured(part: str, users: Presence) -> str:
    held_out = f"{users.held_out:,} of {users.held_out + users.absent:,} users have {part} ratings"
    if not users.cold:
        return f"{held_out}, all of them others to learn from"
    cold = f"{users.cold:,} of them (with {users.cold_share:.0%} of these ratings)"
    return f"{held_out}, {cold} none to learn from"
