"""What a run leaves behind is complete, can be read by anyone, and measures the same again."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from app_runs import Run, run_app, yaml_file

from db.tables import HYPERPARAMETERS, METRICS, metric_column
from pipeline.contributions import PER_USER_FILE, read_contributions
from pipeline.hyperparameters import Phase1
from pipeline.metrics import PerUser
from pipeline.parameters import parameters

KEYS = (
    "experiment_id",
    "parent_experiment_id",
    "objective",
    "improvement_from_baseline",
    "model",
    "hyperparameters",
    "reused_from",
    "metrics",
    "ranking_sample",
    "user_groups",
    "baseline",
    "references",
    "split",
    "attendance",
    "data",
    "data_fingerprint",
    "config_key",
    "code_version",
    "versions",
    "seed",
    "duration_seconds",
)
SEARCH = ("-m", "search=random", "hydra.sweeper.n_trials=2")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return run_app(tmp_path_factory.mktemp("outputs"), "r", *SEARCH)


def test_a_trials_folder_is_complete(run: Run) -> None:
    assert run.code == 0, run.stderr
    assert sorted(path.name for path in run.folder.iterdir()) == [
        "001",
        "002",
        "baseline_per_user.npz",
        "report.html",
        "run.json",
        "sweep.log",
    ]
    for trial in ("001", "002"):
        found = {str(p.relative_to(run.folder / trial)) for p in (run.folder / trial).rglob("*.*")}
        hydra = {".hydra", ".hydra/config.yaml", ".hydra/hydra.yaml", ".hydra/overrides.yaml"}
        assert found == hydra | {"metrics.json", "per_user.npz", "trial.log"}
        overrides = yaml_file(run.folder / trial / ".hydra" / "overrides.yaml")
        assert any(line.startswith("model.genre_weight=") for line in overrides)
        assert f"r_{trial} accuracy = " in (run.folder / trial / "trial.log").read_text(encoding="utf-8")
    assert run.rows[2]["output_dir"] == str(run.folder / "002")


def test_metrics_json_says_all_that_the_record_says_and_no_nan(run: Run) -> None:
    for trial, row in run.rows.items():
        text = (run.folder / f"{trial:03d}" / "metrics.json").read_text(encoding="utf-8")
        content = json.loads(text, parse_constant=pytest.fail)
        assert tuple(content) == KEYS
        assert content["experiment_id"] == row["experiment_id"] == f"r_{trial:03d}"
        assert content["parent_experiment_id"] is None
        assert content["objective"] == {"name": "accuracy", "value": row["objective_value"]}
        assert content["hyperparameters"] == {name: row[name] for name in parameters(Phase1)}
        for part in ("validation", "test"):
            measured = {metric: row[metric_column(part, metric)] for metric in METRICS}
            assert content["metrics"][part] == measured
            assert set(content["baseline"][part]) == set(METRICS)
        assert set(content["references"]) == {"best constant", "popularity", "bias"}
        for key in ("config_key", "data_fingerprint", "code_version", "seed", "duration_seconds"):
            assert content[key] == row[key]
        assert content["data"]["name"] == "synthetic"
        assert content["split"]["name"] == "per_user"
        assert set(content["versions"]) == {"python", "numpy", "scipy", "hydra-core", "optuna"}
        gain = content["metrics"]["validation"]["accuracy"] - content["baseline"]["validation"]["accuracy"]
        assert row["improvement_from_baseline"] == gain == content["improvement_from_baseline"]


@pytest.mark.parametrize("part", ["validation", "test"])
def test_the_per_user_figures_add_up_to_the_metrics(run: Run, part: str) -> None:
    metrics = run.metrics_of(1)["metrics"][part]
    with np.load(run.folder / "001" / "per_user.npz", allow_pickle=False) as arrays:
        assert set(arrays) == {
            f"{p}.{name}" for p in ("validation", "test") for name in PerUser.__dataclass_fields__
        }
    kept = read_contributions(run.folder / "001" / PER_USER_FILE, part)
    assert kept is not None
    assert len(kept.ratings) == len(kept.hits) == len(kept.ndcg) == len(kept.recall) == 40
    assert kept.hits.sum() / kept.ratings.sum() == metrics["accuracy"]
    levels = kept.hits.sum(axis=0) / kept.ratings.sum(axis=0)
    assert levels.mean() == pytest.approx(metrics["balanced_accuracy"], rel=1e-12)
    assert np.nanmean(kept.ndcg) == pytest.approx(metrics["ndcg"], rel=1e-12)
    assert np.nanmean(kept.recall) == pytest.approx(metrics["recall"], rel=1e-12)
    assert np.sqrt(kept.squares.sum() / kept.ratings.sum()) == pytest.approx(metrics["rmse"], rel=1e-12)


@pytest.mark.parametrize("part", ["validation", "test"])
def test_groups_of_users_add_up_to_the_metrics(run: Run, part: str) -> None:
    content = run.metrics_of(1)
    groups, metrics = content["user_groups"][part], content["metrics"][part]
    measured = [one for one in groups if one["users"]]
    assert sum(one["users"] for one in measured) == 40
    ratings = sum(one["ratings"] for one in measured)
    hits = sum(one["ratings"] * one["accuracy"] for one in measured)
    assert hits / ratings == pytest.approx(metrics["accuracy"], rel=1e-12)
    squares = sum(one["ratings"] * one["rmse"] ** 2 for one in measured)
    assert (squares / ratings) ** 0.5 == pytest.approx(metrics["rmse"], rel=1e-12)
    # Nobody is new where each user's own ratings are split.
    assert groups[0]["users"] == 0
    assert groups[0]["accuracy"] is None


@pytest.mark.parametrize("name", ["squares", "fitted"])
def test_figures_that_an_older_version_wrote_are_none(run: Run, tmp_path: Path, name: str) -> None:
    with np.load(run.folder / "001" / PER_USER_FILE, allow_pickle=False) as arrays:
        kept = {key: array for key, array in arrays.items() if not key.endswith(f".{name}")}
    np.savez_compressed(tmp_path / PER_USER_FILE, **kept)
    assert read_contributions(tmp_path / PER_USER_FILE, "test") is None


def test_figures_that_were_cleaned_away_are_none(tmp_path: Path) -> None:
    assert read_contributions(tmp_path / PER_USER_FILE, "test") is None
    assert read_contributions(tmp_path / "gone" / PER_USER_FILE, "test") is None


def test_hydras_chatter_is_in_the_sweeps_log_and_not_on_the_terminal(run: Run) -> None:
    log = (run.folder / "sweep.log").read_text(encoding="utf-8")
    assert "hydra" in log
    assert re.search(r"#1 ?: model\.genre_weight=", log)
    said = run.stdout + run.stderr
    assert not re.search(r"\[HYDRA\]|\[INFO\]|\[WARNING\]|Warning|optuna|#0", said), said


def test_a_trial_measured_again_from_its_folder_gives_the_same_numbers_to_the_last_bit(run: Run) -> None:
    def measured(content: dict[str, Any]) -> dict[str, Any]:
        numbers = ("metrics", "user_groups", "baseline", "references")
        same = (*numbers, "hyperparameters", "config_key", "seed", "split", "data")
        return {key: content[key] for key in same}

    again = run_app(run.home, "again", f"rerun={run.folder / '002'}")
    assert again.code == 0, again.stderr
    assert measured(again.metrics_of(1)) == measured(run.metrics_of(2))
    assert again.rows[1]["parent_experiment_id"] == "r_002"
    assert again.metrics_of(1)["parent_experiment_id"] == "r_002"
    assert again.values("config_key", *HYPERPARAMETERS) == run.values("config_key", *HYPERPARAMETERS)[1:]
    left, right = (
        read_contributions(r.folder / n / PER_USER_FILE, "test") for r, n in ((again, "001"), (run, "002"))
    )
    assert left is not None
    assert right is not None
    for name in PerUser.__dataclass_fields__:
        np.testing.assert_array_equal(getattr(left, name), getattr(right, name))
