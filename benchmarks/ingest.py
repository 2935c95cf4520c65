"""Time and measure what stands before the first trial: ratings drawn or imported, and opened from the cache.

python benchmarks/ingest.py [ratings ...]   # 1000000 unless told; 25000000 and 32000000 are MovieLens' sizes

Prints a Markdown table. Each step is a process of its own, so that its peak of memory is its own. Ratios
are of processor time, which says more on a shared machine than the clock does.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

from cost_rows import Row, markdown
from pipeline.dataset import Dataset
from pipeline.sources import Csv, MovieLens, Synthetic, load
from pipeline.sources.own.files import MoviesFile, RatingsFile

RATING_BYTES = 24  # of a rating in a Dataset's four columns


def synthetic_of(ratings: int) -> Synthetic:
    """Ask for users and movies in MovieLens-32M's proportions."""
    return Synthetic(users=max(ratings // 160, 1), movies=max(int(15.4 * ratings**0.5), 100), ratings=ratings)


def write_csv(dataset: Dataset, folder: Path) -> None:
    """Write a dataset as ml-32m is written: by user, then movie."""
    import polars as pl  # noqa: PLC0415 - only the step that writes needs it

    folder.mkdir()
    order = np.lexsort((dataset.movies, dataset.users))
    users, movies = dataset.users[order] + 1, dataset.movies[order] + 1
    stars, times = dataset.ratings[order] * dataset.stars, dataset.timestamps[order]
    ratings = {"userId": users, "movieId": movies, "rating": stars, "timestamp": times}
    pl.DataFrame(ratings).write_csv(folder / "ratings.csv", float_precision=1)
    titled = zip(dataset.titles, dataset.years, strict=True)
    starts, names = dataset.genres.indptr, dataset.genre_names[dataset.genres.indices]
    movies_of = {
        "movieId": np.arange(1, dataset.n_movies + 1),
        "title": [f"{title} ({year})" for title, year in titled],
        "genres": ["|".join(names[begin:end]) for begin, end in pairwise(starts)],
    }
    pl.DataFrame(movies_of).write_csv(folder / "movies.csv")


def drawn(ratings: int, home: Path) -> None:
    load(synthetic_of(ratings), home / "cache")


def written(ratings: int, home: Path) -> None:
    write_csv(load(synthetic_of(ratings), home / "cache"), home / "release")


def imported(_ratings: int, home: Path) -> None:
    load(MovieLens(path=str(home / "release")), home / "cache", lambda _line: None)


def own_files_of(release: Path) -> Csv:
    """Read a release as files of one's own, whose ids may be any text."""
    return Csv(
        path=str(release),
        ratings=RatingsFile(user="userId", movie="movieId"),
        movies=MoviesFile(id="movieId"),
        scale=5.0,
    )


def imported_as_own(_ratings: int, home: Path) -> None:
    load(own_files_of(home / "release"), home / "cache", lambda _line: None)


def parsed(_ratings: int, home: Path) -> None:
    """Let polars read the ratings, all at once, and nothing else."""
    import polars as pl  # noqa: PLC0415 - only the step that reads needs it

    pl.read_csv(home / "release" / "ratings.csv")


STEPS: dict[str, Callable[[int, Path], None]] = {
    step.__name__: step for step in (drawn, written, imported, imported_as_own, parsed)
}


def measured(step: str, ratings: int, home: Path) -> dict[str, float]:
    """Do a step in a process of its own: seconds, processor seconds, bytes at the peak."""
    command = [sys.executable, __file__, "--step", step, "--home", str(home), str(ratings)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def do(step: str, ratings: int, home: Path) -> None:
    started, worked = time.perf_counter(), time.process_time()
    STEPS[step](ratings, home)
    seconds, processor = time.perf_counter() - started, time.process_time() - worked
    print(json.dumps({"seconds": seconds, "processor": processor, "peak": peak_of_this_process()}))


def peak_of_this_process() -> int:
    """Return the most bytes that were resident; getrusage would count those of whoever started it."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


def told(step: dict[str, float]) -> str:
    return f"{step['seconds']:.2f} s, {step['processor']:.2f} s of a processor"


def rows(ratings: int = 1_000_000) -> Iterator[Row]:
    """Draw, write, import and open so many ratings; each beside what it cannot do without."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        draw, _, first, own, alone = (measured(step, ratings, home) for step in STEPS)
        again = measured("imported", ratings, home)
    many = f"{ratings:,} ratings"
    columns = RATING_BYTES * ratings
    yield Row(f"{many} drawn and kept (data=synthetic)", told(draw))
    yield Row(
        f"{many} imported from CSV (data=movielens)",
        told(first),
        f"{told(alone)}, polars reads the file whole",
        first["processor"] / alone["processor"],
    )
    yield Row(
        f"{many} imported from CSV (data=csv)",
        told(own),
        f"{told(alone)}, polars reads the file whole",
        own["processor"] / alone["processor"],
    )
    yield Row(
        f"{many} opened from the cache",
        told(again),
        f"{told(first)}, the import",
        again["processor"] / first["processor"],
    )
    for source, step in (("synthetic", draw), ("movielens", first), ("csv", own)):
        yield Row(
            f"peak of memory, {many} by data={source}",
            f"{step['peak'] / 1e6:,.0f} MB",
            f"{columns / 1e6:,.0f} MB, the finished columns",
            step["peak"] / columns,
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("ratings", nargs="*", type=int, default=[1_000_000])
    parser.add_argument("--step", choices=list(STEPS), help=argparse.SUPPRESS)
    parser.add_argument("--home", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.step:
        do(asked.step, asked.ratings[0], asked.home)
    else:
        print("\n".join(markdown(row for ratings in asked.ratings for row in rows(ratings))))
