"""Jobs side by side in processes of this machine, as hydra-joblib-launcher runs them, at less cost.

Its workers are sent all of Hydra's state with every job, which they compose anew. Ours are told of the sweep
when they start, then of stretches of jobs, and copy what jobs share as `launcher` does. The processes are
joblib's.
"""

import logging
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from hydra.core.singleton import Singleton
from hydra.core.utils import JobReturn, filter_overrides, setup_globals
from hydra.plugins.launcher import Launcher
from hydra.types import HydraContext, TaskFunction
from joblib.externals.loky import get_reusable_executor
from omegaconf import DictConfig

from sweep.jobs.logs import ExchangedLogs
from sweep.jobs.worker import begin, run_stretch

log = logging.getLogger(__name__)

# What bounds the threads of the libraries that numpy, scipy and others compute with.
THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)
# Seconds that a worker without a job waits for the next.
PATIENCE = 60
# Jobs that a worker is told of at once, so that what is sent back and forth costs nothing beside them.
LONGEST = 16


class WorkersLauncher(Launcher):
    """Runs the jobs of a sweep on workers."""

    def __init__(self, workers: int, threads: int) -> None:
        self._workers, self._threads = workers, threads
        self._started = 0

    def setup(self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig) -> None:
        self._config, self._hydra_context, self._task_function = config, hydra_context, task_function
        self._logs = ExchangedLogs(config, hydra_context)

    def launch(self, job_overrides: Sequence[Sequence[str]], initial_job_idx: int) -> Sequence[JobReturn]:
        self._logs.of_sweep()
        sweep = self._sweep  # before the first job, for all of them
        log.info("Launching %d jobs on %d workers", len(job_overrides), self._workers)
        for number, lines in enumerate(job_overrides, start=initial_job_idx):
            log.info("\t#%d : %s", number, " ".join(filter_overrides(lines)))
        # No more than there is work for: a job that is tried alone need not wait for the start of two.
        self._started = max(self._started, min(self._workers, len(job_overrides)))
        executor = get_reusable_executor(
            max_workers=self._started,
            timeout=PATIENCE,
            initializer=begin,
            initargs=sweep,
            env=dict.fromkeys(THREADS, str(self._threads)),
        )
        try:
            futures = [
                executor.submit(run_stretch, initial_job_idx + part.start, job_overrides[part])
                for part in stretches_for(self._workers, len(job_overrides))
            ]
            return [job for future in futures for job in future.result()]
        except BaseException:
            # Whoever launches again what is not finished must not meet those who are still at it.
            executor.shutdown(wait=True, kill_workers=True)
            self._started = 0
            raise

    @cached_property
    def _sweep(self) -> tuple[DictConfig, HydraContext, TaskFunction, Any]:
        """What every worker has to know of the sweep."""
        setup_globals()
        Path(str(self._config.hydra.sweep.dir)).mkdir(parents=True, exist_ok=True)
        return self._config, self._hydra_context, self._task_function, Singleton.get_state()


def stretches_for(workers: int, jobs: int) -> Iterator[slice]:
    """Cut jobs into stretches, the shorter the fewer are left, so that all workers end at about one time."""
    start = 0
    while start < jobs:
        stop = start + min(max((jobs - start) // (4 * workers), 1), LONGEST)
        yield slice(start, stop)
        start = stop
