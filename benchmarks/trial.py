"""Time one trial's own work in a warm process: fit, score and all metrics on validation and test.

python benchmarks/trial.py [repeats] [--model phase1 phase2]

Prints a Markdown table of processor time, which other work on the machine moves least: medians of each model
with numba's kernels (extra `fast`), beside one full sort of the score matrix and beside numpy alone, all of
them taken in turn.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from cost_rows import Row, markdown

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

from pipeline import kernels
from pipeline.evaluation import Problem, evaluate
from pipeline.histories import liked
from pipeline.hyperparameters import MODELS, Phase1
from pipeline.recommender import Recommender
from pipeline.sources import MovieLens100K, load
from pipeline.split import PerUserTimeline, split_ratings

# Runs of a work before it is another one's turn.
BURST = 5


def processor_ms(work: Callable[[], object]) -> float:
    """Run work once."""
    started = time.process_time()
    work()
    return (time.process_time() - started) * 1000


def medians_ms(repeats: int, *works: Callable[[int], object]) -> list[float]:
    """Run works in turn, BURST times each, as warm as in a sweep; a run's number is not the last one's."""
    times: list[list[float]] = [[] for _ in works]
    for start in range(0, repeats, BURST):
        for work, found in zip(works, times, strict=True):
            work(start)
            found += [processor_ms(partial(work, start + i)) for i in range(1, BURST + 1)]
    return list(map(statistics.median, times))


@contextmanager
def numpy_alone() -> Iterator[None]:
    """Leave everything to numpy."""
    budget = kernels.budget()
    budget.left = sys.maxsize
    yield
    budget.left = 0


def million_additions() -> None:
    """Do what tells how fast this machine's Python is."""
    total = 0
    for i in range(1_000_000):
        total += i


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


class Stopwatch:
    """Times work beside one sort of a matrix of scores."""

    def __init__(self, problem: Problem, repeats: int) -> None:
        fitted = Recommender(Phase1()).fit(problem.dataset, problem.train)
        self.scores = fitted.score_block(np.arange(problem.dataset.n_users))
        self.repeats = repeats

    def sort(self, _: int) -> None:
        np.sort(self.scores, axis=1)

    def row(self, what: str, work: Callable[[int], object], repeats: int | None = None) -> Row:
        """Time work beside a sort."""
        ours, sort = medians_ms(repeats or self.repeats, work, self.sort)
        return Row(what, f"{ours:.1f} ms", f"{sort:.1f} ms, a sort of the scores", ours / sort)

    def rows(self, what: str, work: Callable[[int], object]) -> Iterator[Row]:
        """Time work beside a sort, and beside numpy alone where kernels are another thing."""
        if find_spec("numba") is None:
            yield self.row(what, work)
            return

        def by_numpy(i: int) -> None:
            with numpy_alone():
                work(2 * i + 1)

        ours, alone, sort = medians_ms(self.repeats, lambda i: work(2 * i), by_numpy, self.sort)
        yield Row(what, f"{ours:.1f} ms", f"{sort:.1f} ms, a sort of the scores", ours / sort)
        yield Row("", "", f"{alone:.1f} ms, numpy alone", ours / alone)


def rows(repeats: int = 25, models: Sequence[str] = tuple(MODELS)) -> Iterator[Row]:
    """Time what a trial of each model does on MovieLens-100K."""
    dataset = load(MovieLens100K())
    problem = Problem(dataset, split_ratings(dataset, PerUserTimeline()))
    kernels.budget().left = 0
    watch = Stopwatch(problem, repeats)
    for model in models:
        yield from rows_of(model, problem, watch)
    yield watch.row("EASE by the textbook, fitted for both", lambda _: textbook_ease(problem), 5)
    yield watch.row("a million additions in Python", lambda _: million_additions())


def rows_of(model: str, problem: Problem, watch: Stopwatch) -> Iterator[Row]:
    """Time what a trial of a model does."""
    for named, change in CHANGES[model].items():

        def trial(i: int, change: Callable[[int], dict[str, Any]] = change) -> object:
            return evaluate(problem, MODELS[model](**change(i)))

        yield from watch.rows(f"one trial of {model}, validation and test{named}", trial)
    fitted = Recommender(MODELS[model]()).fit(problem.dataset, problem.train)
    everybody = np.arange(fitted.n_users)
    yield from watch.rows(
        f"scores of {model} for one split, asked for again", lambda _: list(fitted.blocks(everybody))
    )


def textbook_ease(problem: Problem) -> None:
    """Fit EASE as its paper has it, on both splits, and score nobody: one part of Phase 3 alone."""
    for train in (problem.train, problem.train_and_validation):
        x = liked(problem.dataset, train).astype(np.float64)
        inverse = np.linalg.inv((x.T @ x).toarray() + 250 * np.eye(problem.dataset.n_movies))
        np.divide(inverse, -np.diag(inverse), out=inverse)


def main(repeats: int, models: Sequence[str]) -> None:
    for line in markdown(rows(repeats, models)):
        print(line, flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("repeats", nargs="?", type=int, default=25)
    parser.add_argument("--model", nargs="+", choices=list(MODELS), default=list(MODELS))
    asked = parser.parse_args()
    main(asked.repeats, asked.model)
