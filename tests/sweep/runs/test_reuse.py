"""A configuration that was measured is not measured again, unless that is asked for."""

from pathlib import Path

import pytest
from app_runs import Run, run_app

SEARCH = ("-m", "search=random", "hydra.sweeper.n_trials=4", "reuse=true")
# Would fail every trial that is measured.
NEVER_MEASURED = dict.fromkeys(range(1, 5), "raise")


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return run_app(tmp_path_factory.mktemp("reuse"), "first", *SEARCH)


def test_the_first_run_measures(first: Run) -> None:
    assert first.code == 0, first.stderr
    assert {row["reused_from"] for row in first.rows.values()} == {None}


def test_the_same_configurations_are_answered_from_the_record(first: Run) -> None:
    again = run_app(first.home, "again", *SEARCH, faults=NEVER_MEASURED)

    assert again.code == 0, again.stdout
    assert [row["reused_from"] for row in again.rows.values()] == [f"first_{n:03d}" for n in first.rows]
    metrics = [name for name in first.rows[1] if name.startswith(("validation_", "test_", "objective"))]
    assert again.values(*metrics) == first.values(*metrics)
    for trial in first.rows:
        for name in ("metrics", "user_groups"):
            assert again.metrics_of(trial)[name] == first.metrics_of(trial)[name]
        assert again.metrics_of(trial)["reused_from"] == f"first_{trial:03d}"
        assert (again.folder / f"{trial:03d}" / "per_user.npz").is_file()


def test_the_summary_says_what_was_not_measured_now(first: Run) -> None:
    told = run_app(first.home, "told", *SEARCH).stdout

    said = "4 of 4 trials were measured before and taken from the record"
    assert said in " ".join(told.split())


def test_another_objective_reads_its_own_metric_from_the_same_numbers(first: Run) -> None:
    quality = run_app(first.home, "quality", *SEARCH, "objective=quality", faults=NEVER_MEASURED)

    assert quality.code == 0, quality.stdout
    assert quality.values("objective_value") == first.values("recommendation_quality_score")


def test_the_first_measurement_is_named_however_often_it_is_reused(first: Run) -> None:
    run_app(first.home, "second", *SEARCH)
    third = run_app(first.home, "third", *SEARCH)

    assert third.rows[1]["reused_from"] == "first_001"


@pytest.mark.parametrize("changed", ["reuse=false", "split.train_until=0.5", "data.seed=11"])
def test_other_numbers_are_measured(changed: str, first: Run) -> None:
    other = run_app(first.home, changed.replace("=", "_"), *SEARCH, changed)

    assert other.code == 0, other.stderr
    assert {row["reused_from"] for row in other.rows.values()} == {None}


def test_a_trial_whose_folder_was_cleaned_away_is_measured_again(tmp_path: Path) -> None:
    first = run_app(tmp_path, "first", *SEARCH)
    (first.folder / "002" / "per_user.npz").unlink()
    again = run_app(tmp_path, "again", *SEARCH)

    sources = [row["reused_from"] for row in again.rows.values()]
    assert sources == ["first_001", None, "first_003", "first_004"]
    assert again.values("objective_value") == first.values("objective_value")
