"""A run that is killed, at any moment and any number of times, ends as one that never was."""

import json
import os
import random
import signal
import time
from pathlib import Path

import pytest
from app_runs import Run, run_app, start_app, what_counts

SEARCHES = {
    "random": ("-m", "search=random", "hydra.sweeper.n_trials=40"),
    "bayesian": ("-m", "search=bayesian", "hydra.sweeper.n_trials=40"),
    "cmaes": ("-m", "search=cmaes", "hydra.sweeper.n_trials=40"),
    "two workers": ("-m", "search=random", "launch=cores"),
}
# Kills of one run; the many, of every search, are what .ci/run asks for.
FEW, MANY = 2, 20
KILLED = [
    ("random", FEW),
    ("bayesian", FEW),
    *(pytest.param(search, MANY, marks=pytest.mark.slow) for search in SEARCHES),
]


def kill_somewhere(moments: random.Random, home: Path, run_id: str, arguments: tuple[str, ...]) -> bool:
    """Start a run, kill its parent process without warning, and say whether it was still at it.

    One kill of four falls into the start, the others fall behind the first trial that is begun.
    """
    begun = trials_of(home, run_id)
    process = start_app(home, run_id, *arguments)
    if moments.random() < 0.25:
        time.sleep(moments.uniform(0, 2))
    else:
        while process.poll() is None and trials_of(home, run_id) == begun:
            time.sleep(0.01)
        time.sleep(moments.uniform(0, 0.3))
    was_running = process.poll() is None
    process.kill()  # one that has ended is left alone
    # Workers that live on may hold the pipes; their answers are not waited for.
    process.wait()
    for pipe in (process.stdout, process.stderr):
        assert pipe is not None
        pipe.close()
    return was_running


def trials_of(home: Path, run_id: str) -> int:
    return len(list((home / "outputs" / run_id).glob("[0-9]*")))


@pytest.mark.parametrize(("search", "kills"), KILLED)
def test_a_run_killed_again_and_again_ends_bit_for_bit_as_one_that_never_was(
    search: str, kills: int, tmp_path: Path
) -> None:
    # More trials than end between the kills, however fast the machine is.
    n_trials = 20 * kills if search == "two workers" else max(40, 7 * kills)
    arguments = (*SEARCHES[search], f"hydra.sweeper.n_trials={n_trials}")
    whole_home, home = tmp_path / "whole", tmp_path / "killed"
    whole_home.mkdir()
    home.mkdir()
    whole = run_app(whole_home, "run", *arguments)
    moments = random.Random(search)

    killed = [kill_somewhere(moments, home, "run", arguments) for _ in range(kills)]
    resumed = run_app(home, "run", *arguments)

    assert sum(killed) >= kills / 2
    assert (whole.code, resumed.code) == (0, 0), resumed.stderr
    assert what_counts(list(resumed.rows.values())) == what_counts(list(whole.rows.values()))
    assert what_counts(resumed.history) == what_counts(whole.history)
    for trial in whole.rows:
        assert resumed.metrics_of(trial)["metrics"] == whole.metrics_of(trial)["metrics"]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return run_app(tmp_path_factory.mktemp("finished"), "run", *BAYESIAN_12)


BAYESIAN_12 = ("-m", "search=bayesian", "hydra.sweeper.n_trials=12")


def test_a_finished_run_is_not_computed_again(finished: Run) -> None:
    again = run_app(finished.home, "run", *BAYESIAN_12)

    assert again.code == 0
    assert again.rows == finished.rows
    assert "12 of them finished before" in again.stderr


def test_a_run_that_is_extended_equals_one_that_was_longer_from_the_start(
    finished: Run, tmp_path: Path
) -> None:
    longer = ("-m", "search=bayesian", "hydra.sweeper.n_trials=16")
    run_app(tmp_path, "run", *BAYESIAN_12)
    extended = run_app(tmp_path, "run", *longer)
    (tmp_path / "other").mkdir()
    at_once = run_app(tmp_path / "other", "run", *longer)

    assert what_counts(list(extended.rows.values())) == what_counts(list(at_once.rows.values()))
    assert len(at_once.rows) == 16


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ("seed=7", "seed was 42, now it is 7"),
        ("data.seed=8", "data.seed was"),
        ("evaluation.ranking_users=5", "ranking_users was None, now it is 5"),
        ("split.train_until=0.5", "split.train_until was 0.6, now it is 0.5"),
        ("split=timeline", "split.name was per_user, now it is timeline"),
        ("objective=quality", "objective was accuracy, now it is quality"),
        ("'model.cast_lead_weight=interval(0.6,0.9)'", "space was"),
        ("model.accuracy_threshold=0.7", "model.accuracy_threshold was 0.65, now it is 0.7"),
        ("search=random", "search was bayesian, now it is random"),
    ],
)
def test_another_run_is_refused_with_the_difference_named(changed: str, named: str, finished: Run) -> None:
    started = time.monotonic()
    refused = run_app(finished.home, "run", *BAYESIAN_12, changed.strip("'"))

    assert refused.code == 2
    assert f"run_id run cannot be resumed: {named}" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert refused.rows == finished.rows
    assert time.monotonic() - started < 10


def test_a_trial_whose_process_is_gone_is_interrupted_at_the_next_start(tmp_path: Path) -> None:
    arguments = ("-m", "search=random", "hydra.sweeper.n_trials=3")
    hanging = start_app(tmp_path, "hanging", *arguments, faults={2: "hang"})
    wait_for_trial(tmp_path, "hanging", 2)
    os.kill(hanging.pid, signal.SIGKILL)
    hanging.communicate()

    run_app(tmp_path, "another", *arguments)
    assert Run(tmp_path, "hanging", 0, "", "").statuses == {1: "completed", 2: "interrupted"}

    resumed = run_app(tmp_path, "hanging", *arguments)
    assert resumed.statuses == dict.fromkeys((1, 2, 3), "completed")


def wait_for_trial(home: Path, run_id: str, trial: int) -> None:
    folder = home / "outputs" / run_id / f"{trial:03d}" / ".hydra"
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if folder.is_dir() and (home / "movies.db").exists() and trial in Run(home, run_id, 0, "", "").rows:
            return
        time.sleep(0.05)
    pytest.fail(f"trial {trial} did not begin")


def test_the_identity_of_a_run_is_kept_where_people_can_read_it(finished: Run) -> None:
    identity = json.loads((finished.folder / "run.json").read_text(encoding="utf-8"))

    assert identity["search"] == "bayesian"
    assert identity["seed"] == 42
    assert any(line.startswith("model.genre_weight=") for line in identity["space"])
