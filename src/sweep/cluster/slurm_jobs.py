"""Jobs that hydra-submitit-launcher submits to Slurm, or runs as processes of this machine to try them."""

import dataclasses
import os
from collections.abc import Sequence
from typing import Any

from hydra.core.utils import JobReturn
from hydra_plugins.hydra_submitit_launcher.config import BaseQueueConf
from hydra_plugins.hydra_submitit_launcher.submitit_launcher import LocalLauncher, SlurmLauncher

from project import ROOT

SOURCES = str(ROOT / "src")
OF_ALL_EXECUTORS = frozenset(field.name for field in dataclasses.fields(BaseQueueConf))


class WithSources:
    """Lets jobs find our modules: submitit starts them in a Python of its own, which knows no application."""

    def launch(self, job_overrides: Sequence[Sequence[str]], initial_job_idx: int) -> Sequence[JobReturn]:
        paths = os.environ.get("PYTHONPATH", "").split(os.pathsep)
        if SOURCES not in paths:
            os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [SOURCES, *paths]))
        return super().launch(job_overrides, initial_job_idx)  # type: ignore[misc,no-any-return]


class SlurmJobs(WithSources, SlurmLauncher):
    """Runs each batch of jobs as a job array of Slurm."""


class JobsAtHome(WithSources, LocalLauncher):
    """Runs them as processes of this machine, all at once."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{name: value for name, value in options.items() if name in OF_ALL_EXECUTORS})
