"""Jobs on the workers of a Ray cluster, started as hydra-ray-launcher starts them.

A node is sent once what it has to know of Hydra, then the overrides of each job, and sends back what became
of it. Ray begins a job again whose worker died; its trial stays the same row of the record.
"""

import logging
import os
import secrets
from collections import deque
from collections.abc import Iterator, Sequence
from typing import Any, NoReturn

from hydra.core.singleton import Singleton
from hydra.core.utils import JobReturn, JobStatus, filter_overrides, setup_globals
from hydra.types import HydraContext, TaskFunction
from hydra_plugins.hydra_ray_launcher.ray_launcher import RayLauncher
from omegaconf import DictConfig, OmegaConf

from pipeline.parameters import InvalidInput
from sweep.cluster.checks import LOCAL
from sweep.cluster.node import run_on_node
from sweep.cluster.nodes import first_line, node_problems
from sweep.command.command_line import refuse
from sweep.jobs.logs import ExchangedLogs
from sweep.runs.measuring import TrialFailed
from sweep.sections import without_hydra
from sweep.settings import read_settings_of

log = logging.getLogger(__name__)

# Of memory that Ray shares between processes; jobs need next to nothing of it, and less is refused.
SHARED_BYTES = 80 * 2**20
# Set before Ray is imported, unless the user has set them.
QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",  # nothing is reported to Ray's makers
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",  # a warning about machines with accelerators
}
# Of a Ray of our own: it listens on 127.0.0.1 alone, as it does by default where firewalls ask, and answers
# nobody who does not know its token.
AT_HOME = {"RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0", "RAY_AUTH_MODE": "token"}


class RayJobs(RayLauncher):
    """Runs the jobs of a sweep on a Ray cluster."""

    def __init__(self, address: str, workers: int, cpus: int, memory_gb: float | None, attempts: int) -> None:
        super().__init__(OmegaConf.create({"init": options_of_ray(address, workers * cpus)}))
        self._workers, self._attempts = workers, attempts
        self._options = options_of_job(cpus, memory_gb, attempts)
        self._ray: Any = None

    def setup(self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig) -> None:
        super().setup(hydra_context=hydra_context, task_function=task_function, config=config)
        self._logs = ExchangedLogs(config, hydra_context)

    def launch(self, job_overrides: Sequence[Sequence[str]], initial_job_idx: int) -> Sequence[JobReturn]:
        self._logs.of_sweep()
        if self._ray is None:
            self._begin()
        log.info("Launching %d jobs on Ray, %d at once", len(job_overrides), self._workers)
        jobs = dict(enumerate(job_overrides, start=initial_job_idx))
        done = dict(self._done(jobs))
        return [done[number] for number in jobs]

    def _begin(self) -> None:
        """Reach the cluster, leave there what all jobs share, and see that its machines are fit for them."""
        address = self.ray_cfg.init.address
        for name, value in environment_of(address, self._attempts).items():
            os.environ.setdefault(name, value)
        import ray  # noqa: PLC0415 - reads the environment
        from hydra_plugins.hydra_ray_launcher._launcher_util import start_ray  # noqa: PLC0415

        setup_globals()
        try:
            start_ray(self.ray_cfg.init)
        except Exception as error:
            refuse(InvalidInput(f"launch.address={address} cannot be reached: {first_line(error)}"))
        self._ray = ray
        self._run = ray.remote(**self._options)(run_on_node)
        sweep = (self.config, self.hydra_context, self.task_function, Singleton.get_state())
        self._sweep = ray.put(sweep)
        if address != LOCAL:
            self._check_nodes()

    def _check_nodes(self) -> None:
        assert self.config is not None
        settings = read_settings_of(without_hydra(self.config))
        needed = {"CPU": self._options["num_cpus"]}
        needed |= {"memory": self._options["memory"]} if "memory" in self._options else {}
        problems = list(node_problems(self._ray, self._sweep, settings, needed))
        if problems:
            refuse(InvalidInput(problems))

    def _done(self, jobs: dict[int, Sequence[str]]) -> Iterator[tuple[int, JobReturn]]:
        """Give what became of each job, in the order of their ends."""
        waiting, running = deque(jobs), dict[Any, int]()
        while waiting or running:
            while waiting and len(running) < self._workers:
                number = waiting.popleft()
                log.info("\t#%d : %s", number, " ".join(filter_overrides(jobs[number])))
                # In a list it is fetched by the worker, once, and not with every job.
                running[self._run.remote([self._sweep], number, list(jobs[number]))] = number
            ended, _ = self._ray.wait(list(running), num_returns=1)
            for reference in ended:
                number = running.pop(reference)
                yield number, self._became(reference, jobs[number])

    def _became(self, reference: Any, overrides: Sequence[str]) -> JobReturn:
        try:
            answer = self._ray.get(reference)
        except self._ray.exceptions.RayError as error:
            reason = f"the worker died in {self._attempts} attempts: {first_line(error)}"
            return LostJob(overrides=overrides, status=JobStatus.FAILED, _return_value=TrialFailed(reason))
        assert isinstance(answer, JobReturn)
        return answer


class LostJob(JobReturn):
    """What is left of a job whose worker died; Hydra would print a line for each that is asked about."""

    @property  # type: ignore[misc] # nobody sets it
    def return_value(self) -> NoReturn:
        raise self._return_value


def options_of_ray(address: str, cpus: int) -> dict[str, Any]:
    """Say how a cluster is reached; one that runs already has its own size."""
    known = {"address": address, "log_to_driver": False, "configure_logging": False}
    if address != LOCAL:
        return known
    return {**known, "num_cpus": cpus, "include_dashboard": False, "object_store_memory": SHARED_BYTES}


def options_of_job(cpus: int, memory_gb: float | None, attempts: int) -> dict[str, Any]:
    """Say what a job needs of a machine, and how often Ray may begin it again."""
    memory = {} if memory_gb is None else {"memory": int(memory_gb * 2**30)}
    return {"num_cpus": cpus, "max_retries": attempts - 1, **memory}


def environment_of(address: str, attempts: int) -> dict[str, str]:
    """Name the variables that Ray is to find."""
    at_home = {**AT_HOME, "RAY_AUTH_TOKEN": secrets.token_hex(32)} if address == LOCAL else {}
    # Else a job whose machine runs out of memory would be begun again for ever.
    return {**QUIET, **at_home, "RAY_task_oom_retries": str(attempts - 1)}
