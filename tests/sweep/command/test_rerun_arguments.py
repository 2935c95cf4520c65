"""rerun=FOLDER takes a recorded trial's config; a folder that holds something else is refused."""

import json
import shutil
from pathlib import Path

import pytest
from command import refusal_problems, run_here, snapshot, standard

from sweep.command.rerun import with_rerun

RANKING = "evaluation.ranking_users=20"


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("recorded")
    answer = run_here(*standard(folder), "run_id=first", "model.genre_weight=0.42", "seed=5", RANKING)
    assert answer.code == 0, answer.stderr
    return folder / "outputs" / "first" / "001"


@pytest.fixture
def trial(recorded: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(recorded, tmp_path / "trial"))


def test_a_recorded_trial_becomes_the_arguments_that_compose_it(trial: Path) -> None:
    arguments = with_rerun([f"rerun={trial}", "model.cast_weight=0.2"])
    assert {"data=synthetic", "model=phase1", "model.genre_weight=0.42", "seed=5"} <= set(arguments)
    assert 'data.name="synthetic"' in arguments
    assert "evaluation.ranking_users=20" in arguments
    assert not any(argument.startswith("evaluation.memory_limit") for argument in arguments)
    assert arguments[-2:] == [f"rerun={trial}", "model.cast_weight=0.2"]
    assert not any(argument.startswith("data.cache=") for argument in arguments)
    assert 'parent="first_001"' in arguments


def test_without_rerun_arguments_stay_as_they_are() -> None:
    assert with_rerun(["-m", "search=grid"]) == ["-m", "search=grid"]


@pytest.mark.parametrize("folder", ["", "nowhere", "/dev/null", "a\0b", "x" * 300])
def test_what_is_no_trial_is_refused(tmp_path: Path, folder: str) -> None:
    answer = run_here(*standard(tmp_path), f"rerun={folder}")
    assert not refusal_problems(answer), answer
    assert answer.stderr.startswith("reeltune: rerun must be the folder of a recorded trial")
    assert snapshot(tmp_path) == {}


BROKEN = {
    "metrics cut": ("metrics.json", '{"experiment_id": "a'),
    "metrics a list": ("metrics.json", "[]"),
    "metrics without id": ("metrics.json", "{}"),
    "config cut": (".hydra/config.yaml", "model: {a: ["),
    "config empty": (".hydra/config.yaml", ""),
    "config a list": (".hydra/config.yaml", "[1, 2]"),
    "config with text for a section": (".hydra/config.yaml", "model: phase1"),
    "config that builds": (".hydra/config.yaml", "model: !!python/object/apply:os.system [ls]"),
    "hydra cut": (".hydra/hydra.yaml", "hydra: {"),
    "hydra empty": (".hydra/hydra.yaml", ""),
    "hydra without choices": (".hydra/hydra.yaml", "hydra: {runtime: {}}"),
    "not text": (".hydra/config.yaml", "\udcff\udcfe"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_file_is_refused_in_one_line(tmp_path: Path, trial: Path, case: str) -> None:
    name, text = BROKEN[case]
    (trial / name).write_bytes(text.encode("utf-8", "surrogateescape"))
    before = snapshot(tmp_path)
    answer = run_here(*standard(tmp_path), f"rerun={trial}")
    assert not refusal_problems(answer), answer
    assert len(answer.lines) == 1
    assert answer.stderr.startswith("reeltune: rerun cannot be read from")
    assert snapshot(tmp_path) == before


def test_a_missing_file_is_refused(tmp_path: Path, trial: Path) -> None:
    (trial / ".hydra" / "hydra.yaml").unlink()
    answer = run_here(*standard(tmp_path), f"rerun={trial}")
    assert not refusal_problems(answer), answer


@pytest.mark.parametrize("line", ["_target_: os.system", "x=1 hydra.run.dir: /escape", "genre_wait: 0.3"])
def test_a_config_is_data_and_checked_like_any_other(tmp_path: Path, trial: Path, line: str) -> None:
    config = trial / ".hydra" / "config.yaml"
    config.write_text(config.read_text().replace("model:\n", f"model:\n  {line}\n"), encoding="utf-8")
    before = snapshot(tmp_path)
    answer = run_here(*standard(tmp_path), f"rerun={trial}")
    assert not refusal_problems(answer), answer
    assert snapshot(tmp_path) == before


def test_a_choice_in_a_recorded_trial_is_a_name_and_no_path(tmp_path: Path, trial: Path) -> None:
    hydra = trial / ".hydra" / "hydra.yaml"
    hydra.write_text(hydra.read_text().replace("model: phase1", "model: ../../phase1"), encoding="utf-8")
    answer = run_here(*standard(tmp_path), f"rerun={trial}")
    assert not refusal_problems(answer), answer


@pytest.mark.parametrize("typed", ["++rerun=x", "'rerun'=x", "+rerun=x"])
def test_rerun_is_typed_in_one_way(tmp_path: Path, typed: str) -> None:
    answer = run_here(*standard(tmp_path), typed)
    assert not refusal_problems(answer), answer
    assert "rerun" in answer.lines[0]


def test_a_trial_measured_again_gives_the_same_and_names_its_parent(tmp_path: Path, recorded: Path) -> None:
    answer = run_here(*standard(tmp_path), f"rerun={recorded}", "run_id=again")
    assert answer.code == 0, answer.stderr
    first, again = (
        json.loads((folder / "metrics.json").read_text())
        for folder in (recorded, tmp_path / "outputs" / "again" / "001")
    )
    assert again["parent_experiment_id"] == "first_001"
    assert again["metrics"] == first["metrics"]
    assert again["config_key"] == first["config_key"]
