"""Each search does what its preset says, and the same again whenever it is asked."""

from dataclasses import astuple
from pathlib import Path
from typing import Any

import pytest
from app_runs import Run, run_app

from db.tables import HYPERPARAMETERS, METRICS, metric_column
from pipeline.hyperparameters import COMPONENT_WEIGHTS, POPULARITY_WEIGHTS, Phase1
from pipeline.parameters import parameters

NUMBERS = (
    "trial_number",
    *HYPERPARAMETERS,
    *(metric_column("validation", metric) for metric in METRICS),
    *(metric_column("test", metric) for metric in METRICS),
    "objective_value",
    "improvement_from_baseline",
    "config_key",
    "status",
    "error",
)


def assert_searched(run: Run, trials: int) -> None:
    """Check that all trials completed, that no two are the same, and that weights are shares."""
    assert run.code == 0, run.stderr
    assert list(run.statuses) == list(range(1, trials + 1))
    assert set(run.statuses.values()) == {"completed"}
    assert len(set(run.values(*HYPERPARAMETERS))) == trials
    assert len({row["config_key"] for row in run.rows.values()}) == trials
    assert len(run.history) == trials
    for row in run.rows.values():
        assert sum(row[name] for name in COMPONENT_WEIGHTS) == pytest.approx(1, abs=1e-9)
        assert sum(row[name] for name in POPULARITY_WEIGHTS) == pytest.approx(1, abs=1e-9)


def column(run: Run, name: str) -> list[Any]:
    return [value for (value,) in run.values(name)]


@pytest.mark.usefixtures("movielens")
def test_the_shipped_grid_completes_75_different_configurations_of_movielens(tmp_path: Path) -> None:
    run = run_app(tmp_path, "r", "-m", "search=grid", data=())
    assert_searched(run, trials=75)
    assert {row["tuning_method"] for row in run.rows.values()} == {"grid"}
    assert astuple(Phase1()) in run.values(*parameters(Phase1))
    best = max(column(run, "objective_value"))
    assert run.history[-1]["best_objective"] == best
    assert column(run, "validation_accuracy") == column(run, "objective_value")


@pytest.mark.usefixtures("movielens")
@pytest.mark.parametrize("search", ["random", "bayesian"])
def test_optuna_searches_movielens(tmp_path: Path, search: str) -> None:
    run = run_app(tmp_path, "r", "-m", f"search={search}", "hydra.sweeper.n_trials=3", data=())
    assert_searched(run, trials=3)


def test_the_shipped_bayesian_search_is_20_trials_from_the_shipped_configuration_and_repeats_itself(
    tmp_path: Path,
) -> None:
    cold = ("-m", "search=bayesian", "search.warm_start=false")
    one, two = (run_app(tmp_path, run_id, *cold) for run_id in ("one", "two"))
    assert_searched(one, trials=20)
    assert one.values(*NUMBERS) == two.values(*NUMBERS)
    for name in parameters(Phase1):
        assert one.rows[1][name] == pytest.approx(getattr(Phase1(), name), abs=1e-12), name
    phases = [row["exploration_phase"] for row in one.history]
    assert phases == ["exploration"] * 5 + ["exploitation"] * 15


def test_a_random_search_repeats_itself_whatever_runs_its_trials(tmp_path: Path) -> None:
    search = ("-m", "search=random", "hydra.sweeper.n_trials=5", "hydra.sweeper.n_jobs=2")
    serial = run_app(tmp_path, "serial", *search)
    assert_searched(serial, trials=5)
    assert run_app(tmp_path, "cores", *search, "launch=cores").values(*NUMBERS) == serial.values(*NUMBERS)
    again = run_app(tmp_path, "again", *search)
    assert again.values(*NUMBERS) == serial.values(*NUMBERS)
    other = run_app(tmp_path, "other", *search, "seed=43")
    assert not set(other.values(*HYPERPARAMETERS)) & set(serial.values(*HYPERPARAMETERS))


def test_fixed_and_listed_weights_keep_their_values_and_the_drawn_ones_share_the_rest(tmp_path: Path) -> None:
    fixed = ("model.genre_weight=0.42", "model.cast_lead_threshold=3")
    run = run_app(tmp_path, "fixed", "-m", "search=random", "hydra.sweeper.n_trials=5", *fixed)
    assert_searched(run, trials=5)
    assert column(run, "genre_weight") == pytest.approx([0.42] * 5, abs=1e-11)
    assert set(column(run, "cast_lead_threshold")) == {3}
    assert len(set(column(run, "rating_weight"))) == 5

    listed = ("model.genre_weight=choice(0.3,0.5)", "hydra.sweeper.n_trials=5")
    run = run_app(tmp_path, "listed", "-m", "search=bayesian", *listed)
    assert_searched(run, trials=5)
    assert {round(weight, 11) for weight in column(run, "genre_weight")} <= {0.3, 0.5}


def test_the_radius_widens_the_grid_and_a_fixed_value_leaves_it(tmp_path: Path) -> None:
    fixed = ("model.rating_weight=0.3", "model.genre_boost_low=-0.2")
    run = run_app(tmp_path, "r", "-m", "search=grid", "search.radius=0.2", *fixed)
    assert_searched(run, trials=5)
    # As used: the weight over the sum of all five.
    asked = [0.32, 0.36, 0.4, 0.44, 0.48]
    assert column(run, "genre_weight") == pytest.approx([weight / (0.6 + weight) for weight in asked])
    assert set(column(run, "genre_boost_low")) == {-0.2}


@pytest.mark.parametrize(
    ("objective", "metric"),
    [("quality", "ndcg"), ("balanced", "balanced_accuracy"), ("accuracy", "accuracy")],
)
def test_an_objective_is_its_metric_on_validation(tmp_path: Path, objective: str, metric: str) -> None:
    choice = "model.genre_weight=choice(0.3,0.4,0.5)"
    run = run_app(tmp_path, "r", "-m", "search=manual", choice, f"objective={objective}")
    assert_searched(run, trials=3)
    assert {row["objective"] for row in run.rows.values()} == {objective}
    assert column(run, "objective_value") == column(run, metric_column("validation", metric))
    assert f"r: best by {objective}" in run.stdout
