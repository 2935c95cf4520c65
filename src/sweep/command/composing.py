"""The config composed ahead of Hydra, with every override that cannot be composed named."""

from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from hydra._internal.utils import create_config_search_path
from hydra.core.config_search_path import SearchPathQuery
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override, QuotedString
from hydra.core.utils import setup_globals
from hydra.errors import CompactHydraException, MissingConfigException, OverrideParseException
from hydra.types import RunMode
from omegaconf import DictConfig
from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError

from pipeline.parameters import InvalidInput
from project import CONF
from sweep.command.application import Application
from sweep.command.hydra_node import key_problem
from sweep.command.messages import bare, explained, named_key

if TYPE_CHECKING:
    from hydra._internal.config_loader_impl import ConfigLoaderImpl

# What composing raises where the user's config is wrong; Hydra raises ValueError for some.
WRONG_CONFIG = (CompactHydraException, OmegaConfBaseException, YAMLError, ValueError)


def composed(options: Namespace, application: Application) -> tuple[DictConfig, list[str]]:
    """Compose as Hydra will; overrides that cannot be composed are named and left out, so that all are."""
    problems: list[str] = []
    overrides = [line for line in options.overrides if _is_legal(line, application, problems)]
    loader = _loader(options.config_dir)
    while True:
        try:
            return _load(loader, application.config_name, overrides, many=options.multirun), problems
        except WRONG_CONFIG as error:
            problems.append(explained(error, application))
            culprit = _culprit(error, overrides)
            if culprit is None:
                raise InvalidInput(problems) from error
            overrides.remove(culprit)


def as_shipped(application: Application) -> DictConfig:
    """Compose the config of a command without arguments."""
    return _load(_loader(None), application.config_name, [], many=False)


def _loader(config_dir: str | None) -> "ConfigLoaderImpl":
    from hydra._internal.config_loader_impl import ConfigLoaderImpl  # noqa: PLC0415 - not for --help

    setup_globals()
    search_path = create_config_search_path(str(CONF))
    if config_dir is not None:
        folder = f"file://{Path(config_dir).absolute()}"
        search_path.prepend(provider="command-line", path=folder, anchor=SearchPathQuery(provider="schema"))
    return ConfigLoaderImpl(config_search_path=search_path)


def _load(loader: "ConfigLoaderImpl", config_name: str, overrides: list[str], *, many: bool) -> DictConfig:
    mode = RunMode.MULTIRUN if many else RunMode.RUN
    config = loader.load_configuration(config_name, overrides, run_mode=mode)
    config.hydra.mode = mode
    return config


def _is_legal(line: str, application: Application, problems: list[str]) -> bool:
    """Parse one override, and refuse it where it changes what is Hydra's own."""
    try:
        override = OverridesParser.create().parse_overrides([line])[0]
    except OverrideParseException as error:
        problems.append(_open_secret(line) or explained(error, application))
        return False
    problem = key_problem(override, application.hydra_keys) or _preset_problem(override, application.groups)
    if problem:
        problems.append(problem)
    return problem is None


def _open_secret(line: str) -> str | None:
    """Say what is worse than the syntax of a URL such as postgresql://user@host/db?password=…"""
    from db.urls import password_in  # noqa: PLC0415 - not for --help
    from sweep.sections import SECRETS  # noqa: PLC0415

    if not password_in(line):
        return None
    return next((problem for name, problem in SECRETS.items() if bare(line).startswith(name)), None)


def _preset_problem(override: Override, groups: Sequence[str]) -> str | None:
    """Refuse model=null and its like, of which Hydra would not name the key."""
    key = override.key_or_group
    if not key:
        return f"{override.input_line} is not a legal override: it has no key"
    if key not in groups:
        return None
    if override.is_delete():
        return f"{key} cannot be left out: choose {key}=…"
    value = override.value()
    if override.is_add() and not isinstance(value, dict):
        return f"{key} is chosen once: write {bare(str(override.input_line))}"
    named = override.is_sweep_override() or isinstance(value, str | QuotedString | dict)
    return None if named else f"{key} must be the name of a preset, got {override.input_line}"


def _culprit(error: Exception, overrides: list[str]) -> str | None:
    """Find the override that an error is about, as it was typed."""
    text = str(error)
    if isinstance(error, MissingConfigException) and error.missing_cfg_file:
        group, _, choice = str(error.missing_cfg_file).rpartition("/")
        named = [line for line in overrides if bare(line) == f"{group}={choice}"]
        return named[-1] if named else None
    key = named_key(text)
    found = [line for line in overrides if line in text or (key and bare(line).split("=")[0] == key)]
    return max(found, key=len, default=None)
