"""Values written as Python literals, as The Movies Dataset writes its lists, read by way of JSON."""

import ast
import json
import re
import warnings
from collections.abc import Sequence

TEXT = r"""'[^'\\]*+(?:\\.[^'\\]*+)*+'|"[^"\\]*+(?:\\.[^"\\]*+)*+\""""
# Everything up to a text that is more than plain characters in single quotes, and that text.
UP_TO_TEXT = re.compile(rf"""((?:[^'"]*+'[^'"\\]*+')*+[^'"]*+)({TEXT})?""", re.DOTALL)
PLACE, PLACE_IN_JSON = "'\0'", '"\0"'  # where a text belongs that is written apart
# Where a list of dicts may be cut. A cut inside of a text leaves a quote alone, and is noticed by that.
BETWEEN = "}, {"
CONSTANTS = (("None", "null"), ("True", "true"), ("False", "false"), ("nan", "NaN"))
ESCAPED = re.compile(r"""\\(?:u[dD]|.)|\"""", re.DOTALL)
# How JSON writes what Python writes as the key. What is not listed, JSON cannot say or says otherwise: octal
# numbers, names, halves of pairs (\ud800), escapes that are none.
IN_JSON = {'"': r"\"", r"\"": r"\"", r"\'": "'", r"\x": r"\u00"} | {f"\\{c}": f"\\{c}" for c in r"\bfnrtu"}
DECODER = json.JSONDecoder(strict=False)
UNREAD = (ValueError, SyntaxError, TypeError, MemoryError, RecursionError)


def literal(text: str) -> object:
    """Return the value that `ast.literal_eval` gives, in a fraction of the time where JSON can say the same.

    Beyond that nan, null, true and false are understood, and line breaks inside of a text.

    Raises:
        ValueError: where the text is no literal.

    """
    try:
        value: object = DECODER.decode(_as_json(text))
    except (ValueError, LookupError, RecursionError):
        return _evaluated(text)
    return value


def _as_json(text: str) -> str:
    """Write the texts in JSON's quotes and the constants under JSON's names.

    Raises:
        ValueError: where a quote is left alone.
        LookupError: where JSON does not know an escape.

    """
    if "\0" in text:
        raise ValueError("a character of our own is in the text")
    if '"' not in text and "\\" not in text:
        return _plain_as_json(text, [])
    members = text.split(BETWEEN)
    written: list[str] = []
    try:
        for place, member in enumerate(members):
            if '"' in member or "\\" in member:
                members[place] = _taken_apart(member, written)
        return _plain_as_json(BETWEEN.join(members), written)
    except ValueError:  # cut inside of a text
        whole: list[str] = []
        return _plain_as_json(_taken_apart(text, whole), whole)


def _taken_apart(text: str, written: list[str]) -> str:
    """Write the texts that are not plain, add them to those that are written, and keep their places."""
    pieces = UP_TO_TEXT.findall(text)
    # The last piece ends the text: nothing in quotes follows it.
    quoted = [text for _, text in pieces[:-1]]
    rest = PLACE.join([plain for plain, _ in pieces])
    if len(rest) + len("".join(quoted)) - len(PLACE) * len(quoted) != len(text):
        raise ValueError("a quote is left alone")
    written += map(_text_as_json, quoted)
    return rest


def _plain_as_json(text: str, written: Sequence[str]) -> str:
    """Write a literal whose only quotes are single ones around texts, and put in what is written already."""
    for part in text.split(PLACE):
        if part.count("'") % 2:
            raise ValueError("a quote is left alone")
    for name, in_json in CONSTANTS:
        if name in text:
            text = _renamed(text, name, in_json)
    parts = text.replace("'", '"').split(PLACE_IN_JSON)
    return "".join([part for both in zip(parts, [*written, ""], strict=True) for part in both])


def _renamed(text: str, name: str, other: str) -> str:
    """Give a name another wherever it stands outside of quotes: behind an even number of them."""
    first, *parts = text.split(name)
    written, quotes = [first], first.count("'")
    for part in parts:
        written += [name if quotes % 2 else other, part]
        quotes += part.count("'")
    return "".join(written)


def _text_as_json(text: str) -> str:
    if "\\" in text:
        return '"' + ESCAPED.sub(lambda found: IN_JSON[found[0]], text[1:-1]) + '"'
    return '"' + text[1:-1].replace('"', '\\"') + '"' if text else ""


def _evaluated(text: str) -> object:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of \d, which is no escape and stands for itself
        try:
            return ast.literal_eval(text)
        except UNREAD as error:
            raise ValueError(f"must be a Python literal, got {text[:60]!r}") from error
