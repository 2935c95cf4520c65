"""The launcher of launch=cores. Hydra imports this at every start, so that other imports wait."""

from dataclasses import dataclass

from hydra.core.config_store import ConfigStore
from hydra.plugins.launcher import Launcher

from sweep.jobs.deferred import Deferred


class CoresLauncher(Deferred):
    """Jobs side by side on this machine, as hydra-joblib-launcher runs them: `sweep.jobs.workers`."""

    def made(self, *, n_jobs: int, inner_max_num_threads: int) -> Launcher:
        from sweep.jobs.workers import WorkersLauncher  # noqa: PLC0415

        return WorkersLauncher(n_jobs, inner_max_num_threads)


@dataclass
class CoresLauncherConf:
    _target_: str = "hydra_plugins.reeltune.cores_launcher.CoresLauncher"
    n_jobs: int = 2  # workers
    inner_max_num_threads: int = 1  # of the libraries that each of them computes with


ConfigStore.instance().store(
    group="hydra/launcher", name="cores", node=CoresLauncherConf, provider="reeltune"
)
