"""What is checked of commands that compose one config and run nothing of Hydra's."""

from argparse import Namespace
from collections.abc import Callable, Iterator
from typing import Any

from omegaconf import DictConfig, OmegaConf

from sweep.command.application import Application
from sweep.command.composing import as_shipped


def problems_of_one_run(
    config: DictConfig, options: Namespace, application: Application, read: Callable[[DictConfig], object]
) -> list[str]:
    """Name every problem of such a command: secrets, changes of Hydra's own, and what its settings find."""
    from sweep.sections import check_secrets, collected, without_hydra  # noqa: PLC0415 - not for --help

    problems: list[str] = []
    collected(problems, check_secrets, config)
    if options.config_dir is not None:
        problems += _changes_of_hydra(config, application)
    collected(problems, read, without_hydra(config))
    return problems


def _changes_of_hydra(config: DictConfig, application: Application) -> Iterator[str]:
    """Name whatever a preset changes of Hydra's own where none of it is needed, so that it is all fixed."""
    from sweep.runs.identity import differences  # noqa: PLC0415 - not for --help

    for key, expected, value in differences(_own(as_shipped(application)), _own(config), "hydra"):
        yield f"{key} must be {expected!r}, got {value!r}; it is fixed"


def _own(config: DictConfig) -> dict[str, Any]:
    """Take what decides what Hydra does; the rest says what was typed and where."""
    hydra: Any = OmegaConf.to_container(config.hydra, resolve=False, enum_to_str=True)
    return {key: value for key, value in hydra.items() if key not in {"overrides", "runtime", "mode"}}
