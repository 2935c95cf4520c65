"""The launcher that conf/launch selects. Hydra imports this at every start, so that other imports wait."""

from collections.abc import Sequence
from dataclasses import dataclass

from hydra.core.config_store import ConfigStore
from hydra.core.utils import JobReturn
from hydra.plugins.launcher import Launcher
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig


class FastLauncher(Launcher):
    """Jobs whose configs are copied where Hydra would compose the same: `sweep.jobs.launcher`."""

    def __init__(self) -> None:
        from sweep.jobs.launcher import JobLauncher  # noqa: PLC0415

        self.launcher = JobLauncher()

    def setup(self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig) -> None:
        self.launcher.setup(hydra_context=hydra_context, task_function=task_function, config=config)

    def launch(self, job_overrides: Sequence[Sequence[str]], initial_job_idx: int) -> Sequence[JobReturn]:
        return self.launcher.launch(job_overrides, initial_job_idx)


@dataclass
class FastLauncherConf:
    _target_: str = "hydra_plugins.reeltune.launchers.FastLauncher"


ConfigStore.instance().store(group="hydra/launcher", name="fast", node=FastLauncherConf, provider="reeltune")
