"""The presets of conf/ for benchmarks: composed as a sweep composes them, measured without Hydra."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from hydra import compose, initialize_config_dir
from hydra.core.override_parser.overrides_parser import OverridesParser
from omegaconf import DictConfig

from pipeline.hyperparameters import MODELS, Phase1
from pipeline.parameters import read
from project import CONF
from sweep import resolvers
from sweep.command.space import Space, check_space
from sweep.searches.search_space import SearchSpace
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


@cache
def preset(*overrides: str) -> Preset:
    """Compose what `python src/tune_app.py -m` with these overrides would run."""
    resolvers.register()
    with initialize_config_dir(str(CONF)):
        config = compose("config", ["run_id=benchmark", *overrides], return_hydra_config=True)
    settings = read_settings_of(without_hydra(config))
    lines = [f"{key}={value}" for key, value in config.hydra.sweeper.params.items()]
    return Preset(settings, config.hydra.sweeper, check_space(lines, settings.model))


def hyperparameters_of(settings: Settings, overrides: Sequence[str]) -> Phase1:
    """Read the hyperparameters that a proposal asks for."""
    parsed = OverridesParser.create().parse_overrides(list(overrides))
    asked = {o.key_or_group.removeprefix("model."): o.value() for o in parsed}
    return read(MODELS[settings.model], {**settings.hyperparameters, **asked})
