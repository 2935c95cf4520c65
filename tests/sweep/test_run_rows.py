"""What is recorded of a run as a whole."""

import json
import platform
import re
from pathlib import Path
from typing import Any

from app_runs import Run, run_app

from db.engine import connect
from db.runs import tuning_run


def row_of(run: Run) -> Any:
    found = tuning_run(connect(f"sqlite:///{run.home / 'movies.db'}"), run.run_id)
    assert found is not None
    return found


def test_a_run_says_what_it_searched_on_what_beside_what_and_by_which_command(tmp_path: Path) -> None:
    run = run_app(tmp_path, "r", "-m", "search=random", "hydra.sweeper.n_trials=2", "model.genre_weight=0.4")
    row = row_of(run)
    assert (row.tuning_method, row.objective, row.metric, row.second_metric) == (
        *("random", "accuracy", "accuracy"),
        None,
    )
    assert row.command.startswith("python src/tune_app.py data=synthetic ")
    assert row.command.endswith("-m search=random hydra.sweeper.n_trials=2 model.genre_weight=0.4")
    assert row.planned_trials == 2
    assert row.space["cast_lead_threshold"] == {"low": 1, "high": 10}
    assert "genre_weight" not in row.space
    assert row.split == run.metrics_of(1)["split"]
    assert row.attendance == run.metrics_of(1)["attendance"]
    assert row.reference_metrics["baseline"] == run.metrics_of(1)["baseline"]
    assert list(row.reference_metrics) == ["baseline", "best constant", "popularity", "bias"]
    assert row.environment["python"] == platform.python_version()
    assert re.fullmatch(r"[0-9a-f]{12}\+?", row.environment["commit"] or "0" * 12)
    assert row.started_at < row.ended_at
    assert row.stop_reason is None


def test_a_single_trial_is_a_run_too(tmp_path: Path) -> None:
    row = row_of(run_app(tmp_path, "one"))
    assert (row.tuning_method, row.planned_trials, row.space) == ("manual", 1, {})
    assert row.ended_at is not None


def test_a_search_with_two_aims_names_the_second(tmp_path: Path) -> None:
    run = run_app(tmp_path, "r", "-m", "search=pareto", "hydra.sweeper.n_trials=2")
    assert row_of(run).second_metric == "ndcg"


def test_a_rule_that_stopped_a_run_is_printed_recorded_and_no_failure_and_stops_a_replay_alike(
    tmp_path: Path,
) -> None:
    search = ("-m", "search=random", "hydra.sweeper.n_trials=30", "search.patience=2")
    run = run_app(tmp_path, "r", *search)
    assert run.code == 0, run.stderr
    assert 3 <= len(run.rows) < 30
    reason = "search.patience=2: none of the last 2 trials was a new best"
    assert f"r: stopped early by {reason}" in run.stderr
    assert row_of(run).stop_reason == reason

    again = run_app(tmp_path, "r", *search)
    assert again.code == 0, again.stderr
    assert (again.rows, row_of(again).stop_reason) == (run.rows, reason)

    further = run_app(tmp_path, "r", *search[:2], f"hydra.sweeper.n_trials={len(run.rows) + 1}")
    assert further.code == 0, further.stderr
    assert len(further.rows) == len(run.rows) + 1
    assert row_of(further).stop_reason is None


def test_what_a_run_is_held_against_is_kept_where_people_can_read_it(tmp_path: Path) -> None:
    run = run_app(
        tmp_path, "r", "-m", "search=refine", "hydra.sweeper.n_trials=10", "search.warm_start=false"
    )
    kept = json.loads((run.folder / "run.json").read_text(encoding="utf-8"))
    assert (kept["rounds"], kept["ancestors"]) == ({"broad": 4, "focused": 8}, [])
    phases = [row["exploration_phase"] for row in run.history]
    assert phases == ["broad"] * 4 + ["focused"] * 4 + ["fine"] * 2
    parents = [row["parent_experiment_id"] for row in run.rows.values()]
    assert parents[:4] == [None] * 4
    assert all(str(parent).startswith("r_0") for parent in parents[4:])
