"""report_app with report=data as a user types it."""

import json
import shlex
from pathlib import Path

import pytest
from app_runs import run_app
from command import Answer, refusal_problems, report_here, run_here, snapshot
from hydra import compose, initialize_config_dir
from releases import rows_of, write_release

from pipeline.sources import Synthetic, load
from project import CONF
from report import plotly_script
from report.data_forms import DATA_FORMS
from sweep.command import reporting
from sweep.command.report_command import REPORT

SIZES = ["data=synthetic", "data.users=150", "data.movies=80", "data.ratings=3000"]


def asked(home: Path, *arguments: str) -> Answer:
    places = [f"data.cache={home}/cache", f"db.url=sqlite:///{home}/movies.db"]
    return report_here("report=data", *places, *arguments)


def accepted(answer: Answer) -> str:
    assert answer.code == 0, answer
    return answer.stdout


def release(home: Path) -> Path:
    small = load(Synthetic(users=120, movies=60, ratings=2400), home / "cache")
    return write_release(home / "my films", "ml-25m", *rows_of(small))


def test_the_terminal_says_what_the_data_hold_and_nothing_else_is_left(tmp_path: Path) -> None:
    said = accepted(asked(tmp_path, *SIZES))
    assert said.startswith("synthetic: 3,000 ratings of 80 movies by 150 users\n")
    assert "What of model=phase1 can matter here" in said
    assert {Path(name).parts[0] for name in snapshot(tmp_path)} == {"cache"}


@pytest.mark.parametrize("form", DATA_FORMS)
def test_each_form_is_written_where_it_was_asked_for(tmp_path: Path, form: str) -> None:
    wanted = tmp_path / "answer"
    said = accepted(asked(tmp_path, *SIZES, f"report.format={form}", f"report.output={wanted}"))
    assert said == f"{wanted} written\n"
    assert "3,000" in wanted.read_text(encoding="utf-8") or form == "json"


def test_a_page_goes_into_the_folder_of_all_runs_without_plotly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reporting, "ROOT", tmp_path)
    monkeypatch.setattr(plotly_script, "find_spec", lambda _: None)
    accepted(asked(tmp_path, *SIZES, "report.format=html"))
    assert (tmp_path / "outputs" / "data.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_the_users_own_release_is_looked_at_and_both_next_steps_are_legal(tmp_path: Path) -> None:
    ours = ["data=movielens", f'data.path="{release(tmp_path)}"', "model=phase2"]
    answer = asked(tmp_path, *ours, "split=timeline", "report.format=json", "model.genre_boost_low=-0.1")
    assert answer.stderr.startswith("reading ratings.csv of")
    content = json.loads(answer.stdout)
    assert (content["split"], content["model"]) == ("timeline", "phase2")
    verdicts = {one["name"]: one["verdict"] for one in content["hyperparameters"]}
    assert (verdicts["cast_weight"], verdicts["cast_lead_weight"]) == ("only scales the others", "cannot")
    commands = [shlex.split(step["command"]) for step in content["next"]]
    for command in commands:
        assert command[:4] == ["python", "src/tune_app.py", "-m", "search=random"]
        assert {*ours, "split=timeline"} <= set(command)
        assert not [word for word in command if word.startswith(("report", "model.genre_boost_low"))]
        previewed = run_here(*command[2:], "search.preview=true", f"outputs={tmp_path}/outputs")
        assert previewed.code == 0, previewed.stderr
        assert ("model.cast_weight=" in previewed.stdout) == (command is commands[0])


def test_ratings_of_the_service_are_looked_at_where_they_are_asked_for(tmp_path: Path) -> None:
    assert run_app(tmp_path, "r").code == 0
    assert accepted(asked(tmp_path, *SIZES, "data.include_feedback=true")).startswith(
        "synthetic: 3,000 ratings"
    )


def test_where_nothing_can_be_measured_no_search_comes_next(tmp_path: Path) -> None:
    sizes = ["data=synthetic", "data.users=1", "data.movies=5", "data.ratings=5", "split.train_until=0.05"]
    content = json.loads(accepted(asked(tmp_path, *sizes, "report.format=json")))
    assert content["data"]["undivided"].startswith("split leaves no rating to train")
    assert content["next"] == []


BAD_INPUT: list[tuple[list[str], str]] = [
    (["report.run=found"], "report.run does not exist with the presets chosen"),
    (["report.export=optuna"], "report.export does not exist with the presets chosen"),
    (["report.format=csv"], "report.format must be one of terminal, html, json, md, got 'csv'"),
    (["report.format=htm"], "report.format must be one of terminal, html, json, md, got 'htm'; did you mean"),
    (["report.output=nowhere/x"], "report.output must lie in a folder that exists, "),
    (["report.name=runs"], "report.name is fixed: choose report="),
    (["data=synthetc"], "data=synthetc does not exist; there are "),
    (["data=synthetic", "data.uesrs=3"], "data.uesrs does not exist; did you mean data.users?"),
    (["data=synthetic", "data.users=0"], "data.users must be in [1, "),
    (["data=movielens"], "data.path must be "),
    (["data=movielens", "data.path=nowhere"], "data.path must be a folder or zip file that exists"),
    (["data=null"], "data must be the name of a preset, got data=null"),
    (["~data"], "data cannot be left out: choose data=…"),
    (["+data=synthetic"], "data is chosen once: write data=synthetic"),
    (["split=per_usr"], "split=per_usr does not exist; there are per_user, timeline; did you mean"),
    (["split.train_until=0.9"], "split.train_until must be above 0 and below validation_until"),
    (["model=phase9"], "model=phase9 does not exist; there are "),
    (["model.genre_weight=2"], "model.genre_weight must be in [0, 1], got 2"),
    (["objective=accuracy"], "objective does not exist"),
    (["-m"], "-m is not supported: a report is made once"),
]


@pytest.mark.parametrize(("typed", "expected"), BAD_INPUT, ids=[" ".join(typed) for typed, _ in BAD_INPUT])
def test_bad_input_is_refused_in_one_line(tmp_path: Path, typed: list[str], expected: str) -> None:
    answer = asked(tmp_path, *typed)
    assert not refusal_problems(answer), answer
    assert len(answer.lines) == 1, answer.stderr
    assert answer.lines[0].startswith(f"reeltune: {expected}")
    assert snapshot(tmp_path) == {}


@pytest.mark.parametrize(
    "typed", ["data=synthetic", "data.users=3", "split=timeline", "model.genre_weight=0.1"]
)
def test_what_goes_with_report_data_is_refused_without_it(tmp_path: Path, typed: str) -> None:
    answer = report_here(f"db.url=sqlite:///{tmp_path}/movies.db", typed)
    assert not refusal_problems(answer), answer
    assert answer.lines == [f"reeltune: {typed.partition('=')[0]} does not exist without report=data"]


def test_every_problem_is_named_at_once(tmp_path: Path) -> None:
    answer = asked(tmp_path, "report.format=pdf", "split.test_until=2", "model.genre_weight=2", *SIZES[:1])
    assert not refusal_problems(answer), answer
    assert [line.split()[1] for line in answer.lines] == [
        "report.format",
        "split.test_until",
        "model.genre_weight",
    ]


def test_a_report_never_takes_the_place_of_the_record(tmp_path: Path) -> None:
    answer = asked(tmp_path, *SIZES, f"report.output={tmp_path}/movies.db")
    assert answer.lines[0].startswith("reeltune: report.output must not be the record itself")


def test_what_is_looked_at_by_default_is_what_a_search_is_on() -> None:
    with initialize_config_dir(str(CONF)):
        looked, searched = compose("report", ["report=data"]), compose("config")
    for group in ("data", "split", "model"):
        assert looked[group] == searched[group]
    assert REPORT.brought == dict.fromkeys(("data", "split", "model"), "report=data")


def test_a_data_preset_of_the_users_own_is_looked_at(tmp_path: Path) -> None:
    (tmp_path / "mine" / "data").mkdir(parents=True)
    lines = ["name: synthetic", "users: 20", "movies: 30", "ratings: 300", "seed: 1"]
    (tmp_path / "mine" / "data" / "ours.yaml").write_text("\n".join(lines), encoding="utf-8")
    wanted = ["--config-dir", f"{tmp_path}/mine", "report=data", "data=ours", f"+data.cache={tmp_path}/cache"]
    said = accepted(report_here(*wanted, f"db.url=sqlite:///{tmp_path}/movies.db"))
    assert said.startswith("synthetic: 300 ratings of 30 movies by 20 users\n")
