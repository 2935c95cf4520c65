"""The launcher that conf/launch selects. Hydra imports this at every start, so that other imports wait."""

from dataclasses import dataclass

from hydra.core.config_store import ConfigStore
from hydra.plugins.launcher import Launcher

from sweep.jobs.deferred import Deferred


class FastLauncher(Deferred):
    """Jobs whose configs are copied where Hydra would compose the same: `sweep.jobs.launcher`."""

    def made(self) -> Launcher:
        from sweep.jobs.launcher import JobLauncher  # noqa: PLC0415

        return JobLauncher()


@dataclass
class FastLauncherConf:
    _target_: str = "hydra_plugins.reeltune.launchers.FastLauncher"


ConfigStore.instance().store(group="hydra/launcher", name="fast", node=FastLauncherConf, provider="reeltune")
