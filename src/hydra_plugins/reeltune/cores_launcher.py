"""The launcher of launch=cores. Hydra imports this at every start, so that other imports wait."""

from collections.abc import Sequence
from dataclasses import dataclass

from hydra.core.config_store import ConfigStore
from hydra.core.utils import JobReturn
from hydra.plugins.launcher import Launcher
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig


class CoresLauncher(Launcher):
    """Jobs side by side on this machine, as hydra-joblib-launcher runs them: `sweep.jobs.workers`."""

    def __init__(self, n_jobs: int, inner_max_num_threads: int) -> None:
        from sweep.jobs.workers import WorkersLauncher  # noqa: PLC0415

        self.launcher = WorkersLauncher(n_jobs, inner_max_num_threads)

    def setup(self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig) -> None:
        self.launcher.setup(hydra_context=hydra_context, task_function=task_function, config=config)

    def launch(self, job_overrides: Sequence[Sequence[str]], initial_job_idx: int) -> Sequence[JobReturn]:
        return self.launcher.launch(job_overrides, initial_job_idx)


@dataclass
class CoresLauncherConf:
    _target_: str = "hydra_plugins.reeltune.cores_launcher.CoresLauncher"
    n_jobs: int = 2  # workers
    inner_max_num_threads: int = 1  # of the libraries that each of them computes with


ConfigStore.instance().store(
    group="hydra/launcher", name="cores", node=CoresLauncherConf, provider="reeltune"
)
