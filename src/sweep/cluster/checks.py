"""What a cluster asks of a command: the extra that reaches it, a record that its machines can share."""

from collections.abc import Iterator
from importlib.util import find_spec

from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf

from db.urls import is_of_one_machine
from sweep.command.whitelist import RAY, SLURM
from sweep.settings import Settings

# What a launcher needs beyond the core install: the extra, called as its preset is, then its packages.
EXTRAS = {
    RAY: ("ray", ("ray", "hydra_plugins.hydra_ray_launcher")),
    SLURM: ("slurm", ("submitit", "hydra_plugins.hydra_submitit_launcher")),
}
LOCAL = "local"  # the address of a Ray that is started for one run, on its machine


def cluster_problems(config: DictConfig, settings: Settings) -> Iterator[str]:
    """Name what keeps a run from the machines that it asks for."""
    extra, packages = EXTRAS.get(str(config.hydra.launcher._target_), (None, ()))
    if extra is None or config.hydra.mode != RunMode.MULTIRUN:
        return
    missing = [package for package in packages if find_spec(package) is None]
    if missing:
        install = f"python -m pip install -c constraints.txt -e '.[{extra}]'"
        yield f"launch={extra} needs {missing[0].rpartition('.')[2]}: run {install}"
    if is_of_one_machine(settings.db_url) and not _stays_here(config, settings):
        where = "" if settings.launch.address is None else f" launch.address={settings.launch.address}"
        yield (
            f"launch={extra}{where} may run trials on other machines, which cannot write {settings.db_url}: "
            "choose db=postgresql"
        )


def _stays_here(config: DictConfig, settings: Settings) -> bool:
    """Say whether no trial can leave this machine."""
    executor = OmegaConf.select(config, "hydra.launcher.executor")
    return LOCAL in (settings.launch.address, getattr(executor, "name", executor))
