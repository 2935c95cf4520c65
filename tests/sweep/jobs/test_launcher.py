"""A sweep by our launcher leaves what it leaves by Hydra's: every folder, file, byte and row."""

import re
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import pytest
from app_runs import Run, run_app, what_counts
from command import snapshot
from hydra._internal.core_plugins.basic_launcher import BasicLauncher
from hydra.core.utils import JobReturn
from small_presets import SEARCHES, smaller

from sweep.jobs.launcher import JobLauncher

# What a clock decides. The page of the whole run tells durations throughout, and no launcher writes it.
BY_THE_CLOCK = (
    (re.compile(rb"^\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}\]", re.MULTILINE), b"[then]"),
    (re.compile(rb'"duration_seconds": [\d.e-]+'), b'"duration_seconds": 1'),
)
OTHERS = {
    "two values of a key": ("model.genre_weight=0.3", "model.genre_weight=choice(0.1,0.2)"),
    "two models": ("model=phase1,phase2", "model.genre_weight=0.3,0.4"),
    "an addition": ("++reuse=true", "model.genre_weight=0.3,0.4"),
    "an interpolation": ("model.cast_weight=${model.genre_weight}", "model.genre_weight=0.3,0.4"),
    "a mapping": ("model={genre_weight: 0.2}", "model.cast_weight=0.3,0.4"),
    "texts with quotes": ("model=phase3", "model.calibration=choice(none,linear)", "parent='1_001'"),
    "one that fails": ("model.genre_threshold_high=0.4,0.7",),
}


class Counting(JobLauncher):
    """Counts the jobs that are left to Hydra."""

    by_hydra = 0

    def _by_hydra(self, number: int, lines: Sequence[str]) -> JobReturn:
        Counting.by_hydra += 1
        return super()._by_hydra(number, lines)


def by(launcher: type[object], home: Path, *arguments: str) -> tuple[Run, dict[str, bytes | str | None]]:
    """Run with a launcher in the place of ours, so that the config is the same."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sweep.jobs.launcher.JobLauncher", launcher)
        run = run_app(home, "r", "-m", *arguments)
        _ = run.rows, run.history
    files = {name: timeless(content) for name, content in snapshot(run.folder).items()}
    return run, {name: content for name, content in files.items() if name != "report.html"}


def timeless(content: bytes | str | None) -> bytes | str | None:
    if isinstance(content, bytes):
        for pattern, replacement in BY_THE_CLOCK:
            content = pattern.sub(replacement, content)
    return content


def assert_the_same(home: Path, *arguments: str, before: Sequence[str] = ()) -> Run:
    """Run twice in the same place, which outputs name."""
    found = []
    for launcher in (BasicLauncher, Counting):
        home.mkdir()
        if before:
            assert run_app(home, "before", "-m", *before).code == 0
        found.append(by(launcher, home, *arguments))
        home.rename(home.with_name(launcher.__name__))
    (theirs, their_files), (ours, our_files) = found
    assert ours.code == theirs.code
    assert list(our_files) == list(their_files)
    assert {name for name in our_files if our_files[name] != their_files[name]} == set()
    assert what_counts(list(ours.rows.values())) == what_counts(list(theirs.rows.values()))
    assert what_counts(ours.history) == what_counts(theirs.history)
    return ours


# One that lists its trials, and one that asks Optuna and sets phases and parents.
ALWAYS = ("grid", "refine")


@pytest.mark.parametrize(
    "search",
    [one if one in ALWAYS else pytest.param(one, marks=pytest.mark.slow) for one in SEARCHES],
)
def test_a_search_leaves_what_it_leaves_by_hydras_launcher(search: str, tmp_path: Path) -> None:
    if search == "gp" and find_spec("torch") is None:
        pytest.skip("search=gp needs torch")
    before = ("search=random", "hydra.sweeper.n_trials=2") if search == "confirm" else ()
    Counting.by_hydra = 0
    run = assert_the_same(tmp_path / "home", f"search={search}", *smaller(search), before=before)
    assert run.code == 0
    assert Counting.by_hydra == 0


# One that is copied, one that is left to Hydra, one whose trials fail.
FEW = ("two models", "an addition", "one that fails")


@pytest.mark.parametrize(
    "arguments",
    [pytest.param(OTHERS[name], id=name, marks=() if name in FEW else pytest.mark.slow) for name in OTHERS],
)
def test_whatever_is_swept_they_leave_the_same(arguments: tuple[str, ...], tmp_path: Path) -> None:
    assert_the_same(tmp_path / "home", *arguments)
