"""The sweepers that conf/search selects. Hydra imports this at every start, so that heavy imports wait."""

from dataclasses import dataclass, field
from typing import Any

from hydra.core.config_store import ConfigStore
from hydra.plugins.sweeper import Sweeper
from hydra.types import HydraContext, TaskFunction
from hydra_plugins.hydra_optuna_sweeper.config import SamplerConfig
from omegaconf import MISSING, DictConfig


class SearchSweeper(Sweeper):
    """Hands Hydra's calls to one of the searches in `sweep`."""

    sweeper: Sweeper

    def setup(self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig) -> None:
        self.sweeper.setup(hydra_context=hydra_context, task_function=task_function, config=config)

    def sweep(self, arguments: list[str]) -> Any:
        return self.sweeper.sweep(arguments)


class GridSweeper(SearchSweeper):
    """Every combination of listed values: `sweep.searches.grid`."""

    def __init__(self, **options: Any) -> None:
        from sweep.searches.grid import GridSearch  # noqa: PLC0415

        self.sweeper = GridSearch(**options)


class StudySweeper(SearchSweeper):
    """Configurations that Optuna proposes: `sweep.searches.study`."""

    def __init__(self, **options: Any) -> None:
        from sweep.searches.study import StudySearch  # noqa: PLC0415

        self.sweeper = StudySearch(**options)


class SensitivitySweeper(SearchSweeper):
    """Each hyperparameter moved alone: `sweep.searches.sensitivity`."""

    def __init__(self, **options: Any) -> None:
        from sweep.searches.sensitivity import SensitivitySearch  # noqa: PLC0415

        self.sweeper = SensitivitySearch(**options)


class ConfirmSweeper(SearchSweeper):
    """The best configurations of another run: `sweep.searches.confirm`."""

    def __init__(self, **options: Any) -> None:
        from sweep.searches.confirm import ConfirmSearch  # noqa: PLC0415

        self.sweeper = ConfirmSearch(**options)


@dataclass
class GridSweeperConf:
    _target_: str = "hydra_plugins.reeltune.sweepers.GridSweeper"
    max_batch_size: int | None = None
    params: dict[str, str] | None = None


@dataclass
class StudySweeperConf:
    defaults: list[Any] = field(default_factory=lambda: [{"sampler": "tpe"}])
    _target_: str = "hydra_plugins.reeltune.sweepers.StudySweeper"
    sampler: SamplerConfig = MISSING
    n_trials: int = 20
    n_jobs: int = 1
    params: dict[str, str] | None = None
    start_from_current: bool = False


@dataclass
class SensitivitySweeperConf:
    _target_: str = "hydra_plugins.reeltune.sweepers.SensitivitySweeper"
    params: dict[str, str] | None = None


@dataclass
class ConfirmSweeperConf:
    _target_: str = "hydra_plugins.reeltune.sweepers.ConfirmSweeper"
    params: dict[str, str] | None = None


store = ConfigStore.instance()
for name, node in (
    ("reeltune_grid", GridSweeperConf),
    ("reeltune_optuna", StudySweeperConf),
    ("reeltune_sensitivity", SensitivitySweeperConf),
    ("reeltune_confirm", ConfirmSweeperConf),
):
    store.store(group="hydra/sweeper", name=name, node=node, provider="reeltune")
