"""A composed config as typed values; every problem of it at once."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from omegaconf import DictConfig

from pipeline.hyperparameters import MODELS, Phase1
from pipeline.parameters import InvalidInput, near, parameters, read
from pipeline.sources.section import Data, read_section
from pipeline.split import SPLITS, SplitSettings
from project import ROOT
from sweep.keys import General, Launch, Measuring, Objective, Search
from sweep.sections import collected, plain, section_of, url_of


@dataclass(frozen=True)
class Settings:
    """One composed config, read."""

    general: General
    search: Search
    objective: Objective
    data: Data
    split_name: str
    split: SplitSettings
    launch: Launch
    model: str
    hyperparameters: Mapping[str, Any]  # as asked for; `checked_hyperparameters` checks them
    db_url: str
    measuring: Measuring

    @property
    def workers(self) -> int:
        return self.launch.workers

    @property
    def run_folder(self) -> Path:
        return ROOT / self.general.outputs / self.general.run_id

    @property
    def metrics(self) -> tuple[str, ...]:
        """The validation metrics that the search maximises, the objective's first."""
        return (self.objective.metric, *([self.search.also] if self.search.also else []))

    @property
    def split_values(self) -> dict[str, Any]:
        """The split as it is recorded: its name and its settings."""
        return {"name": self.split_name, **dataclasses.asdict(self.split)}

    def checked_hyperparameters(self) -> Phase1:
        """Check the hyperparameters; a sweep may draw some that do not go together.

        Raises:
            InvalidInput: with every problem under its dotted key.

        """
        return read(MODELS[self.model], self.hyperparameters, "model.")


SECTIONS = ("data", "split", "evaluation", "model", "objective", "space", "search", "launch", "db")
GENERAL = tuple(parameters(General))


def read_settings_of(config: DictConfig) -> Settings:
    """Read a composed config, without its hydra node.

    Raises:
        InvalidInput: with every problem of every section, each under its dotted key.

    """
    values = plain(config)
    problems = [
        f"{key} does not exist{near(key, SECTIONS + GENERAL)}"
        for key in values
        if key not in SECTIONS + GENERAL
    ]

    general = collected(problems, read, General, {key: values[key] for key in GENERAL if key in values})
    search = collected(problems, _read_partly, Search, values, "search")
    objective = collected(problems, _read_partly, Objective, values, "objective")
    launch = collected(problems, _read_partly, Launch, values, "launch")
    measuring = collected(problems, read, Measuring, section_of(values, "evaluation"), "evaluation.")
    data = collected(problems, read_section, section_of(values, "data"))
    split = collected(problems, split_of, values)
    model = collected(problems, named_settings, MODELS, values, "model")
    url = collected(problems, url_of, values)
    if search and objective and search.also == objective.metric:
        problems.append(f"search.also must be another metric than the objective's, got {search.also}")
    if problems or not (
        general and search and objective and launch and data and split and model and url and measuring
    ):
        raise InvalidInput(problems)
    return Settings(general, search, objective, data, *split, launch, *model, url, measuring)


def _read_partly(settings: Any, values: Mapping[str, Any], name: str) -> Any:
    """Read a section that names only what differs from the defaults of its settings class."""
    section = section_of(values, name)
    defaults = {f: spec.default for f, spec in settings.__dataclass_fields__.items()}
    return read(settings, {**defaults, **section}, f"{name}.")


def named_settings(
    options: Mapping[str, Any], values: Mapping[str, Any], name: str
) -> tuple[str, dict[str, Any]]:
    """Take a section apart: which of the options it names, and the rest of it."""
    section = dict(section_of(values, name))
    chosen = section.pop("name", None)
    if chosen not in options:
        raise InvalidInput(f"{name}.name must be one of {', '.join(options)}, got {chosen!r}")
    return chosen, section


def split_of(values: Mapping[str, Any]) -> tuple[str, SplitSettings]:
    name, section = named_settings(SPLITS, values, "split")
    return name, read(SPLITS[name], section, "split.")
