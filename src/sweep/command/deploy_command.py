"""Commands of deploy_app: what is checked of them beside what every application checks."""

import json
from argparse import Namespace
from collections.abc import Sequence

from hydra.core.override_parser.types import Quote, QuotedString
from omegaconf import DictConfig

from sweep.command.application import Application
from sweep.command.report_command import changes_of_hydra

TYPED = "hyperparameters="


def problems_of(config: DictConfig, options: Namespace) -> list[str]:
    """Name every problem of a command that is to deploy, or to switch, or to look."""
    from sweep.command.deploy_settings import read_deploy_settings  # noqa: PLC0415
    from sweep.sections import check_secrets, collected, without_hydra  # noqa: PLC0415 - not for --help

    problems: list[str] = []
    collected(problems, check_secrets, config)
    if options.config_dir is not None:
        problems += changes_of_hydra(config, DEPLOY)
    collected(problems, read_deploy_settings, without_hydra(config))
    return problems


def with_json(arguments: Sequence[str]) -> list[str]:
    """Quote hyperparameters that are typed as JSON, whose quoted names Hydra does not read."""
    return [_quoted(argument) if _is_json(argument) else argument for argument in arguments]


def _is_json(argument: str) -> bool:
    if not argument.startswith(TYPED):
        return False
    try:
        return isinstance(json.loads(argument.removeprefix(TYPED)), dict)
    except ValueError:
        return False


def _quoted(argument: str) -> str:
    return TYPED + QuotedString(argument.removeprefix(TYPED), Quote.single).with_quotes()


DEPLOY = Application(
    "deploy",
    problems_of,
    rewritten=with_json,
    one_run="one version is deployed at a time; experiment=best is the best of a whole search",
)
