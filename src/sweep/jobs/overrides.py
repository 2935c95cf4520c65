"""The overrides of a job, read: which set a value, which choose from a group, which are Hydra's to apply.

This is the rule by which a job's config is copied instead of composed. All of its overrides must be one of

* `key=value` of a key that the config holds as a single value, where the value is a number, a text, true,
  false or null: no interpolation, list, mapping or sweep, no `+`, `++`, `~` or `@`, nothing of Hydra's own;
* `group=choice` of a top-level group: jobs that choose the same share a config that Hydra composed for them.

Hydra applies choices before values, wherever they stand, and values in their order; so do we.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeGuard

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import OverrideType
from omegaconf import MISSING

Value = float | int | str | bool | None

_KEY = r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*"
# Numbers as Python writes them; all else is read by Hydra's parser, which takes a millisecond a line.
_NUMBER = re.compile(rf"({_KEY})=(-?(?:0|[1-9]\d*)(\.\d+)?(e[+-]?\d+)?)", re.ASCII)
_PLAIN_KEY = re.compile(_KEY, re.ASCII)


@dataclass(frozen=True)
class Line:
    """An override `key=value` of a single value, of whatever key."""

    key: str
    value: Value


@dataclass(frozen=True)
class Overrides:
    """What a job overrides: by choices of groups, and by values."""

    choices: tuple[str, ...]  # as they were written, in their order
    values: Mapping[str, Value]  # by key, the last of each


def read_overrides(lines: Sequence[str], groups: Collection[str]) -> Overrides | None:
    """Read the overrides of a job; None where one of them is Hydra's to apply.

    Args:
        lines: as a sweeper writes them.
        groups: the top-level groups of the config.

    """
    choices, values = [], {}
    for text in lines:
        line = _read(text)
        if line is None or (line.key in groups and not isinstance(line.value, str)):
            return None
        if line.key in groups:
            choices.append(text)
        else:
            values[line.key] = line.value
    return Overrides(tuple(choices), values)


def _read(text: str) -> Line | None:
    number = _NUMBER.fullmatch(text)
    if number is None:
        return _parsed(text)
    key, written, fraction, exponent = number.groups()
    return Line(key, float(written) if fraction or exponent else int(written))


@lru_cache(maxsize=4096)  # a sweep repeats what it fixes and what it lists
def _parsed(text: str) -> Line | None:
    override = OverridesParser.create().parse_overrides([text])[0]
    key, value = override.key_or_group, override.value()
    is_change = override.type is OverrideType.CHANGE and override.package is None
    return Line(key, value) if is_change and _is_ours(key) and _is_single(value) else None


def _is_ours(key: str) -> bool:
    return _PLAIN_KEY.fullmatch(key) is not None and key.partition(".")[0] != "hydra"


def _is_single(value: object) -> TypeGuard[Value]:
    if isinstance(value, str):
        return "${" not in value and value != MISSING
    return value is None or isinstance(value, bool | int | float)
