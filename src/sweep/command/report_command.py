"""Commands of report_app: what is checked of them beside what every application checks."""

from argparse import Namespace
from collections.abc import Iterator
from typing import Any

from omegaconf import DictConfig, OmegaConf

from sweep.command.application import Application
from sweep.command.composing import as_shipped


def problems_of(config: DictConfig, options: Namespace) -> list[str]:
    """Name every problem of a command that is to make a report."""
    from sweep.command.report_settings import read_report_settings  # noqa: PLC0415
    from sweep.sections import check_secrets, collected, without_hydra  # noqa: PLC0415 - not for --help

    problems: list[str] = []
    collected(problems, check_secrets, config)
    if options.config_dir is not None:
        problems += changes_of_hydra(config, REPORT)
    collected(problems, read_report_settings, without_hydra(config))
    return problems


def changes_of_hydra(config: DictConfig, application: Application) -> Iterator[str]:
    """Name whatever a preset changes of Hydra's own where none of it is needed, so that it is all fixed."""
    from sweep.runs.identity import differences  # noqa: PLC0415 - not for --help

    for key, expected, value in differences(_own(as_shipped(application)), _own(config), "hydra"):
        yield f"{key} must be {expected!r}, got {value!r}; it is fixed"


def _own(config: DictConfig) -> dict[str, Any]:
    """Take what decides what Hydra does; the rest says what was typed and where."""
    hydra: Any = OmegaConf.to_container(config.hydra, resolve=False, enum_to_str=True)
    return {key: value for key, value in hydra.items() if key not in {"overrides", "runtime", "mode"}}


REPORT = Application(
    "report", problems_of, one_run="a report is made once; report.run=null is on all runs together"
)
