"""deploy_app as a user types it: what it shows, changes and refuses, and with which exit code."""

import re
import shutil
from dataclasses import asdict
from pathlib import Path

import pytest
from app_runs import SMALL, run_app
from command import Answer, deploy_here, run_here, snapshot
from databases import postgresql_server, postgresql_url
from hydra import compose, initialize_config_dir
from seed_record import fill_as_seed
from sqlalchemy import create_engine, inspect

from db.deployment.versions import activations, active, versions
from db.engine import connect
from deployment.bundle import MODEL
from deployment.gate import Gate
from pipeline.hyperparameters import Phase1, Phase2
from project import CONF
from sweep import resolvers
from sweep.command.deploy_settings import USED, read_deploy_settings
from sweep.command.deploying import ACTIONS

__all__ = ["postgresql_server", "postgresql_url"]

# Whatever is measured passes: what the rules refuse is told in tests/deployment/test_gate.py.
ANY = ("gate.accuracy_threshold=0", "gate.quality_margin=1", "gate.recommendation_ms=null")


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Search once; each test takes a copy."""
    home = tmp_path_factory.mktemp("searched")
    run = run_app(home, "found", "-m", "search=random", "hydra.sweeper.n_trials=3")
    assert run.code == 0, run.stderr
    return home


@pytest.fixture
def home(searched: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(searched, tmp_path / "home"))


def places(home: Path) -> list[str]:
    return [
        f"data.cache={home}/cache",
        f"db.url=sqlite:///{home}/movies.db",
        f"outputs={home}/outputs",
        f"conf={home}/conf",
    ]


def app(home: Path, *arguments: str) -> Answer:
    return deploy_here(*SMALL, *places(home), *arguments)


def accepted(answer: Answer) -> str:
    assert (answer.code, answer.stderr) == (0, ""), answer
    return answer.stdout


def deploys(home: Path, weight: float, *arguments: str) -> str:
    return accepted(app(home, f"hyperparameters={{genre_weight: {weight}}}", *ANY, *arguments))


def state(home: Path) -> tuple[object, ...]:
    """Take down the record's versions and all files but the record's own."""
    engine = connect(f"sqlite:///{home / 'movies.db'}")
    found = versions(engine), active(engine), activations(engine)
    engine.dispose()
    files = {name: content for name, content in snapshot(home).items() if not name.startswith("movies.db")}
    return (*found, files)


def active_version(home: Path) -> int:
    engine = connect(f"sqlite:///{home / 'movies.db'}")
    now = active(engine)
    engine.dispose()
    assert now is not None
    return now.version


def test_a_dry_run_shows_everything_and_changes_nothing(home: Path) -> None:
    before = snapshot(home)
    said = accepted(app(home, "experiment=best", "dry_run=true", *ANY))
    assert snapshot(home) == before
    assert re.search(r"genre_weight +0\.4 +0\.\d+", said)
    assert re.search(r"These are the numbers of found_00[123], on synthetic\.", said)
    assert re.search(r"test +0\.\d{4} +0\.\d{4}", said)
    assert "The gate lets it through." in said
    assert said.endswith("Dry run: nothing was changed.\n")


def test_a_dry_run_is_possible_before_anything_was_recorded_and_makes_no_database(tmp_path: Path) -> None:
    said = accepted(app(tmp_path, "hyperparameters={}", "dry_run=true", *ANY))
    assert "Measured now, on synthetic." in said
    assert [path.name for path in tmp_path.iterdir()] == ["cache"]


def test_a_dry_run_brings_no_older_record_to_a_newer_schema(tmp_path: Path) -> None:
    fill_as_seed(tmp_path / "movies.db")
    before = (tmp_path / "movies.db").read_bytes()
    accepted(app(tmp_path, "hyperparameters={}", "dry_run=true", *ANY))
    assert (tmp_path / "movies.db").read_bytes() == before


def test_a_dry_run_makes_no_tables_on_a_server_and_says_who_does(tmp_path: Path, postgresql_url: str) -> None:
    here = [place for place in places(tmp_path) if not place.startswith("db.")]
    typed = ["db=postgresql", "hyperparameters={}", "dry_run=true"]
    answer = deploy_here(*SMALL, *here, *typed, *ANY, env={"REELTUNE_DB_URL": postgresql_url})
    assert (answer.code, len(answer.lines)) == (2, 1)
    assert "db.url must hold schema" in answer.stderr
    engine = create_engine(postgresql_url)
    assert inspect(engine).get_table_names() == []
    engine.dispose()


@pytest.mark.parametrize("path", sorted((CONF / "gate").glob("*.yaml")), ids=lambda path: path.stem)
def test_a_gate_composes_to_rules(path: Path) -> None:
    with initialize_config_dir(str(CONF)):
        config = compose("deploy", ["experiment=best", f"gate={path.stem}"])
    gate = read_deploy_settings(config).gate
    assert (gate == Gate()) == (path.stem == "standard")
    assert f"gate={path.stem}" in path.read_text(encoding="utf-8").splitlines()[0]


def test_what_the_gate_refuses_ends_with_1_and_a_line_with_both_figures(home: Path) -> None:
    deploys(home, 0.5)
    before = state(home)
    for dry_run in ("dry_run=true", "dry_run=false"):
        answer = app(home, "experiment=best", *ANY, "gate.accuracy_threshold=1", dry_run)
        assert answer.code == 1
        (line,) = answer.lines
        needed = r"validation accuracy at least 1, the gate\.accuracy_threshold"
        assert re.fullmatch(rf"reeltune: refused by accuracy: needs {needed}; found 0\.\d{{4}}", line)
        assert "The gate refuses it by accuracy; force=true deploys it all the same." in answer.stdout
        assert state(home) == before


def test_force_deploys_it_all_the_same_and_is_recorded(home: Path) -> None:
    said = accepted(app(home, "experiment=best", *ANY, "gate.accuracy_threshold=1", "force=true"))
    assert "Forced: the gate refuses it by accuracy." in said
    assert "forced" in accepted(app(home, "action=list"))


def test_the_best_experiment_becomes_the_active_version_and_a_preset(home: Path) -> None:
    said = accepted(app(home, "experiment=best", *ANY))
    assert "Version 1 is active (revision 1, deploy: experiment=best)." in said
    assert (home / "outputs" / "model_versions" / "0001" / MODEL).is_file()
    preset = (home / "conf" / "model" / "deployed.yaml").read_text(encoding="utf-8")
    assert re.search(r"^# experiment found_00[123], ready", preset, re.MULTILINE)


def test_what_is_deployed_is_the_centre_of_the_next_grid(home: Path) -> None:
    deploys(home, 0.37)
    with_presets = ["--config-dir", str(home / "conf")]
    grid = run_here(
        *with_presets, "-m", "search=grid", "model=deployed", "search.preview=true", *SMALL, *places(home)[:3]
    )
    assert grid.code == 0, grid.stderr
    centre = Phase1(genre_weight=0.37).normalised().genre_weight
    assert f"model.genre_weight={float(f'{centre * 0.9:.6g}')}" in grid.stdout


def test_the_preset_composes_to_what_is_deployed(home: Path) -> None:
    resolvers.register()
    accepted(app(home, "hyperparameters={cast_lead_threshold: 7}", "model=phase2", *ANY))
    with initialize_config_dir(str(CONF)):
        path = f"hydra.searchpath=[file://{home / 'conf'}]"
        config = compose("config", ["model=deployed", path])
    assert config.model == {"name": "phase2", **asdict(Phase2(cast_lead_threshold=7).normalised())}
    assert "model.preference_half_life_days" in config.space


@pytest.mark.parametrize(
    "typed",
    ["{genre_weight: 0.5, cast_lead_threshold: 4}", '{"genre_weight": 0.5, "cast_lead_threshold": 4}'],
)
def test_hyperparameters_are_typed_as_hydra_or_as_json_has_them(home: Path, typed: str) -> None:
    accepted(app(home, f"hyperparameters={typed}", "model.cast_weight=0.2", *ANY))
    engine = connect(f"sqlite:///{home / 'movies.db'}")
    (version,) = versions(engine)
    engine.dispose()
    expected = Phase1(genre_weight=0.5, cast_lead_threshold=4, cast_weight=0.2).normalised()
    assert version.hyperparameters == asdict(expected)


def test_a_challenger_stands_ready_and_leaves_the_active_version_and_its_preset(home: Path) -> None:
    deploys(home, 0.5)
    preset = (home / "conf" / "model" / "deployed.yaml").read_bytes()
    assert "Version 2 is ready, and not active" in deploys(home, 0.6, "activate=false")
    assert active_version(home) == 1
    assert (home / "conf" / "model" / "deployed.yaml").read_bytes() == preset


def test_versions_are_activated_and_rolled_back_and_the_preset_goes_along(home: Path) -> None:
    for weight in (0.5, 0.6, 0.7):
        deploys(home, weight)
    assert "Version 1 is active, before it version 3" in accepted(app(home, "action=activate", "version=1"))
    assert "version 1:" in (home / "conf" / "model" / "deployed.yaml").read_text(encoding="utf-8")
    assert "Version 3 is active, before it version 1" in accepted(app(home, "action=rollback"))
    assert "Version 2 is active" in accepted(app(home, "action=rollback", "why=it was better", "who=me"))
    assert "version 2:" in (home / "conf" / "model" / "deployed.yaml").read_text(encoding="utf-8")
    listed = accepted(app(home, "action=list"))
    assert re.search(r"^ +2 active deploy phase1", listed, re.MULTILINE)
    assert re.search(r"^6\. .* UTC  version 2 by rollback, me: it was better$", listed, re.MULTILINE)


def test_a_damaged_version_is_not_activated_and_a_rollback_passes_it_over(home: Path) -> None:
    for weight in (0.5, 0.6, 0.7):
        deploys(home, weight)
    (home / "outputs" / "model_versions" / "0002" / MODEL).unlink()
    before = state(home)
    answer = app(home, "action=activate", "version=2")
    assert (answer.code, answer.stdout) == (1, "")
    assert re.fullmatch(r"reeltune: .*0002 is not a version's folder: No such file.*", answer.stderr.strip())
    assert state(home) == before
    assert "version 2 was passed over" in accepted(app(home, "action=rollback"))
    assert active_version(home) == 1


def test_a_rollback_without_an_earlier_version_ends_with_1(home: Path) -> None:
    deploys(home, 0.5)
    answer = app(home, "action=rollback")
    assert (answer.code, answer.lines) == (1, ["reeltune: there is no earlier version to roll back to"])


def test_a_version_is_shown_with_its_figures_its_gate_and_its_files(home: Path) -> None:
    deploys(home, 0.5)
    said = accepted(app(home, "action=show"))
    assert re.search(r"genre_weight +0\.4 +0\.45", said)
    assert "no version is active yet" in said
    assert "Its files are whole" in said
    (home / "outputs" / "model_versions" / "0001" / MODEL).write_bytes(b"")
    assert "Its files cannot be used: " in accepted(app(home, "action=show", "version=1"))


def test_two_versions_are_compared_with_an_interval_and_without_a_fit(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deploys(home, 0.5)
    deploys(home, 0.9)
    monkeypatch.setattr("pipeline.recommender.Recommender.fit", lambda *_: pytest.fail("fitted"))
    said = accepted(app(home, "action=compare", "version=1"))
    assert re.search(r"genre_weight +0\.6 +0\.454545", said)
    assert re.search(r"test NDCG@10 +0\.\d{4} +0\.\d{4} [+-]0\.\d{3} \[[+-]0\.\d{3}, [+-]0\.\d{3}\]", said)
    shutil.rmtree(home / "outputs" / "model_versions" / "0001")
    gone = accepted(app(home, "action=compare", "version=2", "against=1"))
    assert "The figures of one of them are gone: no interval." in gone


def test_versions_of_other_data_have_no_interval(home: Path) -> None:
    deploys(home, 0.5)
    deploys(home, 0.5, "data.seed=8")
    assert "no interval" in accepted(app(home, "action=compare", "version=1"))


def test_an_experiment_of_other_data_is_refused_by_force_too(home: Path) -> None:
    answer = app(home, "experiment=best", *ANY, "data.seed=8", "force=true")
    assert answer.code == 1
    assert re.match(
        r"reeltune: refused by same data: needs chosen on today's data \w+; found chosen on \w+",
        answer.stderr,
    )


def test_an_experiment_of_another_split_is_measured_now_and_that_is_said(home: Path) -> None:
    said = accepted(app(home, "experiment=best", *ANY, "split=timeline", "dry_run=true"))
    assert re.search(r"Measured now: what found_00[123] measured was another split, data or code\.", said)


def test_an_experiment_that_failed_is_refused_by_force_too(home: Path) -> None:
    failed = run_app(home, "bad", "time_limit=0.001", "model.genre_weight=0.123")
    assert failed.code == 1
    answer = app(home, "experiment=bad_001", "force=true", *ANY)
    assert answer.code == 1
    assert "refused by measured" in answer.stderr
    assert "found experiment bad_001 is failed" in answer.stderr


MISTAKES: dict[str, tuple[list[str], str]] = {
    "nothing is said": ([], "must say what is deployed, got neither"),
    "two things are said": (["experiment=best", "hyperparameters={}"], "got both"),
    "an unknown experiment": (
        ["experiment=found_01"],
        "experiment=found_01 is not recorded; did you mean experiment=found_001?",
    ),
    "an unknown hyperparameter": (
        ["hyperparameters={genre_wight: 1}"],
        "hyperparameters.genre_wight does not exist; did you mean hyperparameters.genre_weight?",
    ),
    "an illegal value": (
        ["hyperparameters={genre_weight: 7}"],
        "hyperparameters.genre_weight must be in [0, 1], got 7",
    ),
    "a value in JSON": (
        ['hyperparameters={"genre_weight": "much"}'],
        "hyperparameters.genre_weight must be a number in [0, 1], got 'much'",
    ),
    "no mapping": (["hyperparameters=3"], "hyperparameters must be like {genre_weight: 0.42}, got 3"),
    "an illegal model": (
        ["hyperparameters={}", "model.genre_weight=7"],
        "model.genre_weight must be in [0, 1], got 7",
    ),
    "an unknown action": (["action=depoy"], "got 'depoy'; did you mean deploy?"),
    "a key that is not used": (
        ["action=list", "version=3"],
        "version is for action=show, action=activate, action=compare, action=simulate; "
        "action=list does not use it, got 3",
    ),
    "hyperparameters that are not used": (
        ["action=list", "hyperparameters={cast_weight: 0}"],
        "hyperparameters is for action=deploy; action=list does not use it, got {'cast_weight': 0}",
    ),
    "no version": (
        ["action=activate"],
        "version must be the number of a version for action=activate, got None",
    ),
    "a version where there is none": (["action=show", "version=9"], "there is no version yet; python src/"),
    "a gate that is not there": (["experiment=best", "gate=strickt"], "did you mean gate=strict?"),
    "an illegal gate": (
        ["experiment=best", "gate.quality_margin=2"],
        "gate.quality_margin must be in [0, 1], got 2",
    ),
    "an unknown key": (["experiment=best", "dryrun=true"], "dryrun does not exist; did you mean dry_run?"),
    "several": (["experiment=best", "-m"], "-m is not supported: one version is deployed at a time"),
    "another objective": (
        ["experiment=best", "objective=quality"],
        "finds none completed for objective=quality; there are some for objective=accuracy",
    ),
    "a home": (
        ["experiment=best", "conf='~/conf'"],
        "conf must be a folder, with ~ written out, got '~/conf'",
    ),
    "a password": (
        ["experiment=best", "db.url=postgresql://me:secret@host/db"],
        "db.url must not contain a password",
    ),
}


@pytest.mark.parametrize(("typed", "said"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_answered_with_2_and_one_line_and_changes_nothing(
    typed: list[str], said: str, searched: Path
) -> None:
    before = snapshot(searched)
    answer = app(searched, *typed)
    assert answer.code == 2, answer
    assert any(said in line for line in answer.lines), answer.stderr
    assert all(line.startswith("reeltune: ") for line in answer.lines)
    assert answer.stdout == ""
    assert "secret" not in answer.stderr
    assert snapshot(searched) == before


def test_a_version_that_does_not_exist_is_named(home: Path) -> None:
    deploys(home, 0.5)
    for action in ("activate", "show", "compare"):
        answer = app(home, f"action={action}", "version=9")
        assert (answer.code, answer.lines) == (2, ["reeltune: version=9 does not exist; there are 1"])


def test_every_action_is_done_by_a_function() -> None:
    assert list(ACTIONS) == list(USED)


def test_help_names_the_keys() -> None:
    assert "dry_run: false" in accepted(deploy_here("--help"))
