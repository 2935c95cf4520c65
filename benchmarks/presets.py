"""The presets of conf/search, driven without Hydra and without a record: on validation alone."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from hydra import compose, initialize_config_dir
from hydra.core.override_parser.overrides_parser import OverridesParser
from omegaconf import DictConfig

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

from pipeline.evaluation import measure
from pipeline.hyperparameters import MODELS, Phase1
from pipeline.metrics import Measurement
from pipeline.parameters import read
from pipeline.recommender import Recommender
from project import CONF
from sweep import resolvers
from sweep.command.space import Space, check_space
from sweep.runs.plan import Proposal, Proposer, Values
from sweep.runs.problems import problem_of
from sweep.searches.grid import GridSearch
from sweep.searches.search import searched
from sweep.searches.search_space import SearchSpace
from sweep.searches.stopping import StopRules
from sweep.searches.study import StudySearch
from sweep.searches.warm_start import Ancestor, WarmStart
from sweep.sections import without_hydra
from sweep.settings import Settings, read_settings_of


@dataclass(frozen=True)
class Preset:
    """A search preset, composed."""

    settings: Settings
    sweeper: DictConfig
    space: Space

    @property
    def ranges(self) -> SearchSpace:
        return SearchSpace.of(self.settings.model, self.settings.hyperparameters, self.space.swept)


@dataclass(frozen=True, eq=False)
class Tried:
    """One configuration, measured on validation."""

    hyperparameters: Phase1  # as used: weights normalised
    measured: Measurement


@cache
def preset(*overrides: str) -> Preset:
    """Compose conf/config.yaml with overrides, search=… among them."""
    resolvers.register()
    with initialize_config_dir(str(CONF)):
        config = compose("config", [*overrides, "run_id=benchmark"], return_hydra_config=True)
    settings = read_settings_of(without_hydra(config))
    lines = [f"{key}={value}" for key, value in config.hydra.sweeper.params.items()]
    return Preset(settings, config.hydra.sweeper, check_space(lines, settings.model))


def search(chosen: Preset, known: Sequence[Ancestor] = ()) -> list[Tried]:
    """Try what a preset proposes, in its order, after what is known."""
    metric, found = chosen.settings.objective.metric, list[Tried]()

    def measured(batch: Sequence[Proposal], first: int) -> list[Values]:
        found.extend(tried(chosen.settings, proposal.overrides) for proposal in batch)
        return [(value_of(one, metric),) for one in found[first:]]

    searched(_proposer(chosen, known), measured, StopRules())
    return found


def _proposer(chosen: Preset, known: Sequence[Ancestor]) -> Proposer:
    options = {key: value for key, value in chosen.sweeper.items() if key != "_target_"}
    if chosen.sweeper._target_.endswith("GridSweeper"):
        return GridSearch(**options).proposer(chosen.settings, None, chosen.ranges)
    warm_start = WarmStart(known, len(known))
    return StudySearch(**options).beginning_with(warm_start, chosen.settings, chosen.ranges)


def tried(settings: Settings, overrides: Sequence[str]) -> Tried:
    """Measure the settings with overrides of hyperparameters."""
    problem = problem_of(settings).problem
    fitted = Recommender(hyperparameters_of(settings, overrides)).fit(problem.dataset, problem.train)
    return Tried(fitted.hyperparameters, measure(fitted, problem.validation))


def hyperparameters_of(settings: Settings, overrides: Sequence[str]) -> Phase1:
    """Read the hyperparameters that overrides of the settings ask for."""
    return read(MODELS[settings.model], {**settings.hyperparameters, **asked(overrides)})


def asked(overrides: Sequence[str]) -> dict[str, Any]:
    """Read overrides of hyperparameters: values by name."""
    parsed = OverridesParser.create().parse_overrides(list(overrides))
    return {o.key_or_group.removeprefix("model."): o.value() for o in parsed}


def value_of(one: Tried, metric: str) -> float:
    value = one.measured.metrics[metric]
    assert value is not None
    return value
