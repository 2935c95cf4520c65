"""One home per parameter: the field of a frozen dataclass carries type, default, bounds and meaning.

YAML files are checked against these fields; database columns, documents and error messages come from them.
"""

import dataclasses
import difflib
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Protocol, TypeVar, get_args, get_origin, get_type_hints


class InvalidInput(ValueError):
    """What a user asked for cannot be done. One problem a line, every problem at once."""

    def __init__(self, problems: str | Iterable[str]) -> None:
        self.problems = (problems,) if isinstance(problems, str) else tuple(problems)
        super().__init__("\n".join(self.problems))

    def __reduce__(self) -> tuple[type["InvalidInput"], tuple[tuple[str, ...]]]:
        return type(self), (self.problems,)


@dataclass(frozen=True, slots=True)
class Parameter:
    """What is known of one parameter."""

    name: str
    kind: type
    default: Any
    meaning: str
    low: float = -math.inf
    high: float = math.inf
    choices: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()  # what data must have for it to matter, as `pipeline.needs` knows it
    optional: bool = False

    def problem(self, value: object) -> str | None:
        """Say what is wrong with a value, or None; the caller puts the key in front."""
        if value is None and self.optional:
            return None
        if self.kind is str:
            return self._problem_of_text(value)
        if self.kind is bool:
            return None if isinstance(value, bool) else f"must be true or false, got {value!r}"
        allowed = int if self.kind is int else (int, float)
        noun = "an integer" if self.kind is int else "a number"
        if isinstance(value, bool) or not isinstance(value, allowed) or not math.isfinite(value):
            return f"must be {noun} in {self.interval}, got {value!r}"
        if not self.low <= value <= self.high:
            return f"must be in {self.interval}, got {value!r}"
        return None

    def _problem_of_text(self, value: object) -> str | None:
        if self.choices and value not in self.choices:
            meant = nearest(value, self.choices) if isinstance(value, str) else ""
            return f"must be one of {', '.join(self.choices)}, got {value!r}{meant}"
        return None if isinstance(value, str) else f"must be text, got {value!r}"

    def cast(self, value: Any) -> Any:
        """Give a legal value its declared type."""
        return None if value is None else self.kind(value)

    @property
    def interval(self) -> str:
        low = "(-inf" if math.isinf(self.low) else f"[{_short(self.low)}"
        high = "inf)" if math.isinf(self.high) else f"{_short(self.high)}]"
        return f"{low}, {high}"


def _short(bound: float) -> str:
    """Write 1e+07 short, but 4294967295 with all its digits."""
    return f"{bound:g}" if float(f"{bound:g}") == bound else f"{bound}"


class Settings(Protocol):
    """A frozen dataclass of parameters; `conflicts` names what no single field can know."""

    __dataclass_fields__: ClassVar[dict[str, dataclasses.Field[Any]]]

    def conflicts(self) -> Iterator[str]: ...


S = TypeVar("S", bound=Settings)


def parameter(
    default: Any,
    meaning: str,
    *,
    low: float = -math.inf,
    high: float = math.inf,
    choices: tuple[str, ...] = (),
    needs: tuple[str, ...] = (),
) -> Any:
    """Declare a field with its default, meaning (unit included), legal values, and what it needs of data."""
    metadata = {"meaning": meaning, "low": low, "high": high, "choices": choices, "needs": needs}
    return dataclasses.field(default=default, metadata=metadata)


def section(settings: type[Any]) -> Any:
    """Declare a field that holds settings of their own, a section of the YAML file."""
    return dataclasses.field(default_factory=settings, metadata={"section": settings})


def sections(settings: type[Any]) -> dict[str, type[Any]]:
    """List the sections of a settings class by name."""
    return {f.name: f.metadata["section"] for f in dataclasses.fields(settings) if "section" in f.metadata}


def parameters(settings: type[Any]) -> dict[str, Parameter]:
    """List the parameters of a settings class by name, in the order of their declaration."""
    kinds = {name: _kind(hint) for name, hint in get_type_hints(settings).items()}
    return {
        f.name: Parameter(f.name, kinds[f.name][0], f.default, **f.metadata, optional=kinds[f.name][1])
        for f in dataclasses.fields(settings)
        if f.metadata and "section" not in f.metadata
    }


def _kind(hint: Any) -> tuple[type, bool]:
    """Take `float | None` apart: (float, True); a Literal of names is text."""
    if get_origin(hint) is Literal:
        return str, False
    inside = [kind for kind in get_args(hint) if kind is not type(None)]
    return (inside[0], True) if inside else (hint, False)


def read(settings: type[S], values: Mapping[str, object], prefix: str = "") -> S:
    """Make settings of a mapping that names every parameter and nothing else.

    Raises:
        InvalidInput: with all problems at once, each under its dotted key.

    """
    known, inside = parameters(settings), sections(settings)
    names = [*known, *inside]
    problems = [
        f"{prefix}{name} does not exist{near(name, names, prefix)}" for name in values if name not in names
    ]
    problems += [f"{prefix}{name} is missing" for name in names if name not in values]
    for name, spec in known.items():
        problem = spec.problem(values[name]) if name in values else None
        if problem is not None:
            problems.append(f"{prefix}{name} {problem}")
    made_inside = {}
    for name, kind in inside.items():
        try:
            made_inside[name] = _read_section(kind, values.get(name, {}), f"{prefix}{name}")
        except InvalidInput as error:
            problems += error.problems if name in values else ()
    if problems:
        raise InvalidInput(problems)
    made = settings(**{name: spec.cast(values[name]) for name, spec in known.items()}, **made_inside)
    conflicts = [f"{prefix}{conflict}" for conflict in made.conflicts()]
    if conflicts:
        raise InvalidInput(conflicts)
    return made


def _read_section(settings: type[S], values: object, key: str) -> S:
    if not isinstance(values, Mapping):
        raise InvalidInput(f"{key} must be a section, got {values!r}")
    return read(settings, values, f"{key}.")


def near(name: str, existing: Iterable[str], prefix: str = "") -> str:
    """Point at the existing name that was probably meant, or name them all where there are few."""
    existing = list(existing)
    listed = f"; there are {', '.join(existing)}" if 0 < len(existing) <= 12 else ""
    return nearest(name, existing, prefix) or listed


def nearest(name: str, existing: Iterable[str], prefix: str = "") -> str:
    """Point at the existing name that was probably meant; nothing where none is close."""
    matches = difflib.get_close_matches(name, list(existing), n=1, cutoff=0.6)
    return f"; did you mean {prefix}{matches[0]}?" if matches else ""
