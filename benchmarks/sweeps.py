"""Time recorded sweeps beside a sweep of Hydra's over the same config tree whose trials do nothing.

python benchmarks/sweeps.py [--trials 300] [--rounds 3]

Prints a Markdown table. All commands run in processes of their own, in turn, so that whatever else runs here
falls on all of them; medians over the rounds, ratios within a round; processor time is told beside the clock.
"""

import argparse
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

from cost_rows import Row, markdown

ROOT = Path(__file__).resolve().parents[1]
NOTHING = [str(ROOT / "benchmarks" / "noop_app.py"), "-m", "hydra/sweeper=basic", "hydra/launcher=basic"]
TRIALS = [str(ROOT / "src" / "tune_app.py"), "-m", "reuse=false"]
RANDOM = ("search=random", "model=phase1")
KEPT = {".hydra/config.yaml", ".hydra/hydra.yaml", ".hydra/overrides.yaml", "trial.log"}
COLD = 20  # Bayesian trials, as the preset has it
WARMING = 20  # first trials, in which what is compiled is loaded
HYDRAS = "Hydra's job that does nothing"
T = TypeVar("T")


@dataclass(frozen=True)
class Time:
    """What a command took, in seconds."""

    clock: float
    processor: float

    def __sub__(self, other: "Time") -> "Time":
        return Time(self.clock - other.clock, self.processor - other.processor)

    def per(self, jobs: int) -> "Time":
        return Time(self.clock / jobs, self.processor / jobs)


@dataclass(frozen=True)
class Sweep:
    """What a sweep took and left."""

    time: Time
    folder_bytes: float  # of one trial's files
    database_bytes: int  # of the whole file; 0 where nothing is recorded
    gaps: Sequence[float] = ()  # seconds from each result to the next


@dataclass(frozen=True)
class Round:
    """What was timed in turn."""

    one: Sweep  # of ours
    many: Sweep
    one_by_hydra: Time  # a trial of ours, by Hydra's launcher
    one_of_hydras: Time
    hydras: Sweep
    cold: Sweep
    cold_hydras: Sweep
    trials: int

    @property
    def one_of_ours(self) -> Time:
        return (self.many.time - self.one.time).per(self.trials - 1)

    @property
    def database_bytes(self) -> float:
        return (self.many.database_bytes - self.one.database_bytes) / (self.trials - 1)


def timed(command: Sequence[str]) -> Time:
    """Run a command to its end."""
    before, started = os.times(), time.perf_counter()
    subprocess.run([sys.executable, *command], check=True, capture_output=True, cwd=ROOT)
    clock, after = time.perf_counter() - started, os.times()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return Time(clock, used)


def in_fresh_folder(run: Callable[[Path], T]) -> T:
    with tempfile.TemporaryDirectory() as folder:
        return run(Path(folder))


def nothing(jobs: int) -> Sweep:
    """Sweep one value by Hydra alone."""
    values = ",".join(f"{i / jobs:.6f}" for i in range(jobs))

    def run(home: Path) -> Sweep:
        took = timed([*NOTHING, f"outputs={home}", "run_id=r", f"model.genre_weight={values}"])
        return Sweep(took, bytes_below(home / "r" / f"{jobs:03d}"), 0)

    return in_fresh_folder(run)


def trials(jobs: int, *arguments: str) -> Sweep:
    """Sweep by us from an empty record, and look whether all of it is there."""

    def run(home: Path) -> Sweep:
        database = home / "movies.db"
        places = [f"outputs={home}", "run_id=r", f"db.url=sqlite:///{database}"]
        took = timed([*TRIALS, *places, f"hydra.sweeper.n_trials={jobs}", *arguments])
        folders = [home / "r" / f"{number:03d}" for number in range(1, jobs + 1)]
        moments = finished(database)
        assert len(moments) == jobs
        assert all((folder / name).is_file() for folder in folders for name in KEPT)
        each = sum(map(bytes_below, folders)) / jobs
        return Sweep(took, each, database.stat().st_size, [b - a for a, b in pairwise(moments)])

    return in_fresh_folder(run)


def finished(database: Path) -> list[float]:
    """Read when each trial was completed, in seconds; all must have left their row in the history."""
    with sqlite3.connect(database) as record:
        iterations = record.execute("SELECT count(*) FROM hp_tuning_history").fetchone()[0]
        completed = record.execute(
            "SELECT completed_at FROM hp_experiments WHERE status = 'completed' ORDER BY trial_number"
        ).fetchall()
    record.close()
    assert iterations == len(completed)
    return [datetime.fromisoformat(moment).timestamp() for (moment,) in completed]


def bytes_below(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def measured(count: int) -> Round:
    """Time each kind of sweep once; of Hydra's a tenth of the jobs, which take as long each."""
    few = max(count // 10, COLD)
    hydras, one_of_hydras = nothing(few), nothing(1)
    one, many, by_hydra = trials(1, *RANDOM), trials(count, *RANDOM), trials(few, *RANDOM, "launch=basic")
    return Round(
        one=one,
        many=many,
        one_by_hydra=(by_hydra.time - one.time).per(few - 1),
        one_of_hydras=(hydras.time - one_of_hydras.time).per(few - 1),
        hydras=hydras,
        cold=trials(COLD, "search=bayesian"),
        cold_hydras=nothing(COLD),
        trials=count,
    )


def rows(count: int = 300, rounds: int = 3) -> Iterator[Row]:
    """Measure so many random trials in each round, and tell the medians."""
    found = [measured(count) for _ in range(rounds)]
    hydras = [one.one_of_hydras for one in found]
    trial = f"one of {count} random trials of phase1"
    yield from both(trial, [one.one_of_ours for one in found], hydras, HYDRAS, 1000)
    yield from both(f"{trial}, launch=basic", [one.one_by_hydra for one in found], hydras, HYDRAS, 1000)
    yield from both(
        f"{COLD} Bayesian trials from the start of Python",
        [one.cold.time for one in found],
        [one.cold_hydras.time for one in found],
        f"{COLD} of Hydra's jobs that do nothing",
        1,
    )
    yield from kept(found)


def both(
    what: str, ours: Sequence[Time], theirs: Sequence[Time], theirs_are: str, per_second: int
) -> Iterator[Row]:
    """Tell what is held beside Hydra's, by the clock and by the processor, in s or ms."""
    unit = {1: "s", 1000: "ms"}[per_second]
    for kind in ("clock", "processor"):
        of_ours, of_theirs = ([getattr(one, kind) * per_second for one in times] for times in (ours, theirs))
        yield Row(
            f"{what}, by the {kind}",
            f"{statistics.median(of_ours):.1f} {unit}",
            f"{statistics.median(of_theirs):.1f} {unit}, {theirs_are}",
            statistics.median(a / b for a, b in zip(of_ours, of_theirs, strict=True)),
        )


def kept(found: Sequence[Round]) -> Iterator[Row]:
    """Tell whether a trial's cost grows, and what one leaves on the disk."""
    many, count = [one.many for one in found], found[0].trials
    fifth = (count - WARMING) // 5
    last = statistics.median(gap for one in many for gap in one.gaps[-fifth:])
    first = statistics.median(gap for one in many for gap in one.gaps[WARMING:][:fifth])
    yield Row(
        f"one of the last {fifth} of {count} trials, by the clock",
        f"{last * 1000:.1f} ms",
        f"{first * 1000:.1f} ms, one of the first {fifth} after {WARMING}",
        last / first,
    )
    yield Row("an experiment in the database", f"{statistics.median(o.database_bytes for o in found):.0f} B")
    ours, theirs = many[0].folder_bytes, found[0].hydras.folder_bytes
    yield Row("files of a trial", f"{ours:.0f} B", f"{theirs:.0f} B, {HYDRAS}", ours / theirs)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--trials", type=int, default=300, help="at least 50")
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    print("\n".join(markdown(rows(asked.trials, asked.rounds))))
