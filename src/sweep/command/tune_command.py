"""Commands of tune_app: what is checked of them beside what every application checks."""

from argparse import Namespace

from omegaconf import DictConfig, OmegaConf

from project import CONF
from sweep.command.application import Application
from sweep.command.hydra_node import HYDRA_KEYS
from sweep.command.rerun import with_rerun


def problems_of(config: DictConfig, options: Namespace) -> list[str]:
    """Name every problem of a command that is to run trials."""
    from sweep.command.checks import checked_settings  # noqa: PLC0415 - not for --help
    from sweep.sections import collected  # noqa: PLC0415

    problems: list[str] = []
    if options.multirun or not _many_asked_of_one(config, problems):
        problems += _hidden_rerun(config, options.overrides)
        collected(problems, checked_settings, config)
    return problems


def _many_asked_of_one(config: DictConfig, problems: list[str]) -> bool:
    """Say, and note, that a search was chosen without -m: its other settings may well be legal."""
    method = OmegaConf.select(config, "search.method")
    if method in {path.stem for path in (CONF / "search").glob("[!_]*.yaml")} - {"manual"}:
        command = f"python src/tune_app.py -m search={method}"
        problems.append(f"search={method} runs many trials and needs -m: {command}")
        return True
    return False


def _hidden_rerun(config: DictConfig, overrides: list[str]) -> list[str]:
    """Refuse a rerun that did not bring its trial's config along: ++rerun=…, or one in a preset."""
    folder = OmegaConf.select(config, "rerun")
    if folder is None or any(line.startswith("rerun=") for line in overrides):
        return []
    return [f"rerun must be typed as rerun=FOLDER on the command line, got {folder!r} elsewhere"]


TUNE = Application("config", problems_of, hydra_keys=HYDRA_KEYS, rewritten=with_rerun)
