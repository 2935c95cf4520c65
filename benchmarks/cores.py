"""Time random trials on one core and on two, and tell what two workers hold in memory.

python benchmarks/cores.py [--trials 300] [--rounds 3] [--model phase1 phase2]

Prints a Markdown table. One core is launch=serial, two are launch=cores; each trial is recorded. The start of
a command is taken off by the difference of two lengths. Both are run in turn, beside a loop that only counts,
in one process and in two: what two of those get done is what this machine, which others may be using, has to
give. Medians over the rounds, ratios within a round.
"""

import argparse
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cost_rows import Row, markdown

ROOT = Path(__file__).resolve().parents[1]
MODELS = ("phase1", "phase2")
SHORT = 16  # trials of the shorter length
LOOP = 3.0  # seconds that the counting loops take
COUNTING = (
    f"import time; n = 0; end = time.perf_counter() + {LOOP}\n"
    "while time.perf_counter() < end: n += sum(range(1000)) > 0\n"
    "print(n)"
)
HELD = ("Rss", "Pss", "Shared_Clean", "Private_Clean", "Private_Dirty")


@dataclass(frozen=True)
class Took:
    """What a sweep took, in seconds, and what its workers held, in MiB."""

    clock: float
    processor: float
    held: Sequence[dict[str, float]] = ()

    def a_trial(self, shorter: "Took", trials: int) -> "Took":
        """Take the start off, which a shorter sweep has, too."""
        return Took((self.clock - shorter.clock) / trials, (self.processor - shorter.processor) / trials)


def swept(launch: str, model: str, trials: int) -> Took:
    """Sweep from an empty record, and look at the workers when three quarters of the trials are done."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        command = [sys.executable, str(ROOT / "src" / "tune_app.py"), "-m", "search=random", "reuse=false"]
        command += [f"launch={launch}", f"model={model}", f"hydra.sweeper.n_trials={trials}"]
        command += [f"outputs={home}", f"db.url=sqlite:///{home / 'movies.db'}", "run_id=r"]
        before, started = os.times(), time.perf_counter()
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            held = seen_at(home, process, trials * 3 // 4)
        clock, after = time.perf_counter() - started, os.times()
        assert process.returncode == 0
        assert completed(home) == trials
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return Took(clock, used, held)


def seen_at(home: Path, process: subprocess.Popen[bytes], trials: int) -> Sequence[dict[str, float]]:
    """Wait until so many trials are done, and tell what each worker holds; nothing if it was faster."""
    while process.poll() is None:
        if completed(home) >= trials:
            return [held for held in map(held_by, workers_of(process.pid)) if held]
        time.sleep(0.2)
    return ()


def completed(home: Path) -> int:
    """Count the trials that are done."""
    if not (home / "r" / "001").exists():
        return 0
    with sqlite3.connect(home / "movies.db") as record:
        count = record.execute("SELECT count(*) FROM hp_experiments WHERE status = 'completed'").fetchone()[0]
    record.close()
    return int(count)


def workers_of(parent: int) -> Iterator[int]:
    """Find the children of a process that run jobs."""
    for task in Path("/proc").glob("[0-9]*"):
        try:
            fields = (task / "stat").read_text().rpartition(")")[2].split()
            line = (task / "cmdline").read_text()
        except OSError:
            continue
        if int(fields[1]) == parent and "popen_loky" in line:
            yield int(task.name)


def held_by(process: int) -> dict[str, float]:
    """Read what a process holds, in MiB: PSS counts a page that n processes share as 1/n."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return {}
    sizes = {line.partition(":")[0]: line.split()[1] for line in lines[1:]}
    return {name: int(sizes[name]) / 1024 for name in HELD}


def counted(processes: int) -> int:
    """Count in so many processes at once."""
    command = [sys.executable, "-c", COUNTING]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(processes)]
    return sum(int(process.communicate()[0]) for process in running)


@dataclass(frozen=True)
class Round:
    """A trial by one core and by two, and how much more two counting loops got done than one."""

    one: Took
    two: Took
    ceiling: float
    held: Sequence[dict[str, float]]


def measured(model: str, trials: int) -> Round:
    """Run one round."""
    more = trials - SHORT
    ceilings = [counted(2) / counted(1)]
    longs, shorts = {}, {}
    for launch in ("serial", "cores"):
        shorts[launch] = swept(launch, model, SHORT)
        longs[launch] = swept(launch, model, trials)
        ceilings.append(counted(2) / counted(1))
    one, two = (longs[launch].a_trial(shorts[launch], more) for launch in ("serial", "cores"))
    return Round(one, two, statistics.mean(ceilings), longs["cores"].held)


def rows(trials: int = 300, rounds: int = 3, models: Sequence[str] = MODELS) -> Iterator[Row]:
    """Measure a trial of each model on one core and on two."""
    for model in models:
        found = [measured(model, trials) for _ in range(rounds)]
        yield from rows_of(model, found)


def rows_of(model: str, found: Sequence[Round]) -> Iterator[Row]:
    """Tell what the rounds of a model found."""
    one, two = ([getattr(each, which) for each in found] for which in ("one", "two"))
    times = [a.clock / b.clock for a, b in zip(one, two, strict=True)]
    ceiling = statistics.median(each.ceiling for each in found)
    yield Row(
        f"trials of {model} in a second, two workers beside one core",
        f"{statistics.median(1 / took.clock for took in two):.1f}",
        f"{statistics.median(1 / took.clock for took in one):.1f}, one core",
        statistics.median(times),
    )
    yield Row(
        "that ratio beside what two counting loops get done",
        f"{statistics.median(times):.2f}",
        f"{ceiling:.2f}, of two loops",
        statistics.median(ratio / each.ceiling for ratio, each in zip(times, found, strict=True)),
    )
    used = statistics.median(b.processor / a.processor for a, b in zip(one, two, strict=True))
    yield Row(
        f"processor time of a trial of {model} by two workers and their parent",
        f"{statistics.median(took.processor for took in two) * 1000:.1f} ms",
        f"{statistics.median(took.processor for took in one) * 1000:.1f} ms, on one core",
        used,
    )
    yield Row(
        "times the trials that two idle cores have the time for", f"{2 / used:.2f}", "1, one core", 2 / used
    )
    held = [worker for each in found for worker in each.held]
    if held:
        middle = {name: statistics.median(worker[name] for worker in held) for name in HELD}
        yield Row(
            f"memory of a worker of {model}, a page that n share counted as 1/n",
            f"{middle['Pss']:.0f} MiB",
            f"{middle['Rss']:.0f} MiB, each page counted as its own",
            middle["Pss"] / middle["Rss"],
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--trials", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--model", nargs="+", choices=MODELS, default=MODELS)
    asked = parser.parse_args()
    print("\n".join(markdown(rows(asked.trials, asked.rounds, asked.model))))
