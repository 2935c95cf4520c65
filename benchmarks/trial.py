"""Time one trial's own work in a warm process: fit, score and all metrics on validation and test.

python benchmarks/trial.py [repeats]

Prints a Markdown table: the medians, and their ratio to one full sort of the score matrix in the same
process, which says more than milliseconds do on a shared machine.
"""

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

from pipeline.evaluation import Problem, evaluate
from pipeline.hyperparameters import Phase1
from pipeline.recommender import Recommender
from pipeline.sources import MovieLens100K, load
from pipeline.split import PerUserTimeline, split_ratings


def median_ms(work: Callable[[int], object], repeats: int) -> float:
    """Run once to warm up, then `repeats` times."""
    work(0)
    times = []
    for i in range(repeats):
        started = time.perf_counter()
        work(i)
        times.append(time.perf_counter() - started)
    return statistics.median(times) * 1000


def varied(i: int) -> Phase1:
    """Change what decides the most work, so that no trial is the one before."""
    return Phase1(genre_weight=0.2 + 0.01 * (i % 40), cast_lead_threshold=1 + i % 10)


def main(repeats: int) -> None:
    started = time.perf_counter()
    dataset = load(MovieLens100K())
    loaded = (time.perf_counter() - started) * 1000
    problem = Problem(dataset, split_ratings(dataset, PerUserTimeline()))
    model = Recommender(Phase1()).fit(dataset, problem.train)
    scores = model.score_block(np.arange(dataset.n_users))
    rows = {
        "one trial, validation and test": median_ms(lambda i: evaluate(problem, varied(i)), repeats),
        "of it, score one split": median_ms(lambda _: list(model.blocks(np.arange(model.n_users))), repeats),
        "sort of the score matrix": median_ms(lambda _: np.sort(scores, axis=1), repeats),
    }
    print(f"{dataset.n_ratings:,} ratings, {dataset.n_users:,} users, {dataset.n_movies:,} movies")
    print(f"dataset opened from the cache in {loaded:.1f} ms\n")
    print("| work | median ms | ratio to sort |")
    print("| --- | --: | --: |")
    for name, value in rows.items():
        print(f"| {name} | {value:.1f} | {value / rows['sort of the score matrix']:.2f} |")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 25)
