"""Each form can be read back, and holds what was found."""

import csv
import dataclasses
import io
import json
from pathlib import Path
from typing import Any

import pytest
from recorded import fill, record
from report_samples import experiment, tuning_run
from sqlalchemy import Engine

from db.answers import RecordedExperiment
from db.tables import HYPERPARAMETERS, METRICS
from report.csv_form import OF_EACH
from report.findings import Findings, gathered
from report.forms import FORMS, nothing, write
from report.overview import Overview, overview

SHARES = {1: 0.5, 2: None, 3: 0.7}


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    made = record(tmp_path / "movies.db")
    experiments = [experiment(trial, share) for trial, share in SHARES.items()]
    fill(made, tuning_run(planned_trials=3), experiments)
    return made


def text(form: str, found: Findings | Overview) -> str:
    out = io.StringIO()
    write(form, found, out, Path("/nowhere"))
    return out.getvalue()


@pytest.fixture(params=["run", "all"])
def found(request: pytest.FixtureRequest, engine: Engine) -> Findings | Overview:
    return gathered(engine, "run") if request.param == "run" else overview(engine)


def test_csv_has_a_row_an_experiment_with_all_that_is_known(found: Findings | Overview) -> None:
    rows = list(csv.DictReader(io.StringIO(text("csv", found))))
    assert [row["experiment_id"] for row in rows] == ["run_001", "run_002", "run_003"]
    assert [row["status"] for row in rows] == ["completed", "failed", "completed"]
    assert [row["objective_value"] for row in rows] == ["0.5", "", "0.7"]
    assert rows[1]["error"] == "broken"
    assert float(rows[2]["genre_boost_high"]) == 0.03
    own = {field.name for field in dataclasses.fields(RecordedExperiment)} - set(OF_EACH)
    metrics = {f"{part}_{name}" for part in ("validation", "test") for name in METRICS}
    assert set(rows[0]) == own | metrics | set(HYPERPARAMETERS)


def test_a_text_is_written_as_it_is_and_read_back(tmp_path: Path) -> None:
    made = record(tmp_path / "texts.db")
    known = {"hyperparameters": {"genre_weight": 0.4, "calibration": "isotonic"}}
    fill(made, tuning_run(model="phase3"), [experiment(1, 0.5, model="phase3", **known)])
    (row,) = csv.DictReader(io.StringIO(text("csv", gathered(made, "run"))))
    assert (row["genre_weight"], row["calibration"], row["sequence_weight"]) == ("0.4", "isotonic", "")
    (one,) = json.loads(text("json", gathered(made, "run")))["experiments"]
    assert one["hyperparameters"] == known["hyperparameters"]
    assert "| calibration | isotonic | – | – |" in text("md", gathered(made, "run"))


def test_json_of_a_run_has_its_row_its_verdict_and_its_experiments(engine: Engine) -> None:
    content = json.loads(text("json", gathered(engine, "run")))
    assert content["run_id"] == "run"
    assert content["run"]["command"].startswith("python src/tune_app.py")
    assert content["best_experiment_id"] == "run_003"
    assert content["judgement"]["holds"] is False
    assert any("so no interval can be given" in line for line in content["verdict"])
    assert content["next"][0]["command"] == "python src/tune_app.py -m search=bayesian"
    assert [one["objective_value"] for one in content["experiments"]] == list(SHARES.values())
    assert content["experiments"][0]["hyperparameters"]["genre_weight"] == 0.4


def test_json_of_all_runs_has_groups_of_runs_of_experiments(engine: Engine) -> None:
    content = json.loads(text("json", overview(engine)))
    (group,) = content["groups"]
    assert group["best_experiment_id"] == "run_003"
    (run,) = group["runs"]
    assert (run["completed"], run["failed"], run["planned"]) == (2, 1, 3)
    assert len(run["experiments"]) == content["statistics"]["total"] == 3


def test_markdown_has_tables_whose_rows_are_as_wide_as_their_heads(found: Findings | Overview) -> None:
    lines = text("md", found).splitlines()
    assert lines[0].startswith("# ")
    tables: list[list[str]] = [[]]
    for line in lines:
        if line.startswith("|"):
            tables[-1].append(line)
        elif tables[-1]:
            tables.append([])
    assert len(tables) >= 2
    for table in filter(None, tables):
        assert {line.count("|") for line in table} == {table[0].count("|")}
        assert set(table[1]) <= set("|-: ")


def test_markdown_keeps_bars_of_reasons_out_of_the_tables_grammar(tmp_path: Path) -> None:
    made = record(tmp_path / "other.db")
    fill(made, tuning_run(), [experiment(1, None, error="a | b")])
    assert r"| 001 | a \| b |" in text("md", gathered(made, "run"))


@pytest.mark.parametrize("form", FORMS)
def test_one_failed_trial_alone_is_a_report(tmp_path: Path, form: str) -> None:
    made = record(tmp_path / "other.db")
    fill(made, tuning_run(), [experiment(1, None)])
    for found in (gathered(made, "run"), overview(made)):
        assert "fail" in text(form, found)


@pytest.mark.parametrize("form", FORMS)
def test_a_run_that_has_just_begun_is_a_report(tmp_path: Path, form: str) -> None:
    made = record(tmp_path / "other.db")
    pending: dict[str, Any] = {"status": "pending", "error": None}
    fill(made, tuning_run(ended_at=None), [experiment(1, None, **pending)])
    for found in (gathered(made, "run"), overview(made)):
        assert "run" in text(form, found)


def test_programs_get_an_empty_record_in_their_form_and_people_a_sentence() -> None:
    assert json.loads(nothing("json") or "")["groups"] == []
    assert len(list(csv.reader(io.StringIO(nothing("csv") or "")))) == 1
    assert [nothing(form) for form in ("terminal", "html", "md")] == [None, None, None]
