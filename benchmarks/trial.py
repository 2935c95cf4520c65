"""Time one trial's own work in a warm process: fit, score and all metrics on validation and test.

python benchmarks/trial.py [repeats] [--model phase1 phase2]

Prints a Markdown table: the medians of each model with numba's kernels (extra `fast`), their ratio to one
full sort of the score matrix in the same process, which says more than milliseconds do on a shared machine,
and how many times as long numpy takes alone.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

from pipeline import kernels
from pipeline.evaluation import Problem, evaluate
from pipeline.histories import liked
from pipeline.hyperparameters import MODELS, Phase1
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


@contextmanager
def numpy_alone() -> Iterator[None]:
    """Leave everything to numpy."""
    budget = kernels.budget()
    budget.left = sys.maxsize
    yield
    budget.left = 0


def both_ways(work: Callable[[int], object], repeats: int) -> tuple[float, float | None]:
    """Time work with kernels, and by numpy alone where it is another thing."""
    with_kernels = median_ms(work, repeats)
    if find_spec("numba") is None:
        return with_kernels, None
    with numpy_alone():
        return with_kernels, median_ms(lambda i: work(i + repeats + 1), repeats)


def hybrid(i: int) -> dict[str, Any]:
    """Change what decides the most work of the hybrid, so that no trial is the one before."""
    return {"genre_weight": 0.2 + 0.01 * (i % 40), "cast_lead_threshold": 1 + i % 10}


def learning(i: int) -> dict[str, Any]:
    """Change what decides the most work of Phase 2: the hybrid, and what is learnt for it."""
    return hybrid(i) | {"preference_half_life_days": 100.0 + i, "rating_prediction_alpha": 10.0 + i}


def weighing(i: int) -> dict[str, Any]:
    """Change nothing that anything is learnt for."""
    return {"genre_weight": 0.2 + 0.01 * i, "rating_prediction_weight": 0.1 + 0.01 * (i % 40)}


def ranking(i: int) -> dict[str, Any]:
    """Change what ranks beside the hybrid."""
    return {"collaborative_regularization": 200.0 + i, "sequence_half_life": 10 + 0.1 * i}


def predicting(i: int) -> dict[str, Any]:
    """Change what predicts a rating."""
    return {"taste_level_variance": 0.2 + 0.001 * i, "movie_level_variance": 0.1 + 0.001 * i}


# What is changed from trial to trial; the first of a model is what its space sweeps.
CHANGES: dict[str, dict[str, Callable[[int], dict[str, Any]]]] = {
    "phase1": {"": hybrid},
    "phase2": {"": learning, " where only weights change": weighing},
    "phase3": {
        "": lambda i: ranking(i) | predicting(i),
        " where only what ranks changes": ranking,
        " where only what predicts changes": predicting,
        " where only weights change": lambda i: {"collaborative_weight": 0.5 + 0.01 * (i % 40)},
    },
}


def rows_of(model: str, problem: Problem, repeats: int) -> Iterator[tuple[str, tuple[float, float | None]]]:
    """Time what a trial of a model does."""
    for named, change in CHANGES[model].items():
        trial = both_ways(lambda i, change=change: evaluate(problem, MODELS[model](**change(i))), repeats)
        yield f"one trial of {model}, validation and test{named}", trial
    fitted = Recommender(MODELS[model]()).fit(problem.dataset, problem.train)
    everybody = np.arange(fitted.n_users)
    yield "of it, score one split", both_ways(lambda _: list(fitted.blocks(everybody)), repeats)


def textbook_ease(problem: Problem) -> None:
    """Fit EASE as its paper has it, on both splits, and score nobody: one part of Phase 3 alone."""
    for train in (problem.train, problem.train_and_validation):
        x = liked(problem.dataset, train).astype(np.float64)
        inverse = np.linalg.inv((x.T @ x).toarray() + 250 * np.eye(problem.dataset.n_movies))
        np.divide(inverse, -np.diag(inverse), out=inverse)


def main(repeats: int, models: Sequence[str]) -> None:
    started = time.perf_counter()
    dataset = load(MovieLens100K())
    loaded = (time.perf_counter() - started) * 1000
    problem = Problem(dataset, split_ratings(dataset, PerUserTimeline()))
    fitted = Recommender(Phase1()).fit(dataset, problem.train)
    scores = fitted.score_block(np.arange(dataset.n_users))
    sort = median_ms(lambda _: np.sort(scores, axis=1), repeats)
    kernels.budget().left = 0
    rows = [row for model in models for row in rows_of(model, problem, repeats)]
    textbook = median_ms(lambda _: textbook_ease(problem), 5)
    rows += [
        ("EASE by the textbook, fitted for both", (textbook, None)),
        ("sort of the scores", (sort, None)),
    ]
    print(f"{dataset.n_ratings:,} ratings, {dataset.n_users:,} users, {dataset.n_movies:,} movies")
    print(f"dataset opened from the cache in {loaded:.1f} ms\n")
    print("| work | median ms | ratio to sort | numpy alone |")
    print("| --- | --: | --: | --: |")
    for name, (value, alone) in rows:
        print(f"| {name} | {value:.1f} | {value / sort:.2f} | {f'× {alone / value:.2f}' if alone else ''} |")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("repeats", nargs="?", type=int, default=25)
    parser.add_argument("--model", nargs="+", choices=list(MODELS), default=list(MODELS))
    asked = parser.parse_args()
    main(asked.repeats, asked.model)
