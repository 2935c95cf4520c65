"""What runs in a worker of a cluster: jobs of the one sweep that it is of."""

from typing import Any

from hydra.core.utils import JobReturn
from omegaconf import DictConfig

from db.engine import connect, explained
from db.runs import tuning_run
from pipeline.provenance import code_version
from sweep.jobs.worker import begin, run_stretch
from sweep.runs.environment import versions
from sweep.runs.pins import IDENTITY_FILE
from sweep.runs.problems import problem_of
from sweep.sections import without_hydra
from sweep.settings import Settings, read_settings_of

_begun: list[Any] = []  # the sweep that this worker was told of, and its config


def run_on_node(sweep: list[Any], number: int, overrides: list[str]) -> JobReturn:
    """Run a job.

    Args:
        sweep: a reference to what `begin` is told, in a list, so that it is fetched once.
        number: of the job, from 0.
        overrides: of the job.

    """
    _told_of(sweep)
    return run_stretch(number, [overrides])[0]


def facts_on_node(sweep: list[Any]) -> dict[str, Any]:
    """Tell what decides a trial's numbers and where they go, as this machine sees it."""
    return facts_of(read_settings_of(without_hydra(_told_of(sweep))))


def facts_of(settings: Settings) -> dict[str, Any]:
    """Tell the same of this process; the data is fetched and built where it is not there yet."""
    with explained(settings.db_url, "has no record of the run"):
        run = tuning_run(connect(settings.db_url), settings.general.run_id)
    return {
        **versions(),
        "the code": code_version(),
        "the data": problem_of(settings).problem.dataset.fingerprint,
        "outputs shared": (settings.run_folder / IDENTITY_FILE).is_file(),
        "the run in db.url": run is not None,
    }


def _told_of(sweep: list[Any]) -> DictConfig:
    """Learn of a sweep, once, and give its config."""
    if _begun[:1] != sweep:
        import ray  # noqa: PLC0415 - there is one in a worker

        told = ray.get(sweep[0])
        begin(*told)
        _begun[:] = [*sweep, told[0]]
    config: DictConfig = _begun[1]
    return config
