"""How far a run is: a bar on a terminal, plain lines elsewhere."""

import dataclasses
import os
import pty
import re
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from app_runs import command, environment
from sqlalchemy import Engine

from db.engine import connect
from db.records import NewExperiment, Result, complete_experiment, fail_experiment, open_experiment
from db.schema import prepare
from pipeline.hyperparameters import Phase1
from pipeline.progress import steps
from sweep.runs import progress
from sweep.runs import under_way as under_way_module
from sweep.runs.progress import ProgressBar
from sweep.runs.under_way import under_way

MEASURED = dict.fromkeys(("accuracy", "balanced_accuracy", "mae", "rmse", "ndcg", "recall", "coverage"), 0.5)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = connect(f"sqlite:///{tmp_path / 'movies.db'}")
    prepare(engine)
    yield engine
    engine.dispose()


def finish(engine: Engine, trial: int, objective: float | None) -> None:
    """Record a trial; one without an objective failed."""
    experiment = NewExperiment(
        experiment_id=f"r_{trial:03d}",
        tuning_run_id="r",
        trial_number=trial,
        tuning_method="random",
        model="phase1",
        hyperparameters=dataclasses.asdict(Phase1()),
        objective="accuracy",
        config_key="key",
        data_fingerprint="data",
        code_version="code",
        seed=42,
        output_dir="outputs/r",
    )
    open_experiment(engine, experiment=experiment)
    if objective is None:
        fail_experiment(engine, experiment.experiment_id, "broken", phase="exploration", duration_seconds=1.0)
        return
    result = Result(
        objective_value=objective,
        improvement_from_baseline=0.0,
        duration_seconds=1.0,
        validation=MEASURED,
        test=MEASURED,
    )
    complete_experiment(engine, experiment.experiment_id, result, phase="exploration")


def test_without_a_terminal_the_final_count_is_said_once(
    engine: Engine, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    with ProgressBar(engine, "r", total=3, objective="accuracy", folder=tmp_path):
        finish(engine, 1, 0.25)
        finish(engine, 2, None)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert re.fullmatch(r"2/3 trials, [\d.]+/s, best accuracy 0\.2500, 1 failed, \d+ s left", lines[0])


def test_a_long_run_says_how_far_it_is_from_time_to_time(
    engine: Engine, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(progress, "POLL_SECONDS", 0.01)
    monkeypatch.setattr(progress, "LINE_SECONDS", 0.05)
    said = ""
    with ProgressBar(engine, "r", total=2, objective="quality", folder=tmp_path):
        finish(engine, 1, 0.25)
        for _ in range(500):
            said += capsys.readouterr().err
            if said:
                break
            threading.Event().wait(0.01)
        finish(engine, 2, 0.5)
    said += capsys.readouterr().err
    assert re.fullmatch(
        r"1/2 trials, .*best quality 0\.2500, \d+ s left\n2/2 trials, .*best quality 0\.5000, 0 s left\n",
        said,
    )


def test_a_run_in_which_nothing_finished_says_nothing(
    engine: Engine, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    with ProgressBar(engine, "r", total=3, objective="accuracy", folder=tmp_path):
        pass
    assert capsys.readouterr().err == ""


def test_while_nothing_finishes_it_says_how_far_the_trials_are(
    engine: Engine, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(progress, "POLL_SECONDS", 0.01)
    monkeypatch.setattr(progress, "LINE_SECONDS", 0.05)
    monkeypatch.setattr(under_way_module, "QUIET_SECONDS", 0)
    said = ""
    with (
        ProgressBar(engine, "r", total=2, objective="quality", folder=tmp_path),
        under_way(tmp_path, "003"),
    ):
        for _ in steps("ranking", range(4), 8):
            pass
        for _ in range(500):
            said += capsys.readouterr().err
            if said:
                break
            threading.Event().wait(0.01)
    assert said.splitlines()[0] == "trial 3: ranking 12%"


def test_a_terminal_shows_a_bar_that_goes_when_the_run_ends(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    shown: list[bytes] = []

    def read() -> None:
        # Linux ends a pseudo-terminal whose other side is closed with an error.
        try:
            while piece := os.read(ours, 65536):
                shown.append(piece)
        except OSError:
            pass

    process = subprocess.Popen(
        command(tmp_path, "r", ["-m", "model.cast_background_weight=0.1,0.2,0.3,0.4,0.5"]),
        env={**environment(tmp_path), "TERM": "xterm", "COLUMNS": "100"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=theirs,
        text=True,
    )
    os.close(theirs)
    reader = threading.Thread(target=read)
    reader.start()
    stdout, _ = process.communicate(timeout=60)
    reader.join(timeout=10)
    os.close(ours)
    screen = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", b"".join(shown).decode())
    assert process.returncode == 0, screen
    assert "5/5" in screen
    assert "━" in screen
    assert re.search(r"[\d.]+ trials/s", screen)
    assert re.search(r"best accuracy 0\.\d{4}", screen)
    assert b"\x1b[?25h" in b"".join(shown), "the cursor is shown again"
    assert "r: best by accuracy" in stdout
