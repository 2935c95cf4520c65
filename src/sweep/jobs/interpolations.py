"""Interpolations that every job of a sweep resolves anew, parsed once.

OmegaConf parses the text of an interpolation whenever it is asked for, which takes a millisecond; what the
text means depends on itself alone.
"""

from functools import lru_cache
from typing import Any

from omegaconf import DictConfig
from omegaconf.base import Node
from omegaconf.grammar_parser import parse


def resolved(section: DictConfig, key: str) -> str:
    """Give what a key of a section holds, as `str(section[key])` does."""
    node = section._get_node(key)
    assert isinstance(node, Node)
    text = node._value()
    if not isinstance(text, str) or "${" not in text:
        return str(section[key])
    found: Any = section._resolve_interpolation_from_parse_tree(
        parent=section,
        value=node,
        key=key,
        parse_tree=_parsed(text),
        throw_on_resolution_failure=True,
        memo=set(),
    )
    return str(found._value())


@lru_cache(maxsize=64)
def _parsed(text: str) -> Any:
    return parse(text)
