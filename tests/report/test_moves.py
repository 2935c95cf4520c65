"""Runs that move one hyperparameter at a time, read back from their folders."""

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from report_samples import PARTS, experiment, findings, per_user, tuning_run

from db.answers import RecordedExperiment
from pipeline.contributions import PER_USER_FILE, write_contributions
from pipeline.evaluation import Evaluation
from pipeline.hyperparameters import Phase1
from pipeline.metrics import METRICS, Measurement
from report.findings import Findings
from report.judgement import judged
from report.moves import moved_alone, moves_lines, moves_table
from report.telling import telling

TYPED = ["search=sensitivity", "model.cast_weight=0.2"]


def trial(
    folder: Path, number: int, move: str | None, share: float, changed: int = 0, **known: Any
) -> RecordedExperiment:
    """Leave a trial whose rankings of the first users are others than the current configuration's."""
    there = folder / f"{number:03d}"
    (there / ".hydra").mkdir(parents=True)
    lines = TYPED if move is None else [move, *TYPED]
    (there / ".hydra" / "overrides.yaml").write_text(yaml.safe_dump(lines), encoding="utf-8")
    ranking = np.zeros(120, dtype=np.uint32)
    ranking[:changed] = number
    kept = Measurement(dict.fromkeys(METRICS, share), dataclasses.replace(per_user(share), ranking=ranking))
    write_contributions(there / PER_USER_FILE, Evaluation(Phase1(), kept, kept))
    return experiment(number, share, tuning_method="sensitivity", output_dir=str(there), **known)


def run_of(experiments: list[RecordedExperiment]) -> Findings:
    run = tuning_run(tuning_method="sensitivity")
    kept = [per_user(one.objective_value or 0) for one in experiments]
    figures: dict[str, Any] = dict.fromkeys(PARTS, kept)
    return findings({}, run=run, experiments=experiments, ranked=experiments, per_user=figures)


@pytest.fixture
def moved(tmp_path: Path) -> Findings:
    experiments = [
        trial(tmp_path, 1, None, 0.5),
        trial(tmp_path, 2, "model.genre_weight=0.0", 0.4, changed=60),
        trial(tmp_path, 3, "model.genre_weight=1.0", 0.8, changed=30),
        trial(tmp_path, 4, "model.cast_lead_threshold=1", 0.5, changed=6),
        trial(tmp_path, 5, "model.cast_lead_weight=0.5", 0.5),
    ]
    return run_of(experiments)


def test_texts_that_were_tried_are_listed(tmp_path: Path) -> None:
    moves = {1: (None, "none", 0.5), 2: ("linear", "linear", 0.4), 3: ("isotonic", "isotonic", 0.6)}
    experiments = [
        trial(tmp_path, n, text and f"model.calibration={text}", share, hyperparameters={"calibration": used})
        for n, (text, used, share) in moves.items()
    ]
    (row,) = moves_table(moved_alone(run_of(experiments))).rows
    assert list(map(str, row))[:3] == ["calibration", "linear, isotonic", "-0.100 +0.100"]


def test_each_hyperparameter_has_a_row_the_strongest_first(moved: Findings) -> None:
    assert [list(map(str, row)) for row in moves_table(moved_alone(moved)).rows] == [
        ["genre_weight", "0 to 1", "-0.100 +0.300", "-0.100 +0.300", "50%"],
        ["cast_lead_threshold", "1", "+0.000 +0.000", "+0.000 +0.000", "5%"],
        ["cast_lead_weight", "0.5", "+0.000 +0.000", "+0.000 +0.000", "0%"],
    ]


def test_those_that_do_nothing_are_named(moved: Findings) -> None:
    (line,) = moves_lines(moved_alone(moved))
    assert line.startswith("Dead: cast_lead_weight changes neither a metric nor anybody's ten")
    alive = [one for one in moved_alone(moved) if not one.is_dead]
    assert moves_lines(alive) == ["No hyperparameter is dead: each changes a metric or somebody's ten."]


def test_a_run_of_moves_is_told_by_what_they_do_and_not_by_a_winner(moved: Findings) -> None:
    told = telling(moved, judged(moved))
    assert told.lines[0].startswith("Dead: cast_lead_weight")
    assert not any("Best" in line or "deploy" in line for line in told.lines)
    assert len(told.tables) == 1


def test_where_the_folders_are_gone_that_is_said(moved: Findings) -> None:
    gone = [dataclasses.replace(one, output_dir="outputs/gone") for one in moved.experiments]
    found = dataclasses.replace(moved, experiments=gone)
    told = telling(found, judged(found))
    assert "What each hyperparameter does cannot be told: the folders of the trials are gone." in told.lines


def test_other_searches_move_nothing_alone(moved: Findings) -> None:
    other = dataclasses.replace(moved, run=tuning_run())
    assert moved_alone(other) == []
