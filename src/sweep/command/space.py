"""What a search may vary, checked before it starts."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import ChoiceSweep, IntervalSweep, Override, QuotedString
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf

from pipeline.hyperparameters import MODELS
from pipeline.parameters import InvalidInput, Parameter, near, nearest, parameters
from sweep.command.hydra_node import GRID
from sweep.sections import collected


@dataclass(frozen=True)
class Space:
    """What a sweep's overrides say, the last of each key."""

    swept: Sequence[Override]  # in the order of their keys' first mention
    fixed: Sequence[str]  # overrides of one value, as typed


def problems_of_sweep(config: DictConfig, model: str, *, also_of_preset: bool) -> list[str]:
    """Name what is swept and cannot be; what a preset made of wrong values would only repeat them."""
    problems: list[str] = []
    lines = [*(_space_lines(config) if also_of_preset else []), *config.hydra.overrides.task]
    space = collected(problems, check_space, lines, model)
    problems += _problems_of_grid(config, space.swept if space else ())
    return problems


def space_key_problems(config: DictConfig) -> Iterator[str]:
    """Name what a space sets beside hyperparameters: an override of it would reach each trial unchecked."""
    for line in _space_lines(config):
        override = _parsed(line)
        if override.input_line is None or override.type is None or override.type.name != "CHANGE":
            yield f"hydra.sweeper.params must name hyperparameters as they are, got {line}"
        elif override.key_or_group != "model" and not override.key_or_group.startswith("model."):
            yield f"{override.key_or_group} cannot be swept: hydra.sweeper.params names what to tune, model.…"


def _space_lines(config: DictConfig) -> list[str]:
    params = OmegaConf.select(config.hydra, "sweeper.params")
    return [] if params is None else [f"{key}={value}" for key, value in params.items()]


@cache  # the same few lines are asked for at every check, at a millisecond each
def _parsed(line: str) -> Override:
    try:
        return OverridesParser.create().parse_override(line)
    except HydraException as error:
        raise InvalidInput(f"{line} is not a legal override: {str(error).splitlines()[0]}") from error


def check_space(lines: Sequence[str], model: str) -> Space:
    """Parse the overrides of a sweep and refuse what cannot be swept, or leaves the bounds.

    Args:
        lines: the space of the preset, then what the command line adds.
        model: of the run; names the hyperparameters.

    """
    last = {o.key_or_group: o for o in map(_parsed, lines)}
    swept = [override for override in last.values() if override.is_sweep_override()]
    known = parameters(MODELS[model])
    problems = [p for override in swept for p in _sweep_problems(override, known)]
    # A preset's own line may name a hyperparameter that does not exist, and fix it.
    problems += [
        f"{key} does not exist{near(key.removeprefix('model.'), known, 'model.')}"
        for key, override in last.items()
        if key.startswith("model.") and not override.is_sweep_override()
        if key.removeprefix("model.") not in (*known, "name")
    ]
    if problems:
        raise InvalidInput(problems)
    return Space(swept, [str(o.input_line) for o in last.values() if not o.is_sweep_override()])


def _problems_of_grid(config: DictConfig, swept: Sequence[Override]) -> Iterator[str]:
    """Name intervals where every value has to be listed."""
    if config.hydra.sweeper._target_ != GRID:
        return
    for override in swept:
        if not isinstance(override.value(), ChoiceSweep):
            yield (
                f"{override.key_or_group} must list its values for search={config.search.method}, "
                f"got {override.input_line}; search=random draws from intervals"
            )


def _sweep_problems(override: Override, known: Mapping[str, Parameter]) -> Iterator[str]:
    key = override.key_or_group
    if key == "model":
        yield from _model_problems(override)
        return
    if not key.startswith("model."):
        yield f"{key} cannot be swept: all trials of a run share it; sweep model.… or start a run for each"
        return
    name = key.removeprefix("model.")
    if name not in known:
        yield f"{key} does not exist{near(name, known, 'model.')}"
        return
    spec, value = known[name], override.value()
    if isinstance(value, IntervalSweep):
        yield from _interval_problems(key, spec, value)
    elif not isinstance(value, ChoiceSweep):
        yield f"{key} must be written with choice(…) or interval(…), got {override.input_line}"
    else:
        for element in listed_values(override):
            problem = spec.problem(element)
            if problem:
                yield f"{key} {problem}"


def _model_problems(override: Override) -> Iterator[str]:
    if not isinstance(override.value(), ChoiceSweep):
        yield f"model must be written with choice(…), got {override.input_line}"
        return
    for value in listed_values(override):
        if value not in MODELS:
            yield f"model must be one of {', '.join(MODELS)}, got {value!r}{nearest(str(value), MODELS)}"


def _interval_problems(key: str, spec: Parameter, interval: IntervalSweep) -> Iterator[str]:
    low, high = interval.start, interval.end
    if spec.kind is str:
        written = f"interval({low}, {high})"
        yield f"{key} must list its values, choice({', '.join(spec.choices)}) for all, got {written}"
        return
    if low is None or high is None or not low < high:
        yield f"{key} must be an interval from low to high, got interval({low}, {high})"
        return
    for end in (low, high):
        # Hydra reads both ends as real numbers.
        whole = spec.kind is int and float(end).is_integer()
        problem = spec.problem(int(end) if whole else end)
        if problem:
            yield f"{key} {problem}"


def listed_values(override: Override) -> list[Any]:
    """List the values of a choice, numbers as numbers, texts without their quotes."""
    return [str(v) if isinstance(v, QuotedString) else v for v in override.sweep_iterator()]
