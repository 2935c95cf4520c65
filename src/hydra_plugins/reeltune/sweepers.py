"""The sweepers that conf/search selects. Hydra imports this at every start, so that heavy imports wait."""

from dataclasses import dataclass
from typing import Any

from hydra._internal.core_plugins.basic_sweeper import BasicSweeperConf
from hydra.core.config_store import ConfigStore
from hydra.plugins.sweeper import Sweeper
from hydra.types import HydraContext, TaskFunction
from hydra_plugins.hydra_optuna_sweeper.config import OptunaSweeperConf
from hydra_plugins.hydra_optuna_sweeper.optuna_sweeper import OptunaSweeper
from omegaconf import DictConfig


class GridSweeper(Sweeper):
    """Every combination of listed values: `sweep.grid.Grid`."""

    def __init__(self, max_batch_size: int | None, params: dict[str, str] | None = None) -> None:
        from sweep.grid import Grid  # noqa: PLC0415

        self.sweeper = Grid(max_batch_size, params)

    def setup(self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig) -> None:
        self.sweeper.setup(hydra_context=hydra_context, task_function=task_function, config=config)

    def sweep(self, arguments: list[str]) -> Any:
        return self.sweeper.sweep(arguments)


class StudySweeper(OptunaSweeper):
    """Configurations that Optuna proposes: `sweep.study.Study`."""

    def __init__(self, start_from_current: bool, **options: Any) -> None:
        from sweep.study import Study  # noqa: PLC0415

        super().__init__(**options)
        self.sweeper = Study.of(self.sweeper, start_from_current=start_from_current)


@dataclass
class GridSweeperConf(BasicSweeperConf):
    _target_: str = "hydra_plugins.reeltune.sweepers.GridSweeper"


@dataclass
class StudySweeperConf(OptunaSweeperConf):
    _target_: str = "hydra_plugins.reeltune.sweepers.StudySweeper"
    start_from_current: bool = False


store = ConfigStore.instance()
store.store(group="hydra/sweeper", name="reeltune_grid", node=GridSweeperConf, provider="reeltune")
store.store(group="hydra/sweeper", name="reeltune_optuna", node=StudySweeperConf, provider="reeltune")
