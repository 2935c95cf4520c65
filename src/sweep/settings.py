"""A composed config as typed values; every problem of it at once."""

import dataclasses
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, get_args

from omegaconf import DictConfig

from db.records import Phase
from pipeline.hyperparameters import MODELS, Phase1
from pipeline.parameters import InvalidInput, near, parameter, parameters, read
from pipeline.sources import SourceSettings, read_settings
from pipeline.split import SPLITS, SplitSettings
from project import ROOT
from sweep.sections import collected, plain, section_of, url_of

NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,63}")
ADDRESS = re.compile(r"local|auto|[A-Za-z0-9.-]+:\d{1,5}")
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class General:
    """The keys at the top of conf/config.yaml."""

    seed: int = parameter(42, "seed of the search", low=0, high=2**32 - 1)
    time_limit: float | None = parameter(None, "seconds that a trial may take", low=0.001, high=1e9)
    reuse: bool = parameter(True, "answer a configuration that was measured before from the record")
    outputs: str = parameter("outputs", "folder of all runs, relative to the project")
    run_id: str = parameter("", "folder of this run below outputs")
    rerun: str | None = parameter(None, "folder of a recorded trial to measure again")
    phase: Phase = parameter(  # noqa: RUF009 - a field like the others
        "exploration", "what a trial is for in its search", choices=get_args(Phase)
    )
    parent: str | None = parameter(None, "experiment that a trial grew from")

    def conflicts(self) -> Iterator[str]:
        if not NAME.fullmatch(self.run_id):
            yield (
                "run_id must be 1 to 64 letters, digits, '_', '-' or '.', not beginning with '.', "
                f"got {self.run_id!r}"
            )
        if not self.outputs or not self.outputs.isprintable():
            yield f"outputs must be a folder, got {self.outputs!r}"
        elif self.outputs.startswith("~"):
            yield f"outputs must be a folder with ~ written out, got {self.outputs!r}"


@dataclass(frozen=True, kw_only=True)
class Search:
    """The keys of conf/search; a preset names those it needs."""

    method: str = parameter("manual", "name of the strategy; the first part of its experiments' ids")
    radius: float = parameter(0.1, "how far the grid goes, as a share of the value", low=0.000001, high=1)
    exploration_trials: int | None = parameter(None, "trials that explore; null = all", low=0, high=10**9)
    warm_start: bool = parameter(False, "begin with the comparable experiments of other runs")
    also: str | None = parameter(
        None, "second validation metric to maximise", choices=("accuracy", "balanced_accuracy", "ndcg")
    )
    broad: float | None = parameter(None, "share of the trials that explore the whole space", low=0, high=1)
    fine: float | None = parameter(None, "share of the trials that stay around the best", low=0, high=1)
    of: str | None = parameter(None, "run whose best configurations are confirmed; null = the latest")
    best: int = parameter(5, "how many configurations are confirmed", low=1, high=1000)
    steps: int = parameter(3, "values of each hyperparameter from end to end of its range", low=2, high=100)
    patience: int | None = parameter(None, "trials without a new best before it stops", low=1, high=10**9)
    target: float | None = parameter(None, "objective value at which it stops", low=0, high=1)
    time_budget: float | None = parameter(
        None, "seconds after which no further trial starts", low=0.001, high=1e9
    )
    preview: bool = parameter(False, "say what would run and how long it would take; run nothing")

    def conflicts(self) -> Iterator[str]:
        if (self.broad or 0) + (self.fine or 0) > 1:
            yield f"broad must be at most 1 - fine ({1 - (self.fine or 0):g}), got {self.broad}"
        if not NAME.fullmatch(self.method) or len(self.method) > 32:
            yield f"method must be 1 to 32 letters, digits, '_' or '-', got {self.method!r}"


@dataclass(frozen=True, kw_only=True)
class Objective:
    """What a search maximises on validation."""

    name: str = parameter("accuracy", "name of the objective")
    metric: str = parameter(
        "accuracy", "validation metric to maximise", choices=("accuracy", "balanced_accuracy", "ndcg")
    )

    def conflicts(self) -> Iterator[str]:
        yield from ()


@dataclass(frozen=True, kw_only=True)
class Launch:
    """Where trials run."""

    workers: int = parameter(1, "trials that run at once", low=1, high=1024)
    address: str | None = parameter(None, "of the Ray cluster that trials run on: local, auto or host:port")
    cpus: int = parameter(1, "cores that a trial keeps for itself on a cluster", low=1, high=1024)
    memory_gb: float | None = parameter(
        None, "GiB that a machine of a cluster must have left for a trial", low=0.001, high=1e6
    )
    attempts: int = parameter(2, "times that a trial is begun on a cluster whose worker dies", low=1, high=10)

    def conflicts(self) -> Iterator[str]:
        if self.address is not None and not ADDRESS.fullmatch(self.address):
            yield f"address must be local, auto or host:port, got {self.address!r}"


@dataclass(frozen=True)
class Settings:
    """One composed config, read."""

    general: General
    search: Search
    objective: Objective
    data: SourceSettings
    cache: Path | None
    split_name: str
    split: SplitSettings
    launch: Launch
    model: str
    hyperparameters: Mapping[str, Any]  # as asked for; `checked_hyperparameters` checks them
    db_url: str

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


SECTIONS = ("data", "split", "model", "objective", "space", "search", "launch", "db")
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
    data = collected(problems, read_settings, section_of(values, "data"))
    split = collected(problems, split_of, values)
    model = collected(problems, named_settings, MODELS, values, "model")
    url = collected(problems, url_of, values)
    if search and objective and search.also == objective.metric:
        problems.append(f"search.also must be another metric than the objective's, got {search.also}")
    if problems or not (general and search and objective and launch and data and split and model and url):
        raise InvalidInput(problems)
    return Settings(general, search, objective, *data, *split, launch, *model, url)


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
