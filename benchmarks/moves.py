"""Each hyperparameter of a model moved alone, about more than one configuration."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pipeline.hyperparameters import MODELS, POLICY
from pipeline.intervals import SIGNIFICANCE, paired_differences
from pipeline.metrics import Measurement
from pipeline.parameters import InvalidInput, Parameter, parameters
from pipeline.sensitivity import Effect, effect
from pipeline.verdicts import holm
from presets import Preset, Tried, asked, preset, search, tried, value_of
from sweep.command.space import check_space
from sweep.searches.search_space import SearchSpace
from sweep.searches.sensitivity import moved_alone

# Metrics that users carry, so that a change has an interval.
TOLD = {"accuracy": "accuracy", "ndcg": "NDCG@10"}
OBJECTIVES = ("accuracy", "quality")


@dataclass(frozen=True, eq=False)
class Tuned:
    """The best configuration that a search found."""

    title: str
    metric: str  # that it maximised
    command: str  # that finds it
    best: Tried


@dataclass(frozen=True)
class Move:
    """One hyperparameter at another value, all else as it is."""

    name: str
    value: Any
    effect: Effect
    told: frozenset[str]  # metrics of TOLD whose change is distinguishable from none


@dataclass(frozen=True, eq=False)
class Surroundings:
    """A configuration and every move about it."""

    title: str
    aims: Sequence[str]  # metrics of TOLD that the configuration is judged by
    command: str | None  # that finds the configuration; None as shipped
    center: Tried
    moves: Sequence[Move]


def surroundings(model: str, trials: int, data: Sequence[str]) -> Iterator[Surroundings]:
    """Move every hyperparameter of a model about the shipped configuration and about tuned ones.

    A hyperparameter whose weight is small as shipped looks dead there, and need not be.
    """
    chosen = preset("search=sensitivity", f"model={model}", *data)
    yield about(chosen, "as shipped", list(TOLD), None, tried(chosen.settings, []))
    for tuned in tuned_for_each_objective(model, trials, data):
        yield about(chosen, tuned.title, [tuned.metric], tuned.command, tuned.best)


def tuned_for_each_objective(model: str, trials: int, data: Sequence[str]) -> Iterator[Tuned]:
    """Search for the best configuration of a model by accuracy, then by quality, on validation alone."""
    for objective in OBJECTIVES:
        print(f"{model}: {trials} trials for {objective}", file=sys.stderr, flush=True)
        overrides = [*search_of(model, objective, trials), *data]
        chosen = preset(*overrides)
        metric = chosen.settings.objective.metric
        best = max(search(chosen), key=lambda one: value_of(one, metric))
        command = f"python src/tune_app.py -m {' '.join(overrides)}"
        yield Tuned(f"tuned for {objective}", metric, command, best)


def search_of(model: str, objective: str, trials: int) -> list[str]:
    """Write the search that finds a tuned configuration; it knows nothing of other runs."""
    budget = [f"hydra.sweeper.n_trials={trials}", "search.warm_start=false"]
    return ["search=bayesian", f"model={model}", f"objective={objective}", *budget]


def about(
    chosen: Preset, title: str, aims: Sequence[str], command: str | None, center: Tried
) -> Surroundings:
    """Measure all moves about one configuration."""
    settings = replace(chosen.settings, hyperparameters=vars(center.hyperparameters))
    moved = list(_moved(replace(chosen, settings=settings), title))
    told = told_apart(center.measured, [measured for _, _, measured in moved])
    moves = [
        Move(name, value, effect(center.measured, measured), metrics)
        for (name, value, measured), metrics in zip(moved, told, strict=True)
    ]
    return Surroundings(title, aims, command, center, moves)


def _moved(chosen: Preset, title: str) -> Iterator[tuple[str, Any, Measurement]]:
    """Measure each move, with a line for each hyperparameter; an illegal one is left out."""
    settings, shown = chosen.settings, ""
    for move in moved_alone(moved_ranges(chosen), settings.search.steps):
        [(name, value)] = asked([move]).items()
        if name != shown:
            print(f"{settings.model} {title}: {name}", file=sys.stderr, flush=True)
            shown = name
        try:
            yield name, value, tried(settings, [move]).measured
        except InvalidInput as illegal:
            print(f"{move} is left out: {illegal}", file=sys.stderr, flush=True)


def moved_ranges(chosen: Preset) -> SearchSpace:
    """Take the tunable ranges, and all choices of what has choices, whether it is tuned over all or not."""
    settings = chosen.settings
    lines = [str(override.input_line) for override in chosen.space.swept]
    # Of each key the last line counts.
    lines += [
        f"model.{name}=choice({','.join(choices)})"
        for name, spec in parameters(MODELS[settings.model]).items()
        if name not in POLICY and (choices := choices_of(spec))
    ]
    swept = check_space(lines, settings.model).swept
    return SearchSpace.of(settings.model, settings.hyperparameters, swept)


def choices_of(spec: Parameter) -> tuple[str, ...]:
    """List what a hyperparameter may be, where that can be listed."""
    return ("false", "true") if spec.kind is bool else spec.choices


def told_apart(center: Measurement, moved: Sequence[Measurement]) -> list[frozenset[str]]:
    """Name the metrics of each move that users can tell from no change.

    Paired bootstrap over users; p-values are corrected for all moves about one configuration (Holm).
    """
    users = [one.per_user for one in moved]
    adjusted = {
        metric: holm([one.p_value for one in paired_differences(users, center.per_user, metric)])
        for metric in TOLD
    }
    return [
        frozenset(metric for metric in TOLD if adjusted[metric][place] <= SIGNIFICANCE)
        for place in range(len(moved))
    ]
