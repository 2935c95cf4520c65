"""Show that cost grows with the data: load, features and a trial, from 100 thousand to 25 million ratings.

nice python benchmarks/growth.py [--at-most 25000000] [--ranking-users 1000] [--model phase1]

Each size is measured in a process of its own, so that its memory is its own. Ratings are synthetic, and made
at the first run: 25 million take some minutes and 600 MB of disk. What a trial costs is given in seconds of
the processor, which say more than the clock does on a shared machine, beside the clock; memory is the most
that the process ever held, pages of mapped files among it. Growth is how many times as much ten times as many
ratings cost.
"""

import argparse
import dataclasses
import json
import math
import resource
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

from cost_rows import Row, markdown
from pipeline import kernels
from pipeline.dataset import Dataset
from pipeline.derived import FOLDER
from pipeline.evaluation import Problem, evaluate
from pipeline.features import features_of
from pipeline.hyperparameters import MODELS
from pipeline.memory import memory_needed
from pipeline.sources import Synthetic, load
from pipeline.split import PerUserTimeline, split_ratings
from pipeline.store import default_cache, folder_of

SIZES = (100_000, 1_000_000, 10_000_000, 25_000_000)
# Few enough that all sizes rank as many: what a ranking costs grows with the movies alone.
RANKING_USERS = 1_000
# Of 25 million ratings 160 thousand users and 60 thousand movies; catalogues grow more slowly than ratings.
RATINGS_PER_USER = 156.25
LARGEST, MOVIES, CATALOGUE_GROWTH = 25_000_000, 60_000, 0.65
TRIALS = 3
GIB = 2**30


def asked(ratings: int) -> Synthetic:
    """Give so many ratings as many users and movies as such data have."""
    movies = round(MOVIES * (ratings / LARGEST) ** CATALOGUE_GROWTH)
    return Synthetic(users=round(ratings / RATINGS_PER_USER), movies=movies, ratings=ratings)


@dataclass(frozen=True)
class Cost:
    """What one size costs: seconds of the processor, of the clock, and bytes."""

    ratings: int
    opening: float  # seconds of the clock: the dataset mapped from the cache
    preparing: tuple[float, float]  # split, features and what held-out ratings are looked up in, once
    first: tuple[float, float]  # the first trial, which looks up what all others share
    trial: tuple[float, float]  # a later one, the median
    peak: int  # bytes, the most that the process held
    estimated: int  # bytes that `memory_limit` is held against
    on_disk: int  # bytes of the dataset in the cache


def measured(ratings: int, ranking_users: int | None, model: str, cache: Path) -> Cost:
    """Measure one size in this process, which must be a fresh one."""
    kernels.budget().left = 0  # from the first trial on, as in any long search
    settings = asked(ratings)
    started = time.perf_counter()
    dataset = load(settings, cache)
    opening = time.perf_counter() - started
    _forget_derived(dataset)
    problem = Problem(dataset, split_ratings(dataset, PerUserTimeline()), ranking_users)
    preparing = timed(lambda: _prepare(problem))
    first, *others = [timed(lambda i=i: _trial(problem, model, i)) for i in range(TRIALS + 1)]
    return Cost(
        ratings=ratings,
        opening=opening,
        preparing=preparing,
        first=first,
        trial=(
            statistics.median(processor for processor, _ in others),
            statistics.median(clock for _, clock in others),
        ),
        peak=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        estimated=memory_needed(dataset, model),
        on_disk=sum(getattr(dataset, name).nbytes for name in ("users", "movies", "ratings", "timestamps")),
    )


def _forget_derived(dataset: Dataset) -> None:
    """Delete what was computed from the dataset and kept, so that it is computed now."""
    folder = folder_of(dataset)
    if folder is not None:
        shutil.rmtree(folder / FOLDER, ignore_errors=True)


def _prepare(problem: Problem) -> None:
    for train in (problem.train, problem.train_and_validation):
        features_of(problem.dataset, train)
    for part in (problem.validation, problem.test):
        _ = part.level, part.relevant, part.starts


def _trial(problem: Problem, model: str, i: int) -> None:
    """Change what decides the most work, so that no trial is the one before."""
    evaluate(problem, MODELS[model](genre_weight=0.2 + 0.01 * i, cast_lead_threshold=1 + i))


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Give the seconds of the processor and of the clock."""
    clock, processor = time.perf_counter(), time.process_time()
    work()
    return time.process_time() - processor, time.perf_counter() - clock


def costs(
    at_most: int = LARGEST,
    ranking_users: int | None = RANKING_USERS,
    model: str = "phase1",
    cache: Path | None = None,
) -> Iterator[Cost]:
    """Measure each size in a process of its own."""
    folder = default_cache() if cache is None else cache
    for ratings in (size for size in SIZES if size <= at_most):
        load(asked(ratings), folder)
        command = [sys.executable, __file__, "--one", str(ratings), "--model", model, "--cache", str(folder)]
        command += ["--ranking-users", str(ranking_users or 0)]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        told = json.loads(done.stdout)
        yield Cost(**{name: tuple(one) if isinstance(one, list) else one for name, one in told.items()})


def rows(
    at_most: int = 1_000_000,
    ranking_users: int | None = RANKING_USERS,
    model: str = "phase1",
    cache: Path | None = None,
) -> Iterator[Row]:
    """Lay out what each size costs, beside the size above it."""
    found = list(costs(at_most, ranking_users, model, cache))
    for cost in found:
        yield from _rows_of(cost, model)
    for smaller, larger in pairwise(found):
        yield _growth(smaller, larger, model)


def _rows_of(cost: Cost, model: str) -> Iterator[Row]:
    size = f"{cost.ratings:,} ratings"
    on_disk = f"{cost.on_disk / 1e6:,.0f} MB on disk"
    yield Row(f"{size}: opened from the cache", f"{cost.opening * 1000:.0f} ms", on_disk)
    for what, seconds in (
        ("split and features, once", cost.preparing),
        (f"first trial of {model}", cost.first),
        (f"one trial of {model}", cost.trial),
    ):
        yield Row(f"{size}: {what}", f"{seconds[0]:.2f} s of processor", f"{seconds[1]:.2f} s by the clock")
    estimate = f"{cost.estimated / GIB:.2f} GiB, estimated beforehand"
    yield Row(f"{size}: memory", f"{cost.peak / GIB:.2f} GiB", estimate, cost.peak / cost.estimated)


def _growth(smaller: Cost, larger: Cost, model: str) -> Row:
    """Say how many times a trial costs where there are ten times as many ratings."""
    times = larger.ratings / smaller.ratings
    ratio = (larger.trial[0] / smaller.trial[0]) ** (1 / math.log10(times))
    what = f"one trial of {model}: {larger.ratings:,} ratings beside {smaller.ratings:,}, for each 10 times"
    return Row(what, f"{larger.trial[0]:.2f} s of processor", f"{smaller.trial[0]:.2f} s of processor", ratio)


def main(lines: Iterable[str]) -> None:
    for line in lines:
        print(line, flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--at-most", type=int, default=LARGEST, help="ratings of the largest size")
    parser.add_argument("--ranking-users", type=int, default=RANKING_USERS, help="0 for all")
    parser.add_argument("--model", choices=list(MODELS), default="phase1")
    parser.add_argument("--cache", type=Path, default=default_cache())
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    sample = chosen.ranking_users or None
    if chosen.one is None:
        main(markdown(rows(chosen.at_most, sample, chosen.model, chosen.cache)))
    else:
        cost = measured(chosen.one, sample, chosen.model, chosen.cache)
        print(json.dumps(dataclasses.asdict(cost)))
