"""What a task function and callbacks are given in a worker is what hydra-joblib-launcher's gives them."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from hydra.core.singleton import Singleton
from hydra.core.utils import JobReturn, JobStatus
from hydra.plugins.launcher import Launcher
from hydra.types import HydraContext, TaskFunction
from hydra_plugins.hydra_joblib_launcher.joblib_launcher import JoblibLauncher
from omegaconf import DictConfig, OmegaConf
from test_job_returns import JOBS, Sweep, failing, kept, logs_closed, seen

from sweep.jobs.worker import begin, run_stretch

__all__ = ["logs_closed"]  # a fixture that all tests here use


class Here(Launcher):
    """A worker in this process."""

    def setup(self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig) -> None:
        self._sweep = config, hydra_context, task_function

    def launch(self, job_overrides: Sequence[Sequence[str]], initial_job_idx: int) -> Sequence[JobReturn]:
        begin(*self._sweep, Singleton.get_state())
        return run_stretch(initial_job_idx, job_overrides)


def joblib_here() -> Launcher:
    """Run as joblib's workers do, in this process."""
    return JoblibLauncher(n_jobs=1)


def test_jobs_see_and_leave_the_same(tmp_path: Path) -> None:
    theirs, ours = Sweep(joblib_here, tmp_path, seen), Sweep(Here, tmp_path, seen)
    assert theirs.config.when
    OmegaConf.copy_cache(theirs.config, ours.config)
    # Those that are copied beside those that are left to Hydra, and again what was written once.
    jobs = [*JOBS, *JOBS[:2]]
    by_joblib, files = theirs.run(jobs), kept(tmp_path)
    by_us = ours.run(jobs)

    assert len(files) == 3 * len(jobs)
    assert kept(tmp_path) == files
    assert ours.noting.told == theirs.noting.told
    for one, other in zip(by_us, by_joblib, strict=True):
        assert one.return_value == other.return_value
        assert (one.status, one.overrides) == (other.status, other.overrides)
        assert one.cfg is one.hydra_cfg is None


def test_an_exception_is_returned_and_logged_in_the_jobs_folder_alone(tmp_path: Path) -> None:
    sweep = Sweep(Here, tmp_path, failing)
    done = sweep.run([("size=4",), ("size=5",)])
    assert [one.status for one in done] == [JobStatus.FAILED] * 2
    with pytest.raises(ZeroDivisionError, match="of 5"):
        _ = done[1].return_value
    log = (tmp_path / "sweep" / "1" / "job.log").read_text(encoding="utf-8")
    assert "ZeroDivisionError: of 5" in log
    assert "of 4" not in log
    assert not (tmp_path / "sweep.log").exists()
