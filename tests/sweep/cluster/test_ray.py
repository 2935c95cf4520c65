"""Bars R4 and T5: trials on a real Ray, recorded in a real PostgreSQL, one of whose workers is killed.

Ray takes ten seconds to start, and more on a busy machine, so that one run answers all questions.
"""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pytest
from app_runs import run_app
from databases import new_database, postgresql_server
from ray_runs import Rows, asked, listening, numbers, pids_of_session, rows_of, started, wait_for

__all__ = ["postgresql_server"]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("ray") is None, reason="launch=ray needs the extra ray"),
]
# A search that learns, so that one other number would change all that come after it.
SEARCH = ("-m", "search=bayesian", "search.warm_start=false", "hydra.sweeper.n_jobs=10")
FIFTY = "hydra.sweeper.n_trials=50"
# 127.0.0.1 in tcp and tcp6, as Linux writes them.
LOOPBACK = {"0100007F", "0000000000000000FFFF00000100007F"}


@dataclass(frozen=True)
class RayRun:
    home: Path
    url: str
    code: int
    stdout: str
    stderr: str
    listened_on: set[str]

    @property
    def folder(self) -> Path:
        return self.home / "outputs" / "ray"

    @property
    def rows(self) -> Rows:
        return rows_of(self.url, "ray")


@pytest.fixture(scope="module")
def on_ray(postgresql_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RayRun]:
    home, url = tmp_path_factory.mktemp("ray"), new_database(postgresql_server)
    process = started(home, url, "ray", *SEARCH, FIFTY, "launch=ray", faults={7: "kill once"})
    wait_for(url, "ray", process, "status = 'completed'")
    listened_on = listening(pids_of_session(process.pid))
    stdout, stderr = process.communicate(timeout=280)
    yield RayRun(home, url, process.returncode, stdout, stderr, listened_on)
    shutil.rmtree(home)


def test_a_killed_worker_loses_nothing(on_ray: RayRun) -> None:
    assert on_ray.code == 0, on_ray.stderr
    rows = on_ray.rows
    assert {number: row["status"] for number, row in rows.items()} == dict.fromkeys(range(1, 51), "completed")
    assert {number: row["attempts"] for number, row in rows.items() if row["attempts"] != 1} == {7: 2}
    steps = asked(
        on_ray.url, "SELECT iteration, experiment_id FROM hp_tuning_history WHERE tuning_run_id = :run", "ray"
    )
    assert {step["iteration"]: step["experiment_id"] for step in steps} == {
        number: row["experiment_id"] for number, row in rows.items()
    }
    assert len(steps) == 50


def test_a_run_on_ray_tells_and_leaves_what_any_other_does(on_ray: RayRun) -> None:
    assert re.search(r"experiments +50 of 50 completed", on_ray.stdout)
    begins, *counts = on_ray.stderr.splitlines()
    assert begins.startswith("ray: 50 trials of phase1 by bayesian")
    assert all(re.match(r"\d+/50 trials", line) for line in counts), counts
    names = [f"{number:03d}" for number in range(1, 51)]
    assert sorted(folder.name for folder in on_ray.folder.glob("[0-9]*")) == names
    left = {".hydra", "metrics.json", "per_user.npz", "trial.log"}
    assert all({path.name for path in (on_ray.folder / name).iterdir()} == left for name in names)
    assert "#6 : " in (on_ray.folder / "sweep.log").read_text(encoding="utf-8")


def test_a_ray_of_our_own_listens_to_this_machine_alone(on_ray: RayRun) -> None:
    assert on_ray.listened_on
    assert on_ray.listened_on <= LOOPBACK


@pytest.mark.parametrize(("launch", "trials"), [("serial", 50), ("basic", 20), ("cores", 20)])
def test_the_same_seed_gives_the_same_bits_whatever_runs_the_trials(
    on_ray: RayRun, tmp_path: Path, launch: str, trials: int
) -> None:
    run = run_app(tmp_path, launch, *SEARCH, f"hydra.sweeper.n_trials={trials}", f"launch={launch}")
    assert run.code == 0, run.stderr
    assert len(run.rows) == trials
    assert numbers(run.rows) == numbers(on_ray.rows)[:trials]


def test_the_password_of_the_record_is_nowhere_in_what_the_run_left(on_ray: RayRun) -> None:
    """Nor its host: what travels and what is kept is the name of a variable."""
    for path in on_ray.folder.rglob("*"):
        if path.is_file():
            assert on_ray.url.encode() not in path.read_bytes(), path
