"""What runs in a worker: it is told of a sweep when it starts, then runs stretches of its jobs."""

import os
from collections.abc import Sequence
from typing import Any

from hydra.core.singleton import Singleton
from hydra.core.utils import JobReturn, setup_globals
from hydra.types import HydraContext, TaskFunction
from hydra_plugins.hydra_joblib_launcher._core import execute_job
from omegaconf import DictConfig

from sweep.jobs.launcher import JobLauncher
from sweep.jobs.logs import ExchangedLogs, Root

_jobs: list["WorkerJobs"] = []  # of the one sweep that this worker is of


class WorkerLogs(ExchangedLogs):
    """Logs of jobs alone: the sweep's is the parent's to write."""

    def of_sweep(self) -> None:
        """Leave it to the next job to log elsewhere, as hydra-joblib-launcher does."""


class WorkerJobs(JobLauncher):
    """Runs jobs of a sweep, each as a worker of hydra-joblib-launcher would."""

    def __init__(self, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig) -> None:
        self.setup(hydra_context=hydra_context, task_function=task_function, config=config)
        self._logs = WorkerLogs(config, hydra_context)

    def job_id(self, number: int) -> str:
        return f"{self._config.hydra.job.name}_{number}"

    def _by_hydra(self, number: int, lines: Sequence[str]) -> JobReturn:
        done: JobReturn = execute_job(
            number,
            lines,
            self._hydra_context,
            self._config,
            self._task_function,
            0,
            Singleton.get_state(),
            wrap_result=False,
        )
        # Whoever logs to the files of this job again opens them.
        Root.now().close()
        return done


def begin(
    config: DictConfig, hydra_context: HydraContext, task_function: TaskFunction, singletons: Any
) -> None:
    """Learn of the sweep; the first that a worker does.

    Args:
        config: of the sweep.
        hydra_context: of its process.
        task_function: what a job does.
        singletons: the state of Hydra's, as `Singleton.get_state` gives it.

    """
    setup_globals()
    Singleton.set_state(singletons)
    _jobs[:] = [WorkerJobs(hydra_context, task_function, config)]


def run_stretch(first: int, jobs: Sequence[Sequence[str]]) -> list[JobReturn]:
    """Run jobs one after the other.

    Args:
        first: number of the first of them, from 0.
        jobs: the overrides of each.

    Returns:
        What became of each, without its configs: they lie in its folder, and to send them takes as long as a
        job's own work.

    """
    parent, done = os.getppid(), []
    for number, lines in enumerate(jobs, start=first):
        if os.getppid() != parent:
            # Nobody waits for the rest, and whoever resumes the run does it.
            raise SystemExit(1)
        done.append(_jobs[0].run(number, lines))
        done[-1].cfg = done[-1].hydra_cfg = None
    return done
