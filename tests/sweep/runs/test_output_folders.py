"""Whatever a config says, a run writes below its outputs folder and nowhere else."""

import os
from pathlib import Path

import pytest
from command import refusal_problems, run_here, run_outside, snapshot, standard

NAMES = {
    "absolute": "/tmp/reeltune-escape/x",  # noqa: S108 - never made
    "parents": "../../escape",
    "parent": "..",
    "dot": ".",
    "hidden": ".hidden",
    "percent": "%2e%2e%2fescape",
    "300 letters": "x" * 300,
    "fullwidth dots": "．．",
    "division slash": "a∕b",
    "backslash": "..\\escape",
    "trailing dots and slash": "a../../..",
    "inner space": "a b",
    "home": "~",
    "newline": "a\nb",
    "nul": "a\0b",
    "interpolated": "${oc.env:HOME}",
}
PATH_KEYS = (
    "hydra.run.dir",
    "hydra.sweep.dir",
    "hydra.sweep.subdir",
    "hydra.output_subdir",
    "hydra.job.name",
    "hydra.runtime.output_dir",
    "hydra.job_logging.handlers.file.filename",
    "hydra.hydra_logging.handlers.file.filename",
)
MODES = pytest.mark.parametrize("mode", [[], ["-m"]], ids=["single", "many"])


def quoted(value: str) -> str:
    return '"' + value.replace("\\", "\\\\") + '"'


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
@pytest.mark.parametrize(("key", "mode"), [("run_id", []), ("run_id", ["-m"]), ("search.method", [])])
def test_a_name_is_no_path(tmp_path: Path, key: str, name: str, mode: list[str]) -> None:
    answer = run_here(*standard(tmp_path), f"{key}={quoted(name)}", *mode)
    assert not refusal_problems(answer), answer
    assert any(key in line or "run_id" in line for line in answer.lines)
    assert snapshot(tmp_path) == {}


@pytest.mark.parametrize(("prefix", "mode"), [("", []), ("++", ["-m"])])
@pytest.mark.parametrize("key", PATH_KEYS)
def test_hydras_paths_are_fixed_on_the_command_line(
    tmp_path: Path, key: str, prefix: str, mode: list[str]
) -> None:
    answer = run_here(*standard(tmp_path), f"{prefix}{key}={tmp_path}/escape", *mode)
    assert not refusal_problems(answer), answer
    assert answer.lines[0].startswith(f"reeltune: {key} is fixed")
    assert snapshot(tmp_path) == {}


PRESETS = {
    "output_subdir": "output_subdir: ../../../escape",
    "no output_subdir": "output_subdir: null",
    "chdir": "job: {chdir: true}",
    "environment": "job: {env_set: {LD_PRELOAD: evil.so}}",
    "job log": "job_logging: {handlers: {file: {filename: FOLDER/escape.log}}}",
    "sweep log": "hydra_logging: {handlers: {file: {filename: FOLDER/escape.log, delay: false}}}",
    "another log": "hydra_logging: {handlers: {x: {class: logging.FileHandler, filename: FOLDER/x.log}}}",
    "rotating log": "job_logging: {handlers: {x: {class: logging.handlers.RotatingFileHandler}}}",
    "log called": "hydra_logging: {handlers: {x: {(): logging.FileHandler, filename: FOLDER/escape.log}}}",
    "formatter called": "hydra_logging: {formatters: {x: {(): logging.FileHandler}}}",
    "log filter": "hydra_logging: {filters: {x: {(): logging.FileHandler, filename: FOLDER/escape.log}}}",
    "callback": "callbacks: {x: {_target_: logging.FileHandler, filename: FOLDER/escape.log}}",
    "no callback": "callbacks: null",
    "launcher's folder": "launcher: {temp_folder: FOLDER/escape}",
    "space": "sweeper: {params: {hydra.run.dir: FOLDER/escape}}",
    "space of sweep": "sweeper: {params: {hydra.sweep.dir: FOLDER/escape}}",
    "space forced": "sweeper: {params: {++hydra.sweep.subdir: FOLDER/escape}}",
    "space of outputs": "sweeper: {params: {outputs: FOLDER/escape}}",
    "space of search paths": "sweeper: {params: {hydra.searchpath: '[FOLDER]'}}",
}


@MODES
@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)
def test_a_preset_of_the_user_cannot_write_elsewhere(tmp_path: Path, preset: str, mode: list[str]) -> None:
    folder, home = tmp_path / "presets", tmp_path / "home"
    (folder / "search").mkdir(parents=True)
    home.mkdir()
    text = preset.replace("FOLDER", str(home))
    # It begins as a grid that lists its values, so that it is legal otherwise.
    (folder / "search" / "mine.yaml").write_text(
        f"# @package _global_\ndefaults: [manual]\nhydra:\n  {text}\n", encoding="utf-8"
    )
    before = snapshot(tmp_path)
    launch = ["launch=cores"] if "launcher" in preset else []
    answer = run_here("--config-dir", str(folder), *standard(home), "search=mine", *launch, *mode)
    assert not refusal_problems(answer), answer
    assert "hydra." in answer.lines[0] or "outputs" in answer.lines[0]
    assert snapshot(tmp_path) == before


# conf/config.yaml stands last and says these itself.
OVERRULED = """
  run: {dir: FOLDER/escape}
  sweep: {dir: FOLDER/escape, subdir: ../../escape}
  callbacks: {single_run: {_target_: logging.FileHandler}}
"""


@MODES
def test_a_preset_of_the_user_cannot_move_a_run(tmp_path: Path, mode: list[str]) -> None:
    (tmp_path / "presets" / "search").mkdir(parents=True)
    text = OVERRULED.replace("FOLDER", str(tmp_path))
    (tmp_path / "presets" / "search" / "mine.yaml").write_text(
        f"# @package _global_\ndefaults: [manual]\nhydra:{text}", encoding="utf-8"
    )
    answer = run_here("--config-dir", f"{tmp_path}/presets", *standard(tmp_path), "search=mine", *mode)
    assert answer.code == 0, answer.stderr
    assert written_in(tmp_path) == {"cache", "movies.db", "outputs", "presets"}


def written_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if not path.name.startswith("movies.db-")}


def test_a_harmless_preset_of_the_user_runs(tmp_path: Path) -> None:
    (tmp_path / "presets" / "model").mkdir(parents=True)
    (tmp_path / "presets" / "model" / "mine.yaml").write_text(
        "defaults: [phase1]\ngenre_weight: 0.2\n", encoding="utf-8"
    )
    answer = run_here(
        "-cd", f"{tmp_path}/presets", *standard(tmp_path), "model=mine", "space=phase1", "run_id=mine"
    )
    assert answer.code == 0, answer.stderr
    assert written_in(tmp_path) == {"cache", "movies.db", "outputs", "presets"}


@MODES
def test_a_run_folder_that_is_a_link_is_not_followed(tmp_path: Path, mode: list[str]) -> None:
    (tmp_path / "outputs").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "outputs" / "linked").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "outputs" / "dangling").symlink_to(tmp_path / "nowhere")
    (tmp_path / "outputs" / "itself").symlink_to(tmp_path / "outputs" / "itself")
    before = snapshot(tmp_path)
    for name in ("linked", "dangling", "itself"):
        answer = run_here(*standard(tmp_path), f"run_id={name}", *mode)
        assert not refusal_problems(answer), answer
    assert snapshot(tmp_path) == before


@pytest.mark.parametrize("outputs", ["~/x", "a\nb", "a\0b", "x" * 300, "/dev/null/x"])
def test_outputs_is_a_folder_that_can_be_made(tmp_path: Path, outputs: str) -> None:
    answer = run_here(*standard(tmp_path), f'outputs="{outputs}"')
    assert not refusal_problems(answer), answer
    assert answer.lines[0].startswith("reeltune: outputs must be a folder")
    assert snapshot(tmp_path) == {}


def test_a_percent_name_is_a_name(tmp_path: Path) -> None:
    """An outputs folder is the user's own choice; what looks encoded is not decoded."""
    answer = run_here(*standard(tmp_path), f"outputs={tmp_path}/%2e%2e", "run_id=one")
    assert answer.code == 0, answer.stderr
    assert (tmp_path / "%2e%2e" / "one" / "001" / "metrics.json").is_file()


def test_outside_a_log_file_elsewhere_is_not_even_opened(tmp_path: Path) -> None:
    """Hydra opens the files of hydra_logging before any plugin of ours is asked."""
    log = tmp_path / "escape.log"
    handler = (
        f"hydra.hydra_logging.handlers.file={{class: logging.FileHandler, filename: {log}, delay: false}}"
    )
    answer = run_outside(*standard(tmp_path), "-m", handler)
    assert not refusal_problems(answer), answer
    assert os.listdir(tmp_path) == []  # noqa: PTH208 - hidden ones, too
