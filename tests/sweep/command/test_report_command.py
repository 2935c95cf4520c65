"""report_app as a user types it: what it prints and writes, what it refuses, what it leaves alone."""

import csv
import io
import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import optuna
import pytest
from app_runs import Run, run_app
from command import Answer, refusal_problems, report_here, snapshot
from seed_record import fill_as_seed

from db.engine import connect
from pipeline.hyperparameters import Phase1
from project import ROOT
from report import plotly_script
from report.forms import FORMS
from sweep.command import reporting

APP = str(ROOT / "src" / "report_app.py")


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory) -> Run:
    home = tmp_path_factory.mktemp("report")
    run = run_app(home, "found", "-m", "search=random", "hydra.sweeper.n_trials=4")
    assert run.code == 0, run.stderr
    return run


def database(run: Run) -> str:
    return f"db.url=sqlite:///{run.home / 'movies.db'}"


def kept(run: Run) -> dict[str, bytes | str | None]:
    """Take down what lies in a run's home."""
    # To read the file of an open database takes its locks away from whoever has it open in this process.
    connect(f"sqlite:///{run.home / 'movies.db'}").dispose()
    return snapshot(run.home)


def accepted(answer: Answer) -> str:
    assert (answer.code, answer.stderr) == (0, ""), answer
    return answer.stdout


def test_the_report_on_a_run_is_what_its_end_said(searched: Run) -> None:
    said = accepted(report_here("report.run=found", database(searched)))
    assert said.splitlines()[0] == "found: best by accuracy"
    table = said[: said.index("experiments ")]
    assert table in searched.stdout
    assert "Next: python src/tune_app.py -m search=" in said


def test_the_report_on_all_runs_has_a_table_of_them(searched: Run) -> None:
    said = accepted(report_here(database(searched)))
    assert "accuracy on synthetic" in said
    assert any(line.startswith("found random") and "4/4" in line for line in said.splitlines())


def test_programs_get_nothing_but_their_form(searched: Run) -> None:
    content = json.loads(accepted(report_here("report.run=found", "report.format=json", database(searched))))
    assert [one["status"] for one in content["experiments"]] == ["completed"] * 4
    rows = list(csv.reader(io.StringIO(accepted(report_here("report.format=csv", database(searched))))))
    assert len(rows) == 5


def test_a_page_goes_into_the_runs_folder_and_its_place_is_said(searched: Run) -> None:
    page = searched.folder / "report.html"
    page.unlink()
    said = accepted(report_here("report.run=found", "report.format=html", database(searched)))
    assert said == f"{page} written\n"
    assert page.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_a_page_of_all_runs_goes_into_the_folder_of_all(
    searched: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reporting, "ROOT", tmp_path)
    accepted(report_here("report.format=html", database(searched)))
    assert list(snapshot(tmp_path)) == ["outputs", "outputs/report.html"]


@pytest.mark.parametrize("form", FORMS)
def test_a_file_is_written_where_it_was_asked_for_and_nothing_else(
    searched: Run, tmp_path: Path, form: str
) -> None:
    before = kept(searched)
    wanted = tmp_path / "answer"
    said = accepted(report_here(f"report.format={form}", f"report.output={wanted}", database(searched)))
    assert said == f"{wanted} written\n"
    assert list(snapshot(tmp_path)) == ["answer"]
    assert kept(searched) == before


def test_a_study_is_written_that_optuna_opens(searched: Run, tmp_path: Path) -> None:
    wanted = tmp_path / "study.db"
    said = accepted(report_here("report.export=optuna", f"report.output={wanted}", database(searched)))
    assert said == f"{wanted} written; optuna-dashboard sqlite:///{wanted} opens it\n"
    study = optuna.load_study(study_name="found", storage=f"sqlite:///{wanted}")
    assert [(trial.value,) for trial in study.trials] == searched.values("objective_value")
    assert all(f"genre_{name}" in study.trials[0].params for name in ("weight", "boost_low"))


def test_each_search_leaves_its_page_and_says_where(searched: Run) -> None:
    assert searched.stdout.splitlines()[-1] == f"Report: {searched.folder / 'report.html'}"


def test_a_single_run_leaves_its_page_too(tmp_path: Path) -> None:
    run = run_app(tmp_path, "one")
    assert run.code == 0, run.stderr
    assert (run.folder / "report.html").is_file()


def test_without_plotly_a_search_leaves_a_page_that_says_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plotly_script, "find_spec", lambda _: None)
    run = run_app(tmp_path, "r", "-m", "search=random", "hydra.sweeper.n_trials=2")
    assert run.code == 0, run.stderr
    assert "-e &#x27;.[plots]&#x27;" in (run.folder / "report.html").read_text(encoding="utf-8")
    answer = report_here("report.run=r", "report.format=html", database(run))
    assert not refusal_problems(answer), answer
    install = "python -m pip install -c constraints.txt -e '.[plots]'"
    assert answer.lines == [f"reeltune: report.format=html needs plotly for its plots: run {install}"]


@pytest.mark.parametrize("where", ["gathered", "judged", "page_of_run"])
def test_a_bug_in_a_report_is_shown_and_decides_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    def broken(*_: Any) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(f"sweep.runs.tuning_run.{where}", broken)
    run = run_app(tmp_path, "r", "-m", "search=random", "hydra.sweeper.n_trials=2")
    assert run.code == 0
    assert run.statuses == {1: "completed", 2: "completed"}
    assert run.stderr.rstrip().endswith("ZeroDivisionError: a bug")
    assert ("r: best by accuracy" in run.stdout) == (where == "page_of_run")


def test_a_page_that_cannot_be_written_is_one_line_and_decides_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sweep.runs.tuning_run.PAGE", "gone/report.html")
    run = run_app(tmp_path, "r")
    assert run.code == 0
    assert "reeltune: report.output cannot be written to" in run.stderr
    assert "r: best by accuracy" in run.stdout


@pytest.mark.parametrize("form", ["terminal", "html", "md"])
def test_where_nothing_is_recorded_that_is_said_and_nothing_is_made(tmp_path: Path, form: str) -> None:
    url = f"db.url=sqlite:///{tmp_path}/movies.db"
    said = accepted(report_here(f"report.format={form}", url))
    typed = f"python src/tune_app.py -m search=random {url}"
    assert said == f"nothing is recorded yet; this records something: {typed}\n"
    assert snapshot(tmp_path) == {}


@pytest.mark.parametrize("form", ["json", "csv"])
def test_where_nothing_is_recorded_programs_get_an_empty_form(tmp_path: Path, form: str) -> None:
    answer = report_here(f"report.format={form}", f"db.url=sqlite:///{tmp_path}/movies.db")
    assert answer.code == 0
    assert answer.stderr.startswith("nothing is recorded yet; ")
    assert answer.stdout.startswith('{"statistics": null' if form == "json" else "experiment_id,")
    assert snapshot(tmp_path) == {}


@pytest.mark.parametrize("run", ["null", "random_20251130_155355"])
@pytest.mark.parametrize("form", FORMS)
def test_the_seeds_own_record_is_reported_in_every_form_and_stays_as_it_is(
    tmp_path: Path, form: str, run: str
) -> None:
    (tmp_path / "home").mkdir()
    fill_as_seed(tmp_path / "home" / "movies.db")
    before = snapshot(tmp_path / "home")
    asked = [f"report.run={run}", f"report.format={form}", f"report.output={tmp_path}/answer"]
    accepted(report_here(*asked, f"db.url=sqlite:///{tmp_path}/home/movies.db"))
    text = (tmp_path / "answer").read_text(encoding="utf-8")
    assert "0.74" in text
    assert "Best:" not in text
    assert snapshot(tmp_path / "home") == before


def test_a_reader_that_has_seen_enough_ends_the_report(searched: Run) -> None:
    process = subprocess.Popen(
        [sys.executable, APP, "report.format=json", database(searched)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait(timeout=60) == 0


BAD_INPUT: list[tuple[list[str], str]] = [
    (["report.rnu=found"], "report.rnu does not exist; did you mean report.run?"),
    (["reprot.run=found"], "reprot.run does not exist; did you mean report.run?"),
    (["+report.colour=red"], "report.colour does not exist"),
    (["~report.run"], "report.run is missing"),
    (["report.run=fuond"], "report.run=fuond is not recorded; did you mean report.run=found?"),
    (["report.run=else"], "report.run=else is not recorded; there are "),
    (["report.run=1"], "report.run must be text, got 1"),
    (["report.run=a,b"], "report.run=a,b lists several values where one is needed"),
    (["report.run=${nowhere}"], "report.run cannot be resolved"),
    (["report.format=pdf"], "report.format must be one of terminal, html, json, csv, md, got 'pdf'"),
    (["report.format=htm"], "report.format must be one of terminal, html, json, csv, md, got 'htm'; did you"),
    (["report.format=null"], "report.format must be one of terminal, html, json, csv, md, got None"),
    (["report.export=optun"], "report.export must be one of optuna, got 'optun'; did you mean optuna?"),
    (
        ["report.export=optuna", "report.format=md"],
        "report.export=optuna writes a file of its own",
    ),
    (["report.output="], "report.output must be the path of a file"),
    (['report.output="~/x.html"'], "report.output must be the path of a file, with ~ written out, got"),
    (["report.output=nowhere/x.html"], "report.output must lie in a folder that exists, "),
    (["report.output=src"], "report.output must be a file, not a folder or device, got 'src'"),
    (["report=x"], "report=x does not exist; there are data, runs"),
    (["report=date"], "report=date does not exist; there are data, runs; did you mean report=data?"),
    (["report.name=data"], "report.name is fixed: choose report=data"),
    (["db=sqlit"], "db=sqlit does not exist; there are postgresql, sqlite; did you mean db=sqlite?"),
    (["db.url=nonsense"], "db.url must look like sqlite:///movies.db or"),
    (["db.url=sqlite:////nowhere/movies.db"], "db.url must name a file in a folder that exists"),
    (["db.url=postgresql://u:secret@h/d"], "db.url must not contain a password"),
    (["model=phase1"], "model does not exist without report=data"),
    (["model.genre_weight=0.4"], "model.genre_weight does not exist without report=data"),
    (["outputs=elsewhere"], "outputs does not exist; did you mean report.output?"),
    (["hydra.run.dir=elsewhere"], "hydra.run.dir is fixed"),
    (["hydra.sweeper.n_trials=3"], "hydra.sweeper.n_trials is fixed"),
    (["hydra/launcher=joblib"], "hydra/launcher is fixed"),
    (["-m"], "-m is not supported: a report is made once"),
    (["--multirun", "report.run=a,b"], "-m is not supported: a report is made once"),
    (["--config-name", "config"], "--config-name is not supported"),
    (["--config-dir", "nowhere"], "--config-dir must be a folder, got 'nowhere'"),
    (["--resolve"], "--resolve needs --cfg"),
]


@pytest.mark.parametrize(("typed", "expected"), BAD_INPUT, ids=[" ".join(typed) for typed, _ in BAD_INPUT])
def test_bad_input_is_refused_in_one_line(searched: Run, typed: list[str], expected: str) -> None:
    before = kept(searched)
    answer = report_here(database(searched), *typed)
    assert not refusal_problems(answer), answer
    assert len(answer.lines) == 1, answer.stderr
    assert answer.lines[0].startswith(f"reeltune: {expected}")
    assert "secret" not in answer.stderr
    assert kept(searched) == before


def test_every_problem_is_named_at_once(searched: Run) -> None:
    answer = report_here(database(searched), "report.format=pdf", "report.rnu=a", "report.run=1")
    assert not refusal_problems(answer), answer
    assert [line.split()[1] for line in answer.lines] == ["report.rnu", "report.run", "report.format"]


def test_a_report_never_takes_the_place_of_the_record(searched: Run) -> None:
    before = kept(searched)
    same = f"report.output={searched.home}/../{searched.home.name}/movies.db"
    for asked in ("report.format=json", "report.export=optuna"):
        answer = report_here(asked, database(searched), same)
        assert not refusal_problems(answer), answer
        assert answer.lines[0].startswith("reeltune: report.output must not be the record itself")
    assert kept(searched) == before


def test_a_runs_folder_that_is_gone_takes_no_page(tmp_path: Path) -> None:
    run = run_app(tmp_path, "r")
    run.folder.rename(tmp_path / "moved")
    answer = report_here("report.run=r", "report.format=html", database(run))
    assert not refusal_problems(answer), answer
    assert answer.lines == ["reeltune: report.output must name a file, as the folder of run r is gone"]
    said = accepted(report_here("report.run=r", database(run)))
    assert "so no interval can be given" in " ".join(said.split())


@pytest.mark.parametrize(
    "preset",
    [
        "callbacks: {x: {_target_: builtins.open, file: MARKER, mode: w}}",
        "job_logging: {root: {handlers: [x]}, handlers: {x: {(): builtins.open, file: MARKER, mode: w}}}",
        "sweep: {dir: MARKER}",
        "launcher: {_target_: joblib.load, filename: MARKER}",
    ],
)
def test_a_preset_changes_nothing_of_hydras_own(tmp_path: Path, preset: str) -> None:
    (tmp_path / "presets" / "db").mkdir(parents=True)
    hydra = preset.replace("MARKER", f"{tmp_path}/marker")
    url = f"db: {{url: sqlite:///{tmp_path}/movies.db}}"
    text = f"# @package _global_\n{url}\nhydra:\n  {hydra}\n"
    (tmp_path / "presets" / "db" / "mine.yaml").write_text(text, encoding="utf-8")
    before = snapshot(tmp_path)
    answer = report_here("--config-dir", f"{tmp_path}/presets", "db=mine")
    assert not refusal_problems(answer), answer
    assert snapshot(tmp_path) == before


def test_a_preset_of_the_users_own_names_another_database(searched: Run, tmp_path: Path) -> None:
    (tmp_path / "db").mkdir()
    url = database(searched).replace("db.url=", "url: ")
    (tmp_path / "db" / "mine.yaml").write_text(f"{url}\n", encoding="utf-8")
    assert "4/4" in accepted(report_here("--config-dir", str(tmp_path), "db=mine"))


def test_the_config_is_shown_with_the_password_where_it_is() -> None:
    environment = {"REELTUNE_DB_URL": "postgresql://u:CANARY@h/d"}
    shown = report_here("--cfg", "job", "db=postgresql", env=environment)
    assert shown.code == 0
    assert "${oc.env:REELTUNE_DB_URL}" in shown.stdout
    assert "report:\n  name: runs\n  run: null" in shown.stdout
    resolved = report_here("--cfg", "job", "--resolve", "db=postgresql", env=environment)
    assert not refusal_problems(resolved), resolved
    assert "CANARY" not in shown.stdout + resolved.stderr


def test_a_run_of_moves_is_told_by_what_they_do(searched: Run) -> None:
    others = [name for name in asdict(Phase1()) if name not in {"genre_boost_low", "accuracy_threshold"}]
    fixed = [f"model.{name}={getattr(Phase1(), name)}" for name in others]
    moved = run_app(searched.home, "moved", "-m", "search=sensitivity", "search.steps=2", *fixed)
    assert moved.code == 0, moved.stderr
    said = accepted(report_here("report.run=moved", database(searched)))
    assert "each hyperparameter moved alone" in said
    assert any(line.startswith("genre_boost_low") and "-0.3 to 0" in line for line in said.splitlines())


def test_a_run_that_confirms_is_told_by_what_it_says_of_the_other(searched: Run) -> None:
    run = run_app(searched.home, "again", "-m", "search=confirm", "search.of=found", "search.best=2")
    assert run.code == 0, run.stderr
    said = " ".join(accepted(report_here("report.run=again", database(searched))).split())
    best = max(searched.rows.values(), key=lambda row: row["objective_value"])["experiment_id"]
    assert f"{best}, measured again as again_001" in said
    assert "per_user on two slices" in said


def test_a_search_for_two_aims_has_a_front(searched: Run) -> None:
    run = run_app(searched.home, "both", "-m", "search=pareto", "hydra.sweeper.n_trials=3")
    assert run.code == 0, run.stderr
    assert "both: beaten in both by no other" in accepted(report_here("report.run=both", database(searched)))
