"""YAML as OmegaConf writes it, byte for byte, of configs that differ in a few values only.

Writing a composed config takes milliseconds, nearly all for what is the same in every job of a sweep. A form
is a document with blanks for what differs; it is believed once it has given what OmegaConf gave.
"""

import math
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any
from uuid import uuid4

from omegaconf import DictConfig, OmegaConf

Blanks = Mapping[str, Any]  # dotted key to a single value, or to a list of texts

# An override of a number or a name, which needs no quotes whatever it says.
_BARE_LINE = re.compile(r"[A-Za-z][\w.]*=[\w.+-]+", re.ASCII)
# An absolute path, and a name with an underscore in it, which is never a word of YAML's own.
_BARE = re.compile(r"/[A-Za-z][\w./-]*|[A-Za-z]+_\w*", re.ASCII)


class NotOneLine(ValueError):
    """A text is written over several lines, or folded where it happens to stand."""


class Forms:
    """The forms of one kind of document, by the keys that are blank in them."""

    def __init__(self) -> None:
        self._forms: dict[frozenset[str], Form | None] = {}

    def written(self, config: DictConfig, blanks: Blanks) -> str:
        """Write a config that differs from the others of its kind in what is blank."""
        keys = frozenset(blanks)
        form = self._forms.get(keys)
        try:
            if form is not None:
                return form.filled(blanks)
            text = OmegaConf.to_yaml(config)
            if keys not in self._forms:
                made = Form.of(config, list(blanks))
                self._forms[keys] = made if made.filled(blanks) == text else None
        except NotOneLine:
            return OmegaConf.to_yaml(config)
        return text


class Form:
    """A document with blanks."""

    def __init__(self, pieces: Sequence[str], keys: Sequence[str]) -> None:
        self._pieces, self._keys = pieces, keys

    @staticmethod
    def of(config: DictConfig, keys: Sequence[str]) -> "Form":
        """Write a config once, with a mark in the place of each key's value."""
        mark = f"mark{uuid4().hex}n"
        content = DictConfig(OmegaConf.to_container(config, resolve=False, enum_to_str=True))
        for number, key in enumerate(keys):
            OmegaConf.update(content, key, f"{mark}{number}n", merge=False)
        pieces = re.split(rf" {mark}(\d+)n", OmegaConf.to_yaml(content))
        return Form(pieces[::2], [keys[int(number)] for number in pieces[1::2]])

    def filled(self, blanks: Blanks) -> str:
        """Write the values of the blanks into the document.

        Raises:
            NotOneLine: where a value has no place on the line of its key.

        """
        parts = [self._pieces[0]]
        for key, piece in zip(self._keys, self._pieces[1:], strict=True):
            value, line = blanks[key], parts[-1][parts[-1].rfind("\n") + 1 :]
            indent = line[: len(line) - len(line.lstrip())]
            parts += [_listed(value, indent) if isinstance(value, list) else f" {scalar(value)}", piece]
        return "".join(parts)


def _listed(texts: Sequence[str], indent: str) -> str:
    return "\n" + "\n".join(f"{indent}- {scalar(text)}" for text in texts) if texts else " []"


def listed(texts: Sequence[str]) -> str:
    """Write a document that is a list of texts."""
    try:
        return _listed(texts, "").lstrip() + "\n"
    except NotOneLine:
        return OmegaConf.to_yaml(OmegaConf.create(list(texts)))


def scalar(value: Any) -> str:
    """Write one value as it stands behind its key.

    Raises:
        NotOneLine: where how it is written depends on where it stands.

    """
    if isinstance(value, float) and math.isfinite(value):
        text = repr(value)
        # YAML wants a point in what has an exponent.
        return text.replace("e", ".0e", 1) if "e" in text and "." not in text else text
    if type(value) is int:
        return str(value)
    if isinstance(value, str) and (_BARE_LINE.fullmatch(value) or _BARE.fullmatch(value)):
        return value
    return _dumped(value)


@lru_cache(maxsize=4096, typed=True)
def _dumped(value: Any) -> str:
    text = OmegaConf.to_yaml({"key": value}).removeprefix("key: ").removesuffix("\n")
    if "\n" in text or (isinstance(value, str) and re.search(r"\s", value)):
        raise NotOneLine(value)
    return text
