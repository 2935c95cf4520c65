"""What the applications of the project differ in, as far as their command lines are concerned."""

from argparse import Namespace
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from omegaconf import DictConfig, OmegaConf

from project import CONF

OF_THE_ROOT = "\n  - /"  # an entry of a defaults list that names a group from the root of conf/


@dataclass(frozen=True)
class Application:
    """A Hydra application: the config it reads, and what a command of it is checked for.

    Args:
        config_name: its primary config under conf/.
        problems: names what is wrong with a composed config that is about to be used.
        hydra_keys: what of Hydra's own a user may change.
        rewritten: turns the arguments that were typed into those that Hydra is given.
        one_run: why -m is refused; None where it is not.

    """

    config_name: str
    problems: Callable[[DictConfig, Namespace], list[str]]
    hydra_keys: tuple[str, ...] = ()
    rewritten: Callable[[Sequence[str]], list[str]] = list
    one_run: str | None = None

    @cached_property
    def groups(self) -> tuple[str, ...]:
        """The config groups that are chosen from: by the primary config, or by a preset of it."""
        return (*self._own_groups, *self.brought)

    @cached_property
    def brought(self) -> dict[str, str]:
        """The config groups that are there with one preset alone: name to the preset, as report=data."""
        presets = [path for group in self._own_groups for path in sorted((CONF / group).glob("*.yaml"))]
        return {
            group.removeprefix("/"): f"{path.parent.name}={path.stem}"
            for path in presets
            if OF_THE_ROOT in path.read_text(encoding="utf-8")
            for group in _chosen_from(path)
        }

    @cached_property
    def _own_groups(self) -> tuple[str, ...]:
        return tuple(_chosen_from(CONF / f"{self.config_name}.yaml"))

    @cached_property
    def known_keys(self) -> list[str]:
        """Every dotted key of the config as it is shipped, and of the sections it could have."""
        keys: dict[str, None] = {}
        for path in self._files():
            group = path.parent.relative_to(CONF).parts[:1]
            is_global = not group or "@package _global_" in path.read_text(encoding="utf-8")
            content = OmegaConf.to_container(OmegaConf.load(path), resolve=False)
            keys |= dict.fromkeys(_keys(content if is_global else {group[0]: content}, ""))
        return [key for key in keys if key != "defaults"]

    def _files(self) -> list[Path]:
        presets = [path for group in self.groups for path in (CONF / group).rglob("*.yaml")]
        return sorted([CONF / f"{self.config_name}.yaml", *presets])


def _chosen_from(path: Path) -> Iterator[str]:
    """List the groups that a defaults list chooses from, beside those of which it changes the choice."""
    defaults: Any = OmegaConf.load(path).defaults
    for entry in defaults:
        if isinstance(entry, DictConfig):
            yield from (group for group in map(str, entry) if not group.startswith("override "))


def _keys(node: object, prefix: str) -> list[str]:
    if not isinstance(node, dict):
        return []
    inside = [(f"{prefix}{key}", value) for key, value in node.items()]
    return [key for key, _ in inside] + [k for key, value in inside for k in _keys(value, f"{key}.")]
