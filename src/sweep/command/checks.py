"""What is refused before anything starts: every section, the space, folders that leave their root."""

import os
from collections.abc import Iterator
from pathlib import Path

from hydra.types import RunMode
from omegaconf import DictConfig

from db.urls import read_url
from pipeline.hyperparameters import MODELS
from pipeline.parameters import InvalidInput, read
from project import ROOT
from sweep.cluster.checks import cluster_problems
from sweep.command.hydra_node import hydra_problems
from sweep.command.space import problems_of_sweep, space_key_problems
from sweep.runs.pins import IDENTITY_FILE
from sweep.sections import check_secrets, collected, plain, without_hydra
from sweep.settings import Settings, read_settings_of

SINGLE_RUN_FOLDER = "001"


def checked_settings(config: DictConfig) -> Settings:
    """Read a composed config, hydra node included, and refuse what must not start.

    Raises:
        InvalidInput: with every problem found.

    """
    check_secrets(config)
    problems = [*hydra_problems(config), *space_key_problems(config)]
    task = without_hydra(config)
    settings = collected(problems, read_settings_of, task)
    if settings is not None:
        collected(problems, read_url, settings.db_url)
        problems += [*_folder_problems(config, settings), *cluster_problems(config, settings)]
    model = task.get("model")
    if isinstance(model, DictConfig) and model.get("name") in MODELS:
        collected(problems, _check_model, model)
        if config.hydra.mode == RunMode.MULTIRUN:
            problems += problems_of_sweep(config, model.name, also_of_preset=not problems)
    if problems or settings is None:
        raise InvalidInput(dict.fromkeys(problems))
    return settings


def _check_model(model: DictConfig) -> None:
    values = plain(model)
    read(MODELS[values.pop("name")], values, "model.")


def _folder_problems(config: DictConfig, settings: Settings) -> Iterator[str]:
    """Name every output path that is not where it belongs, symbolic links followed."""
    root = ROOT / settings.general.outputs
    many = config.hydra.mode == RunMode.MULTIRUN
    run_id, run_folder = settings.general.run_id, settings.run_folder
    where = "it is fixed: choose outputs=… or run_id=…"
    for key, expected in (("run", run_folder / SINGLE_RUN_FOLDER), ("sweep", run_folder)):
        folder = str(config.hydra[key].dir)
        if folder != str(expected):
            yield f"hydra.{key}.dir must be {expected}, got {folder!r}; {where}"
    try:
        yield from _problems_of_root(root)
        if run_folder.exists() or run_folder.is_symlink():
            if run_folder.resolve().parent != root.resolve():
                yield f"run_id {run_id} leads out of {root}, to {run_folder.resolve()}"
            elif not (many and (run_folder / IDENTITY_FILE).is_file()):
                yield f"run_id {run_id} exists already, in {run_folder}; choose another run_id"
    except (OSError, RuntimeError) as error:  # a name too long, a link that leads to itself
        yield f"outputs must be a folder that can be made: {getattr(error, 'strerror', None) or error}"


def _problems_of_root(root: Path) -> Iterator[str]:
    """Say why the outputs folder could not be made or written, without making it."""
    there = next(folder for folder in (root, *root.parents) if folder.exists() or folder.is_symlink())
    if not there.is_dir():
        yield f"outputs must be a folder, but {there} is none"
    elif not os.access(there, os.W_OK | os.X_OK):
        yield f"outputs must be a folder that may be written, but {there} may not"
