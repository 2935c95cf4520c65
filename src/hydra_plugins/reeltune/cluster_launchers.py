"""The launchers of launch=ray and launch=slurm. Hydra imports this at every start: other imports wait."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from hydra.core.config_store import ConfigStore
from hydra.core.utils import JobReturn
from hydra.plugins.launcher import Launcher
from hydra.types import HydraContext, TaskFunction
from omegaconf import MISSING, DictConfig


class RayLauncher(Launcher):
    """Jobs on a Ray cluster, which hydra-ray-launcher reaches: `sweep.cluster.ray_jobs`."""

    def __init__(
        self, *, address: str, workers: int, cpus: int, memory_gb: float | None, attempts: int
    ) -> None:
        from sweep.cluster.ray_jobs import RayJobs  # noqa: PLC0415

        self.launcher = RayJobs(address, workers, cpus, memory_gb, attempts)

    def setup(self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig) -> None:
        self.launcher.setup(hydra_context=hydra_context, task_function=task_function, config=config)

    def launch(self, job_overrides: Sequence[Sequence[str]], initial_job_idx: int) -> Sequence[JobReturn]:
        return self.launcher.launch(job_overrides, initial_job_idx)


@dataclass
class RayLauncherConf:
    _target_: str = "hydra_plugins.reeltune.cluster_launchers.RayLauncher"
    address: str = MISSING
    workers: int = MISSING
    cpus: int = MISSING
    memory_gb: float | None = MISSING
    attempts: int = MISSING


class Executor(Enum):
    """Who runs the jobs that are submitted."""

    slurm = "slurm"
    local = "local"


class SlurmLauncher(Launcher):
    """Jobs of Slurm, which hydra-submitit-launcher submits: `sweep.cluster.slurm_jobs`."""

    def __init__(self, *, executor: Executor, **options: Any) -> None:
        from sweep.cluster.slurm_jobs import JobsAtHome, SlurmJobs  # noqa: PLC0415

        kind = SlurmJobs if executor is Executor.slurm else JobsAtHome
        self.launcher: Launcher = kind(**options)

    def setup(self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig) -> None:
        self.launcher.setup(hydra_context=hydra_context, task_function=task_function, config=config)

    def launch(self, job_overrides: Sequence[Sequence[str]], initial_job_idx: int) -> Sequence[JobReturn]:
        return self.launcher.launch(job_overrides, initial_job_idx)


@dataclass
class SlurmLauncherConf:
    """What hydra-submitit-launcher takes, without what would run commands of a config's choice."""

    _target_: str = "hydra_plugins.reeltune.cluster_launchers.SlurmLauncher"
    executor: Executor = Executor.slurm
    submitit_folder: str = "${hydra.sweep.dir}/.submitit/%j"
    name: str = "${run_id}"
    array_parallelism: int = MISSING
    cpus_per_task: int = MISSING
    mem_gb: float | None = MISSING
    timeout_min: int = MISSING
    partition: str | None = None
    account: str | None = None
    qos: str | None = None
    constraint: str | None = None


store = ConfigStore.instance()
store.store(group="hydra/launcher", name="reeltune_ray", node=RayLauncherConf, provider="reeltune")
store.store(group="hydra/launcher", name="reeltune_slurm", node=SlurmLauncherConf, provider="reeltune")
