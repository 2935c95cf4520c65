"""Bar R3: whatever goes wrong in a trial is one failed row with a reason, and the others go on."""

import re
import subprocess
import time
from pathlib import Path

import pytest
from app_runs import Run, press_ctrl_c, run_app, start_app
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from sweep.runs.launching import AT_ONCE, stretches

FAULTS = {1: "nan", 2: "inf", 3: "none", 4: "str", 5: "raise", 6: "hang"}
REASONS = {
    "nan": "validation accuracy must be a finite number, got nan",
    "inf": "validation accuracy must be a finite number, got inf",
    "none": "objective accuracy is not defined: no user has a relevant movie in validation",
    "str": "validation accuracy must be a finite number, got 'much'",
    "raise": "RuntimeError: the fault of the test",
    "hang": "time_limit of 0.4 s is over",
    "exit": "the worker died: EXIT(1)",
    "kill": "the worker died: SIGKILL(-9)",
}
EIGHT = "model.cast_background_weight=choice(0.01,0.02,0.03,0.04,0.05,0.06,0.07,0.08)"
GRID = ("-m", EIGHT, "time_limit=0.4")
RANDOM = ("-m", "search=random", "hydra.sweeper.n_trials=8", "time_limit=0.4")


def assert_told(run: Run, reasons: dict[int, str], total: int) -> None:
    """Check the rows, the history, the folder, the exit code and the terminal of a run with failures."""
    assert sorted(run.rows) == list(range(1, total + 1))
    assert {n: row["error"] for n, row in run.rows.items() if row["status"] == "failed"} == reasons
    completed = [n for n, row in run.rows.items() if row["status"] == "completed"]
    assert completed == [n for n in run.rows if n not in reasons]
    for n in reasons:
        assert run.rows[n]["objective_value"] is None
        assert run.rows[n]["duration_seconds"] > 0
    assert [row["iteration"] for row in run.history] == list(run.rows)
    assert [row["experiment_id"] for row in run.history] == [r["experiment_id"] for r in run.rows.values()]
    assert run.code == 1
    assert f"{len(reasons)} of {total} trials failed:" in run.stdout
    for n, reason in reasons.items():
        assert f"{n:03d}: {reason}\n" in run.stdout
    for n in completed:
        assert f"\n{n:03d} " in run.stdout
    assert "Traceback" not in run.stdout + run.stderr
    begins, *counts = run.stderr.splitlines()
    assert begins.startswith(f"r: {total} trials of phase1")
    assert counts[-1].startswith(f"{total}/{total} trials, ")
    assert all(re.match(r"\d+/\d+ trials, ", line) for line in counts), run.stderr


@pytest.mark.parametrize("search", [GRID, RANDOM], ids=["grid", "random"])
def test_each_fault_is_one_failed_trial_and_the_others_complete(
    tmp_path: Path, search: tuple[str, ...]
) -> None:
    run = run_app(tmp_path, "r", *search, faults=FAULTS)
    assert_told(run, {n: REASONS[fault] for n, fault in FAULTS.items()}, total=8)
    assert "Traceback" in (run.folder / "005" / "trial.log").read_text(encoding="utf-8")
    assert "Traceback" not in (run.folder / "001" / "trial.log").read_text(encoding="utf-8")
    assert not (run.folder / "001" / "metrics.json").exists()


@pytest.mark.parametrize(
    ("search", "faults"),
    [
        pytest.param(GRID, {1: "nan", 2: "hang", 4: "exit", 5: "kill"}, id="grid", marks=pytest.mark.slow),
        pytest.param(RANDOM, {2: "exit", 5: "raise"}, id="random"),
    ],
)
def test_a_dying_worker_takes_no_other_trial_with_it(
    tmp_path: Path, search: tuple[str, ...], faults: dict[int, str]
) -> None:
    run = run_app(tmp_path, "r", *search, "launch=cores", faults=faults)
    assert_told(run, {n: REASONS[fault] for n, fault in faults.items()}, total=8)


def test_thresholds_out_of_order_fail_their_trial_alone(tmp_path: Path) -> None:
    run = run_app(tmp_path, "r", "-m", "model.genre_threshold_low=choice(0.3,0.8)")
    reason = "model.genre_threshold_low must be at most genre_threshold_medium (0.5), got 0.8"
    assert_told(run, {2: reason}, total=2)
    assert run.rows[2]["genre_threshold_low"] == 0.8


@pytest.mark.parametrize(
    "search",
    [
        ("model.cast_background_weight=0.1,0.2",),
        ("search=bayesian", "search.warm_start=false", "hydra.sweeper.n_trials=2"),
    ],
    ids=["grid", "bayesian"],
)
def test_a_run_whose_trials_all_failed_says_so(tmp_path: Path, search: tuple[str, ...]) -> None:
    run = run_app(tmp_path, "r", "-m", *search, faults={1: "nan", 2: "raise"})
    assert_told(run, {1: REASONS["nan"], 2: REASONS["raise"]}, total=2)
    assert "r: no trial completed" in run.stdout


def test_a_single_run_that_fails_says_why_and_exits_with_1(tmp_path: Path) -> None:
    run, reason = run_app(tmp_path, "r", faults={1: "raise"}), REASONS["raise"]
    assert run.code == 1
    assert {n: row["error"] for n, row in run.rows.items()} == {1: reason}
    assert len(run.history) == 1
    assert f"1 of 1 trials failed:\n  001: {reason}\n" in run.stdout
    assert "Traceback" not in run.stdout + run.stderr
    assert "Traceback" in (run.folder / "001" / "trial.log").read_text(encoding="utf-8")


def test_a_trial_that_could_not_record_its_failure_is_failed_by_the_run(tmp_path: Path) -> None:
    run = run_app(tmp_path, "r", "-m", "model.cast_background_weight=0.1,0.2", faults={1: "unrecordable"})
    assert_told(run, {1: "the trial could not record its result; its trial.log says why"}, total=2)
    assert "database is locked" in (run.folder / "001" / "trial.log").read_text(encoding="utf-8")


def wait_for(home: Path, process: subprocess.Popen[str], trial: int, status: str) -> None:
    """Wait until a trial has come as far as this."""
    engine = create_engine(f"sqlite:///{home / 'movies.db'}")
    question = text("SELECT count(*) FROM hp_experiments WHERE trial_number = :trial AND status = :status")
    for _ in range(600):
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
        if not (home / "movies.db").exists():
            continue
        try:
            with engine.connect() as connection:
                if connection.scalar(question, {"trial": trial, "status": status}):
                    break
        except OperationalError:  # the tables are being made
            continue
    engine.dispose()


@pytest.mark.parametrize("launch", ["serial", "cores"])
def test_ctrl_c_keeps_what_is_finished_and_interrupts_what_is_in_flight(tmp_path: Path, launch: str) -> None:
    search = ("-m", "search=random", "hydra.sweeper.n_trials=5", f"launch={launch}", "hydra.sweeper.n_jobs=1")
    process = start_app(tmp_path, "r", *search, faults={3: "hang"})
    wait_for(tmp_path, process, 3, "pending")
    wait_for(tmp_path, process, 2, "completed")  # by another worker, which may have started later
    run = press_ctrl_c(process, tmp_path, "r")
    assert run.code == 130
    assert run.statuses.items() >= {1: "completed", 2: "completed", 3: "interrupted"}.items()
    assert len(run.history) == list(run.statuses.values()).count("completed")
    assert "r: best by accuracy" in run.stdout
    assert run.stderr.splitlines()[-1] == "interrupted; add run_id=r to the command to go on"
    assert "Traceback" not in run.stdout + run.stderr


def test_ctrl_c_in_a_single_run_interrupts_its_trial(tmp_path: Path) -> None:
    process = start_app(tmp_path, "r", faults={1: "hang"})
    wait_for(tmp_path, process, 1, "pending")
    run = press_ctrl_c(process, tmp_path, "r")
    assert run.code == 130
    assert run.statuses == {1: "interrupted"}
    assert run.stderr.splitlines()[-1] == "interrupted"


def test_jobs_that_had_begun_are_tried_alone_and_the_rest_in_stretches() -> None:
    assert list(stretches([0, 1, 2, 3, 5, 6, 7], alone=[1, 6])) == [[0], [1], [2, 3], [5], [6], [7]]
    assert list(stretches([], alone=[])) == []


def test_no_more_jobs_are_launched_at_once_than_a_launcher_can_hold() -> None:
    assert [len(stretch) for stretch in stretches(range(2 * AT_ONCE + 1), alone=[])] == [AT_ONCE, AT_ONCE, 1]
