"""A copied config is a whole of its own that says the same."""

from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import pytest
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import ReadonlyConfigError

from sweep.jobs.copying import copied


@dataclass
class Typed:
    size: int = 3
    names: tuple[str, ...] = ("a", "b")


def config_of_all_kinds() -> DictConfig:
    config = OmegaConf.create(
        {
            "number": 1,
            "text": "${number}",
            "missing": "???",
            "nothing": None,
            "list": [1, {"inner": "${..0}"}],
            "empty": {},
            "standing_for": "${empty}",
        }
    )
    config.typed = OmegaConf.structured(Typed)
    OmegaConf.set_readonly(config.list, True)
    return config


def parts_of(node: Any) -> list[Any]:
    content = node.__dict__.get("_content")
    inside = content.values() if isinstance(content, dict) else content if isinstance(content, list) else ()
    return [node, *(part for inner in inside for part in parts_of(inner))]


def test_a_copy_says_the_same() -> None:
    config = config_of_all_kinds()
    copy = copied(config)
    assert copy == config
    assert OmegaConf.to_yaml(copy) == OmegaConf.to_yaml(deepcopy(config))
    assert OmegaConf.to_yaml(copy, resolve=False) == OmegaConf.to_yaml(config, resolve=False)
    assert copy.text == 1
    assert OmegaConf.is_missing(copy, "missing")


def test_a_copy_shares_no_part_with_what_it_was_made_of() -> None:
    config = config_of_all_kinds()
    copy = copied(config)
    assert len(parts_of(copy)) == len(parts_of(config)) > 10
    for ours, theirs in zip(parts_of(copy), parts_of(config), strict=True):
        assert ours is not theirs
        assert type(ours) is type(theirs)
        assert ours._metadata is not theirs._metadata
        assert ours._metadata.flags is not theirs._metadata.flags or not theirs._metadata.flags
        assert ours._metadata.resolver_cache is not theirs._metadata.resolver_cache


def test_every_part_of_a_copy_belongs_to_the_copy() -> None:
    copy = copied(config_of_all_kinds())
    assert copy._get_parent() is None
    assert all(part._get_root() is copy for part in parts_of(copy)[1:])


def test_a_value_set_in_a_copy_reaches_its_interpolations_and_nothing_else() -> None:
    config = config_of_all_kinds()
    assert config.text == 1
    copy = copied(config)
    copy.number = 2
    assert (copy.text, config.text) == (2, 1)


def test_types_and_flags_are_kept() -> None:
    copy = copied(config_of_all_kinds())
    assert OmegaConf.get_type(copy.typed) is Typed
    with pytest.raises(ReadonlyConfigError):
        copy.list[0] = 5
