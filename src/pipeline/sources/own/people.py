"""Several names in one value, genres or a whole cast: lists, in JSON or Python, or text with separators."""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pipeline.sources.literals import literal
from pipeline.sources.own.values import Unreadable, position_of

LIST = 'be names between separators, or a list such as ["A", "B"]'
CAST = "be names between commas or |, a list of names, a list of objects with a name, or an object with cast"
SEPARATORS = ("|", ";", ",")  # of names in text: the first that is in it
NO_GENRES = "(no genres listed)"
ACTING = {"actor", "actress", "acting", "actors", "cast", "self", "voice"}  # jobs and departments


def genres_in(value: Any, separator: str) -> list[str]:
    """List the genres in a value: a list, its text in JSON or Python, or names between separators."""
    found = _opened(value, LIST)
    if isinstance(found, str):
        found = [] if found == NO_GENRES else found.split(separator)
    if not isinstance(found, Sequence):
        raise Unreadable(LIST)
    return _names(found, LIST)


def cast_in(value: Any) -> list[str]:
    """List the cast in a value, the first-billed first.

    The value is names between separators, a list of names, a list of objects with a name, of which those
    that have a job other than acting are crew, or an object with a list `cast`; lists may be text in JSON or
    Python. Crew is left out. Objects with an `order` are put into it.
    """
    found = _opened(value, CAST)
    if isinstance(found, Mapping):
        found = _opened(found.get("cast"), CAST)
    if isinstance(found, str):
        found = found.split(next((one for one in SEPARATORS if one in found), SEPARATORS[-1]))
    if not isinstance(found, Sequence):
        raise Unreadable(CAST)
    return _names(sorted((one for one in found if _is_cast(one)), key=_order), CAST)


def _opened(value: Any, must: str) -> Any:
    """Read the list or object that a text holds; other text stays text, and nothing is an empty list."""
    if value is None:
        return []
    if not isinstance(value, str):
        return value
    text = value.strip()
    if not text.startswith(("[", "{")):
        return text
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        pass
    try:
        return literal(text)
    except ValueError:
        raise Unreadable(must) from None


def _names(found: Sequence[Any], must: str) -> list[str]:
    return list(dict.fromkeys(name for one in found for name in _name(one, must)))


def _name(one: Any, must: str) -> Iterator[str]:
    name = one.get("name") if isinstance(one, Mapping) else one
    if not isinstance(name, str):
        raise Unreadable(must)
    if name.strip():
        yield name.strip()


def _is_cast(one: Any) -> bool:
    """Tell a cast member from one of the crew: who plays somebody, or has no other job than acting."""
    if not isinstance(one, Mapping) or one.get("character"):
        return True
    jobs = [str(one[key]).strip().lower() for key in ("job", "department", "role") if one.get(key)]
    return all(job in ACTING for job in jobs)


def _order(one: Any) -> float:
    """Give the place of a cast member; those that tell none come last, as they stand."""
    return position_of(one.get("order")) if isinstance(one, Mapping) else math.inf
