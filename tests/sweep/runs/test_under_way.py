"""How far long trials are, in files that whoever watches the run can read."""

import os
import time
from pathlib import Path

import pytest

from pipeline.progress import heard_by, steps
from sweep.runs import under_way as module
from sweep.runs.under_way import said_in_lines, trials_under_way, under_way


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("QUIET_SECONDS", "WRITE_SECONDS", "LINE_SECONDS"):
        monkeypatch.setattr(module, name, 0)


def test_every_step_is_told_to_whoever_listens() -> None:
    heard: list[tuple[str, float]] = []
    with heard_by(lambda work, share: heard.append((work, share))):
        assert list(steps("ranking", "abcd", 4)) == list("abcd")
    assert heard == [("ranking", 0.25), ("ranking", 0.5), ("ranking", 0.75), ("ranking", 1.0)]


def test_where_nobody_listens_work_is_done_all_the_same() -> None:
    assert list(steps("ranking", range(3), 3)) == [0, 1, 2]


@pytest.mark.usefixtures("at_once")
def test_trials_that_run_tell_how_far_they_are_and_nothing_once_they_are_over(tmp_path: Path) -> None:
    with under_way(tmp_path, "012"), under_way(tmp_path, "003"):
        for _ in steps("scoring", range(2), 4):
            assert trials_under_way(tmp_path) in ([], ["trial 3: scoring 25%"])
        assert trials_under_way(tmp_path) == ["trial 3: scoring 50%"]
    assert trials_under_way(tmp_path) == []
    assert list(tmp_path.iterdir()) == []


def test_a_trial_of_a_moment_leaves_nothing(tmp_path: Path) -> None:
    with under_way(tmp_path, "001"):
        for _ in steps("scoring", range(50), 50):
            assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("at_once")
def test_whoever_was_killed_long_ago_is_forgotten(tmp_path: Path) -> None:
    with under_way(tmp_path, "001"):
        list(steps("scoring", range(1), 2))
        file = tmp_path / module.FOLDER / "001"
        long_ago = time.time() - module.FORGOTTEN_SECONDS - 1
        os.utime(file, (long_ago, long_ago))
        assert trials_under_way(tmp_path) == []


@pytest.mark.usefixtures("at_once")
def test_a_trial_that_fails_leaves_no_word(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), under_way(tmp_path, "001"):
        list(steps("scoring", range(1), 2))
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("at_once")
def test_what_precedes_the_trials_is_said_in_lines(capsys: pytest.CaptureFixture[str]) -> None:
    with said_in_lines("baseline and references"):
        list(steps("ranking", range(2), 2))
    assert capsys.readouterr().err.splitlines() == [
        "baseline and references: ranking 50%",
        "baseline and references: ranking 100%",
    ]
