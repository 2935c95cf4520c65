"""The launchers of launch=ray and launch=slurm. Hydra imports this at every start: other imports wait."""

from dataclasses import dataclass
from enum import Enum
from typing import Any

from hydra.core.config_store import ConfigStore
from hydra.plugins.launcher import Launcher
from omegaconf import MISSING

from sweep.jobs.deferred import Deferred


class RayLauncher(Deferred):
    """Jobs on a Ray cluster, which hydra-ray-launcher reaches: `sweep.cluster.ray_jobs`."""

    def made(
        self, *, address: str, workers: int, cpus: int, memory_gb: float | None, attempts: int
    ) -> Launcher:
        from sweep.cluster.ray_jobs import RayJobs  # noqa: PLC0415

        return RayJobs(address, workers, cpus, memory_gb, attempts)


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


class SlurmLauncher(Deferred):
    """Jobs of Slurm, which hydra-submitit-launcher submits: `sweep.cluster.slurm_jobs`."""

    def made(self, *, executor: Executor, **options: Any) -> Launcher:
        from sweep.cluster.slurm_jobs import JobsAtHome, SlurmJobs  # noqa: PLC0415

        kind = SlurmJobs if executor is Executor.slurm else JobsAtHome
        return kind(**options)


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
