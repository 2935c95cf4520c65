"""What each hyperparameter is, as tables: what no measurement is needed for."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from moves import choices_of
from pipeline.hyperparameters import MODELS
from pipeline.needs import NEEDS
from pipeline.parameters import parameters
from presets import Preset, preset

TITLES = ("hyperparameter", "type", "bounds", "shipped", "tunable range", "needs", "meaning")
KINDS = {float: "number", int: "whole number", bool: "true or false", str: "text"}
EXACT = 12  # digits of what is shipped


def definitions(model: str) -> Iterator[str]:
    """Lay out what each hyperparameter is; of a model that grows from another, what it adds or changes."""
    parent = _parent(model)
    known: set[tuple[str, ...]] = set()
    if parent is not None:
        known = set(_rows(parent))
        yield from [f"All of model={parent}, and:", ""]
    yield from table(TITLES, (row for row in _rows(model) if row not in known))


def _parent(model: str) -> str | None:
    """Find the nearest model that this one grows from."""
    names = {kind: name for name, kind in MODELS.items()}
    return next((names[kind] for kind in MODELS[model].__mro__[1:] if kind in names), None)


def _rows(model: str) -> Iterator[tuple[str, ...]]:
    chosen = preset("search=sensitivity", f"model={model}")
    for name, spec in parameters(MODELS[model]).items():
        bounds = ", ".join(choices_of(spec)) or spec.interval
        row = (KINDS[spec.kind], bounds, shown(spec.default, EXACT), tunable(chosen, name))
        yield (f"`{name}`", *row, ", ".join(spec.needs), spec.meaning)


def needs() -> Iterator[str]:
    """Say what each need is by what is said of data that lack it."""
    yield from (f"* {name}: lacking where {need.lacking}" for name, need in NEEDS.items())


def tunable(chosen: Preset, name: str) -> str:
    """Write the range that conf/space gives a hyperparameter."""
    ranges = chosen.ranges
    described: Mapping[str, Any] | None = ranges.described().get(name)
    if described is None:
        return "not tuned"
    if "choices" in described:
        return ", ".join(shown(choice, EXACT) for choice in described["choices"])
    ends = f"{shown(described['low'], EXACT)} to {shown(described['high'], EXACT)}"
    if any(f"model.{name}" in keys for keys in ranges.simplex):
        return f"{ends}, sharing a whole"
    return f"{ends}, by equal factors" if described.get("log") else ends


def shown(value: Any, digits: int = 4) -> str:
    """Write a value with so many digits; true and false as in YAML."""
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    return f"{float(f'{value:.{digits}g}'):.12g}" if isinstance(value, float) else str(value)


def table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(titles)} |"
    yield f"|{' --- |' * len(titles)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"
