"""What each model earns: tuned with equal budgets on validation, refitted, compared on test; docs/models.md.

python benchmarks/models.py                                            all of it, into docs/models.md
python benchmarks/models.py --trials 9 --data data=synthetic           a quicker look, into the terminal
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

from models_page import document
from moves import tuned_for_each_objective
from pipeline.evaluation import Evaluation, evaluate
from pipeline.hyperparameters import MODELS, Phase1
from pipeline.intervals import Difference, paired_differences
from presets import Preset, preset
from project import ROOT
from sweep.runs.problems import problem_of

TRIALS = 100
DOCUMENT = ROOT / "docs" / "models.md"


@dataclass(frozen=True, eq=False)
class Earned:
    """One configuration of a model, measured on both splits."""

    model: str
    title: str  # as shipped, or tuned for an objective
    metric: str | None  # that it was tuned for
    command: str | None  # that finds it; None as shipped
    found: Evaluation


# What of Phase 3 decides what ranks; the rest that it adds decides what predicts a rating.
RANKING = (
    "collaborative_weight",
    "collaborative_regularization",
    "collaborative_half_life",
    "sequence_weight",
    "sequence_half_life",
    "popularity_discount",
)


@dataclass(frozen=True)
class Ahead:
    """What a tuned model is ahead of another one with the same budget, on the test users."""

    model: str
    other: str
    metric: str
    difference: Difference


@dataclass(frozen=True, eq=False)
class Part:
    """What the shipped Phase 3 is without one of its parts."""

    title: str
    found: Evaluation


# What takes a part of Phase 3 away.
WITHOUT = {
    "all of it": {},
    "without the hybrid": {"collaborative_weight": 1.0},
    "without what is liked next": {"sequence_weight": 0.0},
    "without EASE": {"sequence_weight": 1.0},
    "with a history that does not fade": {"collaborative_half_life": 10_000.0},
    "without genres in the rating process": {"taste_genre_variance": 0.0},
    "without years in it": {"taste_era_variance": 0.0},
    "without who rated what": {"taste_neighbour_variance": 0.0},
    "without a level that wanders": {"taste_drift_variance": 0.0},
    "without the movies' raters": {"movie_neighbour_variance": 0.0},
    "without patterns in what is left": {"pattern_weight": 0.0},
    "answering as predicted": {"calibration": "none"},
    "answering a line": {"calibration": "linear"},
    "answering isotonic means": {"calibration": "isotonic"},
}


def earned(model: str, trials: int, data: Sequence[str]) -> Iterator[Earned]:
    """Measure a model as shipped and tuned for each objective."""
    shipped = preset("search=random", f"model={model}", *data)
    yield Earned(model, "as shipped", None, None, evaluated(shipped, MODELS[model]()))
    for tuned in tuned_for_each_objective(model, trials, data):
        found = evaluated(shipped, tuned.best.hyperparameters)
        yield Earned(model, tuned.title, tuned.metric, tuned.command, found)


def in_one(found: Sequence[Earned], data: Sequence[str]) -> Earned:
    """Put what ranks best and what predicts best into one configuration of Phase 3."""
    tuned = {one.metric: one.found.hyperparameters for one in found if one.model == "phase3"}
    ranks = {name: getattr(tuned["ndcg"], name) for name in RANKING}
    chosen = preset("search=random", "model=phase3", *data)
    return Earned("phase3", "both in one", None, None, evaluated(chosen, replace(tuned["accuracy"], **ranks)))


def evaluated(chosen: Preset, hyperparameters: Phase1) -> Evaluation:
    return evaluate(problem_of(chosen.settings).problem, hyperparameters)


def comparisons(found: Sequence[Earned]) -> Iterator[Ahead]:
    """Compare each tuned model with every one before it, by what both were tuned for."""
    for place, one in enumerate(found):
        for other in found[:place]:
            if one.metric is not None and other.metric == one.metric:
                users = one.found.test.per_user, other.found.test.per_user
                [difference] = paired_differences([users[0]], users[1], one.metric)
                yield Ahead(one.model, other.model, one.metric, difference)


def parts(data: Sequence[str]) -> Iterator[Part]:
    """Take the parts of the shipped Phase 3 away, one at a time."""
    chosen = preset("search=random", "model=phase3", *data)
    shipped = MODELS["phase3"]()
    for title, change in WITHOUT.items():
        print(f"phase3 {title}", file=sys.stderr, flush=True)
        yield Part(title, evaluated(chosen, replace(shipped, **change)))


def main() -> None:
    parser = argparse.ArgumentParser(description="What each model earns.")
    parser.add_argument("--trials", type=int, default=TRIALS)
    parser.add_argument("--data", nargs="+", default=[], help="overrides of conf/data and conf/split")
    asked = parser.parse_args()
    found = [one for model in MODELS for one in earned(model, asked.trials, asked.data)]
    found.append(in_one(found, asked.data))
    text = document(found, list(comparisons(found)), list(parts(asked.data)), asked.trials)
    print(text)
    if len(sys.argv) == 1:
        DOCUMENT.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
