"""A launcher that is imported when it is needed: Hydra imports all plugins at every start."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

from hydra.core.utils import JobReturn
from hydra.plugins.launcher import Launcher
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig


class Deferred(Launcher):
    """Stands for a launcher, of which a plugin says how it is made of the keys of its config."""

    def __init__(self, **options: Any) -> None:
        self._launcher = self.made(**options)

    @abstractmethod
    def made(self, *args: Any, **options: Any) -> Launcher:
        """Import the launcher, and make it."""

    def setup(self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig) -> None:
        self._launcher.setup(hydra_context=hydra_context, task_function=task_function, config=config)

    def launch(self, job_overrides: Sequence[Sequence[str]], initial_job_idx: int) -> Sequence[JobReturn]:
        return self._launcher.launch(job_overrides, initial_job_idx)
