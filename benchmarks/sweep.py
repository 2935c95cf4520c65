"""Time recorded sweeps beside a sweep of Hydra's over the same config tree whose trials do nothing.

python benchmarks/sweep.py [--trials 1000] [--rounds 3]

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
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NOTHING = [str(ROOT / "benchmarks" / "noop_app.py"), "-m", "hydra/sweeper=basic", "hydra/launcher=basic"]
TRIALS = [str(ROOT / "src" / "tune_app.py"), "-m", "reuse=false"]
KEPT = {".hydra/config.yaml", ".hydra/hydra.yaml", ".hydra/overrides.yaml", "trial.log"}
COLD = 20  # Bayesian trials, as the preset has it


@dataclass(frozen=True)
class Time:
    """What a command took, in seconds."""

    clock: float
    processor: float

    def __sub__(self, other: "Time") -> "Time":
        return Time(self.clock - other.clock, self.processor - other.processor)

    def per(self, jobs: int) -> "Time":
        return Time(self.clock / jobs, self.processor / jobs)


def timed(command: Sequence[str]) -> Time:
    """Run a command to its end."""
    before, started = os.times(), time.perf_counter()
    subprocess.run([sys.executable, *command], check=True, capture_output=True, cwd=ROOT)
    clock, after = time.perf_counter() - started, os.times()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return Time(clock, used)


def in_fresh_folder(run: Callable[[Path], Time]) -> Time:
    with tempfile.TemporaryDirectory() as folder:
        return run(Path(folder))


def nothing(jobs: int) -> Time:
    """Sweep one value by Hydra alone."""
    values = ",".join(f"{i / jobs:.6f}" for i in range(jobs))
    return in_fresh_folder(
        lambda home: timed([*NOTHING, f"outputs={home}", "run_id=r", f"model.genre_weight={values}"])
    )


def trials(jobs: int, *arguments: str) -> Time:
    """Sweep by us from an empty record, and look whether all of it is there."""

    def run(home: Path) -> Time:
        places = [f"outputs={home}", "run_id=r", f"db.url=sqlite:///{home / 'movies.db'}"]
        took = timed([*TRIALS, *places, f"hydra.sweeper.n_trials={jobs}", *arguments])
        check_complete(home, jobs)
        return took

    return in_fresh_folder(run)


def check_complete(home: Path, jobs: int) -> None:
    """Refuse to time a sweep that left something out."""
    with sqlite3.connect(home / "movies.db") as record:
        completed = record.execute("SELECT count(*) FROM hp_experiments WHERE status = 'completed'")
        iterations = record.execute("SELECT count(*) FROM hp_tuning_history")
        assert (completed.fetchone()[0], iterations.fetchone()[0]) == (jobs, jobs)
    for number in range(1, jobs + 1):
        assert all((home / "r" / f"{number:03d}" / name).is_file() for name in KEPT)


def of_a_job(run: Callable[..., Time], jobs: int, *arguments: str) -> Time:
    """Time one job of many, the start of the command apart."""
    return (run(jobs, *arguments) - run(1, *arguments)).per(jobs - 1)


def row(name: str, ours: Sequence[Time], theirs: Sequence[Time], unit: float) -> str:
    """Write a row: medians of both, and how many times theirs ours is."""
    cells = [statistics.median(one.clock for one in times) * unit for times in (ours, theirs)]
    ratios = [
        statistics.median(getattr(a, kind) / getattr(b, kind) for a, b in zip(ours, theirs, strict=True))
        for kind in ("clock", "processor")
    ]
    return f"| {name} | {cells[0]:.1f} | {cells[1]:.1f} | {ratios[0]:.2f} | {ratios[1]:.2f} |"


def main(count: int, rounds: int) -> None:
    random = ("search=random", "model=phase1")
    times: list[tuple[Time, Time, Time, Time, Time]] = []
    for _ in range(rounds):
        one_of_hydras = of_a_job(nothing, max(count // 10, COLD))
        one_of_ours = of_a_job(trials, count, *random)
        one_by_hydra = of_a_job(trials, max(count // 10, COLD), *random, "launch=basic")
        times.append(
            (one_of_ours, one_by_hydra, one_of_hydras, trials(COLD, "search=bayesian"), nothing(COLD))
        )
    ours, by_hydra, hydras, cold, cold_hydra = map(list, zip(*times, strict=True))
    print("| work | ours | Hydra's, doing nothing | ratio by the clock | ratio by the processor |")
    print("| --- | --: | --: | --: | --: |")
    print(row(f"one of {count} random trials of phase1, ms", ours, hydras, 1000))
    print(row("the same with launch=basic, ms", by_hydra, hydras, 1000))
    print(row(f"{COLD} Bayesian trials from the start of Python, s", cold, cold_hydra, 1))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--trials", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    main(asked.trials, asked.rounds)
