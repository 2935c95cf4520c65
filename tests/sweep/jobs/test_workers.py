"""A sweep by our workers leaves what it leaves by those of hydra-joblib-launcher: every byte and row."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from app_runs import Run, run_app, what_counts
from command import snapshot
from hydra.plugins.launcher import Launcher
from hydra_plugins.hydra_joblib_launcher.joblib_launcher import JoblibLauncher
from joblib.externals.loky import get_reusable_executor
from test_launcher import OTHERS, timeless

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


@pytest.mark.parametrize("workers", [1, 2, 8])
@pytest.mark.parametrize("jobs", [0, 1, 2, 7, 128, 1000])
def test_stretches_cover_all_jobs_in_order_and_the_last_ones_are_single(workers: int, jobs: int) -> None:
    stretches = list(stretches_for(workers, jobs))
    assert [job for stretch in stretches for job in range(jobs)[stretch]] == list(range(jobs))
    sizes = [stretch.stop - stretch.start for stretch in stretches]
    assert sizes == sorted(sizes, reverse=True)
    assert max(sizes, default=0) <= LONGEST
    assert set(sizes[-workers:]) <= {1}
