"""A model with a hyperparameter that is text: searched, read back, taken up again and told in every form."""

import json
import re
from pathlib import Path

import pytest
from app_runs import Run, run_app
from command import report_here

from report.forms import FORMS

# What is fixed, so that a text and one number are left to vary.
NUMBERS = ("collaborative_weight=0.9", "collaborative_regularization=250", "collaborative_half_life=50")
NUMBERS += ("sequence_half_life=12", "popularity_discount=0.7", "taste_level_variance=0.2")
NUMBERS += ("taste_genre_variance=0.12", "taste_era_variance=0.1", "taste_neighbour_variance=0.6")
NUMBERS += ("taste_drift_variance=0.12", "taste_drift_half_life=60", "movie_level_variance=0.2")
NUMBERS += ("movie_neighbour_variance=0.35", "pattern_weight=0.9")
FIXED = ("model=phase3", *(f"model.{line}" for line in NUMBERS))
TEXTS = {"linear", "isotonic", "tolerance"}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("texts")


@pytest.fixture(scope="module")
def searched(home: Path) -> Run:
    """Twenty trials, as many as importances need."""
    run = run_app(home, "searched", "-m", "search=random", *FIXED, "hydra.sweeper.n_trials=20")
    assert run.code == 0, run.stderr
    return run


def calibrations(run: Run) -> list[str]:
    return [row["calibration"] for row in run.rows.values()]


def test_a_search_draws_texts_and_records_them(searched: Run) -> None:
    assert set(calibrations(searched)) == TEXTS
    assert searched.metrics_of(1)["hyperparameters"]["calibration"] == searched.rows[1]["calibration"]


def test_a_run_typed_again_takes_its_trials_from_the_record(home: Path, searched: Run) -> None:
    before = searched.rows
    again = run_app(home, "searched", "-m", "search=random", *FIXED, "hydra.sweeper.n_trials=20")
    assert again.code == 0, again.stderr
    assert again.rows == before


@pytest.mark.parametrize("search", ["bayesian", "cmaes", "refine"])
def test_a_search_with_a_text_repeats_itself(tmp_path: Path, search: str) -> None:
    typed = ("-m", f"search={search}", *FIXED, "hydra.sweeper.n_trials=15")
    first, second = (run_app(tmp_path / name, "r", *typed) for name in ("a", "b") if _made(tmp_path / name))
    assert first.code == second.code == 0, first.stderr + second.stderr
    assert first.values("calibration", "sequence_weight") == second.values("calibration", "sequence_weight")
    assert first.rows[1]["calibration"] == "tolerance"


def _made(folder: Path) -> bool:
    folder.mkdir()
    return True


def test_another_run_begins_with_what_was_found_under_its_texts_alone(tmp_path: Path) -> None:
    before = run_app(tmp_path, "before", "-m", "search=random", *FIXED, "hydra.sweeper.n_trials=6")
    linear = calibrations(before).count("linear")
    assert 0 < linear < 6
    typed = ("-m", "search=bayesian", *FIXED, "search.preview=true")
    assert "warm start from 6 experiments of other runs\n" in run_app(tmp_path, "all", *typed).stdout
    some = run_app(tmp_path, "some", *typed, "model.calibration=linear").stdout
    assert f"warm start from {linear} experiments of other runs; {6 - linear} more lie outside" in some


def test_the_best_of_a_run_are_confirmed_with_their_texts(home: Path, searched: Run) -> None:
    run = run_app(home, "confirmed", "-m", "search=confirm", "model=phase3", "search.of=searched")
    assert run.code == 0, run.stderr
    found = {row["experiment_id"]: row["calibration"] for row in searched.rows.values()}
    for row in run.rows.values():
        assert row["calibration"] == found[row["parent_experiment_id"]]


def test_a_listed_text_is_previewed_run_and_measured_again(home: Path) -> None:
    typed = ("-m", "model=phase3", "model.calibration=none,isotonic")
    preview = run_app(home, "listed", *typed, "search.preview=true")
    assert "001  model.calibration=none" in preview.stdout
    run = run_app(home, "listed", *typed)
    assert calibrations(run) == ["none", "isotonic"]
    again = run_app(home, "again", f"rerun={run.folder / '002'}", data=())
    assert again.code == 0, again.stderr
    columns = ("model", "calibration", "config_key", "validation_accuracy", "test_ndcg")
    assert again.values(*columns) == run.values(*columns)[1:]


def test_a_text_is_moved_alone_over_what_its_space_lists(home: Path) -> None:
    run = run_app(home, "moved", "-m", "search=sensitivity", *FIXED, "search.steps=2")
    assert run.code == 0, run.stderr
    assert calibrations(run) == ["tolerance"] * 3 + ["linear", "isotonic"]
    assert "linear, isotonic" in run.stdout


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("run_id", ["searched", "null"])
def test_a_report_tells_texts_in_every_form(home: Path, searched: Run, form: str, run_id: str) -> None:
    assert searched.code == 0
    output = home / f"report.{form}"
    answer = report_here(
        f"db.url=sqlite:///{home}/movies.db",
        f"report.run={run_id}",
        f"report.format={form}",
        *([] if form == "terminal" else [f"report.output={output}"]),
    )
    assert answer.code == 0, answer.stderr
    told = answer.stdout if form == "terminal" else output.read_text(encoding="utf-8")
    if form == "json":
        assert json.loads(told)
    # Words alone tell what was found over all runs, and the terminal no hyperparameters.
    assert form == "terminal" or (form in {"html", "md"} and run_id == "null") or "calibration" in told


def test_a_study_file_holds_texts(home: Path, searched: Run) -> None:
    assert searched.code == 0
    database, output = f"db.url=sqlite:///{home}/movies.db", home / "study.db"
    answer = report_here(database, "report.export=optuna", f"report.output={output}")
    assert answer.code == 0, answer.stderr
    assert output.is_file()


def test_a_single_run_tells_the_text_of_its_trial(tmp_path: Path) -> None:
    run = run_app(tmp_path, "single", "model=phase3", "model.calibration=none")
    assert run.code == 0, run.stderr
    page = " ".join((run.folder / "report.html").read_text(encoding="utf-8").split())
    assert re.search(r"<t[dh][^>]*>calibration</t[dh]> ?<td[^>]*>none</td> ?<td[^>]*>–</td>", page)
