"""A search begins with what others measured on the same problem, a resumed one with the same again."""

import json
import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from app_runs import Run, run_app, what_counts

RANDOM = ("-m", "search=random", "hydra.sweeper.n_trials=4")
BAYESIAN = ("-m", "search=bayesian", "search.exploration_trials=5")


def bayesian(home: Path, run_id: str, trials: int, *arguments: str) -> Run:
    run = run_app(home, run_id, *BAYESIAN, f"hydra.sweeper.n_trials={trials}", *arguments)
    assert run.code == 0, run.stderr
    return run


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("warm")
    assert run_app(folder, "first", *RANDOM).code == 0
    return folder


def ancestors(run: Run) -> list[str]:
    return list(json.loads((run.folder / "run.json").read_text(encoding="utf-8"))["ancestors"])


def test_a_trial_says_what_it_grew_from_once_there_is_something_to_exploit(home: Path) -> None:
    run = bayesian(home, "warm", 3)
    assert "warm: warm start from 4 experiments of other runs" in run.stderr
    assert ancestors(run) == [f"first_{number:03d}" for number in range(1, 5)]
    # Four ancestors and one trial explored; the next one grows from the best of those five.
    assert [row["exploration_phase"] for row in run.history] == ["exploration", *["exploitation"] * 2]
    first = Run(home, "first", 0, "", "").rows
    known = [*first.values(), run.rows[1]]
    best = max(known, key=lambda row: row["objective_value"])["experiment_id"]
    assert [row["parent_experiment_id"] for row in run.rows.values()][:2] == [None, best]


@pytest.mark.parametrize(
    "different",
    [
        ["search.warm_start=false"],
        ["objective=quality"],
        ["split.train_until=0.5"],
        ["data.seed=8"],
    ],
)
def test_what_was_measured_on_or_for_something_else_is_not_begun_with(
    home: Path, different: Sequence[str]
) -> None:
    run = bayesian(home, "cold_" + different[0].translate(str.maketrans("=.", "__")), 1, *different)
    assert ancestors(run) == []


def test_what_lies_outside_todays_space_is_left_out_and_counted(home: Path) -> None:
    run = bayesian(home, "fixed", 1, "model.genre_boost_high=0.123")
    assert ancestors(run) == []
    said = r"warm start from 0 experiments of other runs; [1-9]\d* more lie outside today's space"
    assert re.search(said, run.stderr), run.stderr


def test_a_run_goes_on_from_what_it_began_with_whatever_was_measured_since(tmp_path: Path) -> None:
    stopped, whole = tmp_path / "stopped", tmp_path / "whole"
    for folder in (stopped, whole):
        folder.mkdir()
        assert run_app(folder, "first", *RANDOM).code == 0
    bayesian(stopped, "run", 3)
    assert run_app(stopped, "later", *RANDOM, "seed=7").code == 0

    resumed, at_once = bayesian(stopped, "run", 6), bayesian(whole, "run", 6)
    assert what_counts(list(resumed.rows.values())) == what_counts(list(at_once.rows.values()))
    assert what_counts(resumed.history) == what_counts(at_once.history)
