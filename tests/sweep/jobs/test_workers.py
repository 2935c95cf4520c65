"""A sweep by our workers leaves what it leaves by those of hydra-joblib-launcher: every byte and row."""

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from app_runs import Run, run_app, what_counts
from command import snapshot
from hydra.core.hydra_config import HydraConfig
from hydra.plugins.launcher import Launcher
from hydra_plugins.hydra_joblib_launcher.joblib_launcher import JoblibLauncher
from joblib.externals.loky import get_reusable_executor
from joblib.externals.loky.process_executor import TerminatedWorkerError
from omegaconf import DictConfig
from test_job_returns import Sweep
from test_launcher import OTHERS, timeless
from threadpoolctl import threadpool_info

from sweep.jobs.workers import LONGEST, WorkersLauncher, stretches_for

# What is launched is listed by both; joblib's counts the jobs of each batch from 0.
LISTED = re.compile(rb"\t#\d+ : (.+)")
SWEEPS = {
    "what fails, of two models": ("model=phase1,phase2", "model.genre_threshold_high=0.4,0.7"),
    "random draws": ("search=random", "hydra.sweeper.n_trials=6"),
    "what is left to Hydra": OTHERS["an addition"],
}
FIRST, *OTHER_SWEEPS = SWEEPS


def by_joblib(workers: int, threads: int) -> Launcher:
    return JoblibLauncher(n_jobs=workers, inner_max_num_threads=threads)


@pytest.fixture(autouse=True)
def workers_gone() -> Iterator[None]:
    yield
    get_reusable_executor(max_workers=1, reuse=True).shutdown(wait=True, kill_workers=True)


def left(home: Path, launcher: object, arguments: Sequence[str]) -> tuple[Run, dict[str, object]]:
    """Run on two workers of a launcher in the place of ours, so that the config is the same."""
    home.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sweep.jobs.workers.WorkersLauncher", launcher)
        run = run_app(home, "r", "-m", *arguments, "launch=cores", here=True)
    _ = run.rows, run.history
    files: dict[str, object] = {name: timeless(content) for name, content in snapshot(run.folder).items()}
    files["sweep.log"] = LISTED.findall((run.folder / "sweep.log").read_bytes())
    del files["report.html"]
    return run, files


# Two pairs of workers have to start for each, which takes longer than what they do.
@pytest.mark.parametrize(
    "sweep", [FIRST, *(pytest.param(sweep, marks=pytest.mark.slow) for sweep in OTHER_SWEEPS)]
)
def test_workers_leave_what_those_of_hydras_launcher_leave(sweep: str, tmp_path: Path) -> None:
    home = tmp_path / "home"
    theirs, their_files = left(home, by_joblib, SWEEPS[sweep])
    home.rename(tmp_path / "theirs")
    ours, our_files = left(home, WorkersLauncher, SWEEPS[sweep])
    assert ours.code == theirs.code
    assert list(our_files) == list(their_files)
    assert {name for name in our_files if our_files[name] != their_files[name]} == set()
    assert what_counts(list(ours.rows.values())) == what_counts(list(theirs.rows.values()))
    assert what_counts(ours.history) == what_counts(theirs.history)
    assert "[sweep.jobs.workers][INFO] Launching" in (ours.folder / "sweep.log").read_text(encoding="utf-8")


def threads(config: DictConfig) -> dict[str, Any]:
    """Look around from inside a worker."""
    blas = [library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"]
    return {"process": os.getpid(), "threads of blas": blas, "size": config.size}


def test_each_job_is_done_by_a_worker_that_computes_on_one_thread(tmp_path: Path) -> None:
    sweep = Sweep(lambda: WorkersLauncher(2, 1), tmp_path, threads)
    returns = [one.return_value for one in sweep.run([(f"size={n}",) for n in range(10)])]
    assert [seen["size"] for seen in returns] == list(range(10))
    assert all(set(seen["threads of blas"]) == {1} for seen in returns)
    assert os.getpid() not in {seen["process"] for seen in returns}


def dying(config: DictConfig) -> int:
    (Path(HydraConfig.get().runtime.output_dir) / "process").write_text(str(os.getpid()), encoding="utf-8")
    if config.size == 4:
        os._exit(1)
    return int(config.size)


def test_after_a_death_no_worker_lives_on_and_the_next_launch_has_new_ones(tmp_path: Path) -> None:
    sweep = Sweep(lambda: WorkersLauncher(2, 1), tmp_path, dying)
    with pytest.raises(TerminatedWorkerError, match=r"EXIT\(1\)"):
        sweep.run([(f"size={n}",) for n in range(6)])
    processes = list(tmp_path.glob("sweep/*/process"))
    assert len(processes) >= 2
    for told in processes:
        with pytest.raises(ProcessLookupError):
            os.kill(int(told.read_text(encoding="utf-8")), 0)
    assert [one.return_value for one in sweep.run([("size=1",), ("size=2",)])] == [1, 2]


@pytest.mark.parametrize("workers", [1, 2, 8])
@pytest.mark.parametrize("jobs", [0, 1, 2, 7, 128, 1000])
def test_stretches_cover_all_jobs_in_order_and_the_last_ones_are_single(workers: int, jobs: int) -> None:
    stretches = list(stretches_for(workers, jobs))
    assert [job for stretch in stretches for job in range(jobs)[stretch]] == list(range(jobs))
    sizes = [stretch.stop - stretch.start for stretch in stretches]
    assert sizes == sorted(sizes, reverse=True)
    assert max(sizes, default=0) <= LONGEST
    assert set(sizes[-workers:]) <= {1}
