"""Single values of a user's own tables: what an id, a rating, a time and a year may look like."""

import math
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from pipeline.sources.assemble import LATEST

ID = "be text or a whole number"
RATING = "be a number, true or false, or empty where there is none"
TIME = f"be whole seconds since 1970, 0 to {LATEST}, or a date such as 2024-12-31 or 2024-12-31T23:59:59Z"
NOT_MILLISECONDS = f"be seconds since 1970, 0 to {LATEST}, not milliseconds"
YEAR = "be a year, or empty where it is not known"
POSITION = "be a number, or empty where it is not known"

THUMBS = {"true": 1.0, "up": 1.0, "false": 0.0, "down": 0.0}
NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?")
BROKEN_ID = re.compile(r"[+-]?\d+\.0*|.*\0.*", re.DOTALL)  # a whole number that was written as a float
YEAR_FIRST = re.compile(r"(\d{1,4})(\.0*)?|(\d{4})-\d\d.*", re.DOTALL)


class Unreadable(ValueError):
    """A value that is not as it must be; its text follows "must "."""


def id_of(value: Any) -> str:
    """Give an id as text; integers and text are ids, a float is none."""
    if type(value) is int:  # these two are nearly all
        return str(value)
    if isinstance(value, str) and value.isalnum():
        return value
    if isinstance(value, Decimal) and value.is_finite() and value == value.to_integral_value():
        return str(int(value))
    if value is None or isinstance(value, bool | float | Decimal | bytes | list | dict):
        raise Unreadable(ID)
    text = str(value).strip()
    if not text or BROKEN_ID.fullmatch(text):
        raise Unreadable(ID)
    return text


def rating_of(value: Any) -> float:
    """Give a rating as a number, thumbs as 1 and 0; NaN where there is none."""
    if isinstance(value, str) and value.strip().lower() in THUMBS:
        return THUMBS[value.strip().lower()]
    return float(value) if isinstance(value, bool) else _number(value, RATING)


def position_of(value: Any) -> float:
    """Give a billing position; behind all others where there is none."""
    position = _number(value, POSITION)
    return math.inf if math.isnan(position) else position


def _number(value: Any, must: str) -> float:
    """Give a finite number; NaN where there is none."""
    if isinstance(value, str):
        text = value.strip()
        if text.lower() in {"", "nan"}:
            return math.nan
        if not NUMBER.fullmatch(text):
            raise Unreadable(must)
        value = text
    elif value is None:
        return math.nan
    elif isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise Unreadable(must)
    try:
        number = float(value)
    except OverflowError:
        raise Unreadable(must) from None
    if math.isinf(number):
        raise Unreadable(must)
    return number


def time_of(value: Any) -> int | None:
    """Give whole seconds since 1970, fractions cut off; None where there is no time.

    A date is its midnight, and what names no zone is UTC.
    """
    if isinstance(value, str) and value.strip() and not NUMBER.fullmatch(value.strip()):
        value = _date_in(value.strip())
    if isinstance(value, datetime):
        value = (value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp()
    elif isinstance(value, date):
        value = datetime(value.year, value.month, value.day, tzinfo=UTC).timestamp()
    seconds = _number(value, TIME)
    if math.isnan(seconds):
        return None
    if not 0 <= seconds < LATEST + 1:
        raise Unreadable(NOT_MILLISECONDS if seconds > LATEST else TIME)
    return int(seconds)


def _date_in(text: str) -> datetime | None:
    if text.lower() == "nan":
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise Unreadable(TIME) from None


def year_of(value: Any) -> int:
    """Give the year, of a date too; 0 where it is not known."""
    if isinstance(value, date):
        return value.year
    if isinstance(value, str):
        text = value.strip()
        found = YEAR_FIRST.fullmatch(text)
        if not found and text:
            raise Unreadable(YEAR)
        return int(found[1] or found[3]) if found else 0
    number = _number(value, YEAR)
    if math.isnan(number):
        return 0
    if number != int(number) or not 0 <= number <= 9999:
        raise Unreadable(YEAR)
    return int(number)


def text_of(value: Any) -> str:
    """Give text, empty where there is none."""
    return "" if value is None else str(value).strip()


def name_of(value: Any) -> str | None:
    """Give an id or a name; None where there is none."""
    return id_of(value) if text_of(value) else None


Parse = Callable[[Any], Any]  # of a value, which raises Unreadable
