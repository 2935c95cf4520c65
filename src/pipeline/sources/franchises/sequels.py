"""Which number of which series a title names: "Rocky III", "Godfather: Part II", "Kill Bill: Vol. 2"."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from pipeline.sources.titles import Name, key_of


class Sign(Enum):
    """How surely a number counts the films of a series."""

    SURE = "Part 2, II, and 1 to 4 at the end of a name"
    UNSURE = "a letter or a high number: Malcolm X, Henry V, Apollo 13, Jaws 3-D"
    YEAR = "Blues Brothers 2000, Airport '77"


@dataclass(frozen=True)
class Numbered:
    """A film of a series."""

    series: str  # as `key_of` spells it
    number: float
    sign: Sign


HIGHEST_SURE = 4
UNITS = ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX")
ROMAN = {
    tens + unit: 10 * len(tens) + n for tens in ("", "X", "XX") for n, unit in enumerate(UNITS) if tens + unit
}
WORDS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
WORD = {**{word: n for n, word in enumerate(WORDS, start=1)}, "deux": 2}
FRACTIONS = {"½": 1 / 2, "⅓": 1 / 3, "⅔": 2 / 3, "¼": 1 / 4, "¾": 3 / 4}
# Numbered as kings are, not as films are.
KINGS = {
    "alexander", "charles", "edward", "elizabeth", "frederick", "george", "henry", "ivan", "james", "louis",
    "ludwig", "mary", "nicholas", "paul", "peter", "philip", "pius", "richard", "william",
}  # fmt: skip
# Names that belong to nobody: what bears one need not follow anything.
FREE = {
    "dracula", "frankenstein", "hamlet", "jesus", "macbeth", "no", "number", "robin hood", "take", "titanic",
}  # fmt: skip

DIGITS = r"[0-9]+(?:\s+[0-9]/[0-9]|\s*[½⅓⅔¼¾])?"
MARK = r"(?i:parts?|pt\.?|vol\.?|volume|chapter|episode)"
AFTER_MARK = rf"(?P<number>{DIGITS}|[IVX]+|(?i:{'|'.join(WORD)}))"
MARKED = re.compile(rf"(?P<series>.*?)[\s,:–—-]*\b{MARK}\s+{AFTER_MARK}", re.DOTALL)
BEGINS = re.compile(rf"{MARK}\s+{AFTER_MARK}\b", re.DOTALL)
BARE = re.compile(rf"(?P<series>.*\S)\s+(?P<number>{DIGITS}|[IVX]+)", re.DOTALL)
DEEP = re.compile(r"(?P<series>.*\S)\s+(?P<number>3)-?D", re.DOTALL)
YEAR = re.compile(r"(?P<series>.*\S)\s+(?:(?P<year>[0-9]{4})|['’](?P<short>[0-9]{2}))", re.DOTALL)
INITIAL = re.compile(r"[A-Z](?P<number>[2-9])", re.DOTALL)  # D2: The Mighty Ducks


def numbered(name: Name) -> Iterator[Numbered]:
    """Give each series that a name can be read to number, most names none.

    The number ends the name or what stands in front of a subtitle, or begins the subtitle.
    """
    yield from _at_end(name.text)
    for head in name.heads:
        yield from _at_end(head)
        tail = name.text[len(head) :].lstrip(" :-–—")
        yield from _at_end(tail)
        if found := BEGINS.match(tail):
            yield from _marked(head, found["number"])
        if found := INITIAL.fullmatch(head):
            yield from _of(tail, float(found["number"]), Sign.SURE)


def _at_end(text: str) -> Iterator[Numbered]:
    """Read the number at the end of a text, if there is one."""
    if found := MARKED.fullmatch(text):
        yield from _marked(found["series"], found["number"])
    elif found := YEAR.fullmatch(text):
        year = found["year"] or f"19{found['short']}"
        yield from _of(found["series"], float(year), Sign.YEAR)
    elif found := DEEP.fullmatch(text):
        yield from _of(found["series"], 3.0, Sign.UNSURE)
    elif found := BARE.fullmatch(text):
        yield from _bare(found["series"], found["number"])


def _marked(series: str, text: str) -> Iterator[Numbered]:
    number = _value(text)
    if number is not None:
        yield from _of(series, number, Sign.SURE)


def _bare(series: str, text: str) -> Iterator[Numbered]:
    number = _value(text)
    if number is None:
        return
    if text in ROMAN:
        words = key_of(series).split()
        if words and words[-1] not in KINGS:
            yield from _of(series, number, Sign.SURE if len(text) > 1 else Sign.UNSURE)
    else:
        yield from _of(series, number, Sign.SURE if 0 < number <= HIGHEST_SURE else Sign.UNSURE)


def _of(series: str, number: float, sign: Sign) -> Iterator[Numbered]:
    """Name the series, unless nothing of it is left, or a number alone."""
    key = key_of(series)
    if key and key not in FREE and not key.replace(" ", "").isdigit():
        yield Numbered(key, number, sign)


def _value(text: str) -> float | None:
    """Read a number as titles write them; None for letters that are none, as IIX."""
    if text in ROMAN:
        return float(ROMAN[text])
    if text.lower() in WORD:
        return float(WORD[text.lower()])
    whole, _, part = text.partition(" ")
    if "/" in part:
        above, below = part.split("/")
        return int(whole) + int(above) / int(below) if below != "0" else None
    fraction = FRACTIONS.get(text[-1], 0.0)
    digits = text.rstrip("½⅓⅔¼¾ ")
    return int(digits) + fraction if digits.isdecimal() and len(digits) <= 4 else None
