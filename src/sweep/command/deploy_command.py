"""Commands of deploy_app: what is checked of them beside what every application checks."""

import json
from argparse import Namespace
from collections.abc import Sequence

from hydra.core.override_parser.types import Quote, QuotedString
from omegaconf import DictConfig

from sweep.command.application import Application
from sweep.command.one_run import problems_of_one_run

TYPED = "hyperparameters="


def problems_of(config: DictConfig, options: Namespace) -> list[str]:
    """Name every problem of a command that is to deploy, or to switch, or to look."""
    from sweep.command.deploy_settings import read_deploy_settings  # noqa: PLC0415 - not for --help

    return problems_of_one_run(config, options, DEPLOY, read_deploy_settings)


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
