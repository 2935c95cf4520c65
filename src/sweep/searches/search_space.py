"""Where a search draws from: ranges as Optuna knows them, weights on the simplex, experiments in both."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hydra.core.override_parser.types import IntervalSweep, Override
from hydra_plugins.hydra_optuna_sweeper._impl import create_optuna_distribution_from_override
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution

from pipeline.hyperparameters import MODELS, POLICY, WEIGHT_GROUPS
from pipeline.parameters import InvalidInput, parameters
from sweep.command.space import listed_values
from sweep.searches.simplex import coordinates, weights

MODEL = "model."
SIMPLEX = "simplex"
# What weights share where the fixed ones take the whole: next to nothing, but still a mix.
EMPTY = 1e-6
# Recorded weights are rounded to twelve digits.
CLOSE = 1e-9


@dataclass(frozen=True)
class SearchSpace:
    """The swept keys of a command, `model.…` each.

    A draw holds a coordinate in [0, 1] where a key is tagged simplex, and the value itself elsewhere.
    """

    model: str
    composed: Mapping[str, Any]  # hyperparameters of the composed config, by name
    distributions: Mapping[str, BaseDistribution]  # by key
    simplex: Sequence[Sequence[str]]  # keys of the weights that share a whole
    lines: Sequence[str]  # the ranges as they were written, sorted

    @staticmethod
    def of(model: str, composed: Mapping[str, Any], swept: Sequence[Override]) -> "SearchSpace":
        """Read the swept overrides of a command that was checked."""
        distributions = {o.key_or_group: _distribution(o, model) for o in swept}
        lines = sorted(str(override.input_line) for override in swept)
        return SearchSpace(model, composed, distributions, simplex_groups(swept), lines)

    def overrides(self, draw: Mapping[str, Any]) -> list[str]:
        """Write a draw as overrides; weights share what the fixed ones leave."""
        shares = self._shares(draw)
        return [f"{key}={shares.get(key, value)}" for key, value in draw.items()]

    def current(self) -> dict[str, Any]:
        """Place the composed values; one outside its range is left out, and so to the sampler."""
        return dict(self._placed(_keyed(self.composed)))

    def place(self, hyperparameters: Mapping[str, Any]) -> dict[str, Any] | None:
        """Place an experiment that was recorded; None where the space does not hold it.

        It is held where every swept value lies in its range, and all others are what today's command fixes.
        """
        recorded, asked = _keyed(self._as_asked(hyperparameters)), _keyed(self.composed)
        others = {key for key in recorded if key not in self.distributions}
        if not all(_is_same(asked[key], recorded[key]) for key in others - POLICY_KEYS):
            return None
        placed = dict(self._placed(recorded))
        return placed if len(placed) == len(self.distributions) else None

    def described(self) -> dict[str, Any]:
        """Describe the ranges, by hyperparameter, as they are recorded."""
        return {key.removeprefix(MODEL): _described(d) for key, d in self.distributions.items()}

    def _placed(self, values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        mixed = {key: u for group in self.simplex for key, u in _coordinates(values, group).items()}
        for key, distribution in self.distributions.items():
            value = _held(distribution, mixed.get(key, values.get(key)))
            if value is not None:
                yield key, value

    def _shares(self, draw: Mapping[str, Any]) -> dict[str, float]:
        shares: dict[str, float] = {}
        for keys in self.simplex:
            taken = sum(draw.get(key, self._composed(key)) for key in _whole_of(keys) if key not in keys)
            shares |= weights({key: draw[key] for key in keys}, max(1 - taken, EMPTY))
        return shares

    def _as_asked(self, recorded: Mapping[str, Any]) -> dict[str, Any]:
        """Undo the normalisation of weights that are not on the simplex, with a fixed one as the measure."""
        asked = dict(recorded)
        tagged = {key for keys in self.simplex for key in keys}
        for group in WEIGHT_GROUPS:
            keys = [f"{MODEL}{name}" for name in group]
            fixed = next((n for n, k in zip(group, keys, strict=True) if self._measures(k, recorded)), None)
            if fixed is not None and not tagged & set(keys):
                scale = self.composed[fixed] / recorded[fixed]
                asked |= {name: recorded[name] * scale for name in group}
        return asked

    def _measures(self, key: str, recorded: Mapping[str, Any]) -> bool:
        return key not in self.distributions and recorded[key.removeprefix(MODEL)] > 0

    def _composed(self, key: str) -> Any:
        return self.composed[key.removeprefix(MODEL)]


POLICY_KEYS = {f"{MODEL}{name}" for name in POLICY}


def _keyed(hyperparameters: Mapping[str, Any]) -> dict[str, Any]:
    """Name hyperparameters by the keys of their overrides."""
    return {f"{MODEL}{name}": value for name, value in hyperparameters.items()}


def _whole_of(keys: Sequence[str]) -> list[str]:
    """List all weights that sum to 1 with these."""
    group = next(g for g in WEIGHT_GROUPS if keys[0].removeprefix(MODEL) in g)
    return [f"{MODEL}{name}" for name in group]


def _coordinates(values: Mapping[str, Any], keys: Sequence[str]) -> dict[str, float]:
    return coordinates({key: values[key] for key in keys})


def _distribution(override: Override, model: str) -> BaseDistribution:
    """Read a range as Optuna knows it; interval(1, 10) is whole where the hyperparameter is whole."""
    if override.is_choice_sweep():
        return CategoricalDistribution(listed_values(override))
    made: BaseDistribution = create_optuna_distribution_from_override(override)
    spec = parameters(MODELS[model]).get(override.key_or_group.removeprefix(MODEL))
    if spec is not None and spec.kind is int and isinstance(made, FloatDistribution):
        return IntDistribution(int(made.low), int(made.high), log=made.log)
    return made


def _held(distribution: BaseDistribution, value: Any) -> Any:
    """Return the value as the range holds it, None where it does not; rounding puts nothing outside."""
    if value is None:
        return None
    if isinstance(distribution, CategoricalDistribution):
        return next((choice for choice in distribution.choices if _is_same(choice, value)), None)
    assert isinstance(distribution, FloatDistribution | IntDistribution)
    inside = distribution.low - CLOSE <= value <= distribution.high + CLOSE
    return min(max(value, distribution.low), distribution.high) if inside else None


def _is_same(choice: Any, value: Any) -> bool:
    if isinstance(choice, int | float) and isinstance(value, int | float):
        return abs(choice - value) <= CLOSE
    return bool(choice == value)


def _described(distribution: BaseDistribution) -> dict[str, Any]:
    if isinstance(distribution, CategoricalDistribution):
        return {"choices": list(distribution.choices)}
    assert isinstance(distribution, FloatDistribution | IntDistribution)
    ends = {"low": distribution.low, "high": distribution.high}
    return ends | ({"log": True} if distribution.log else {})


def _is_whole(space: Any) -> bool:
    return isinstance(space, IntervalSweep) and (space.start, space.end) == (0, 1)


def simplex_groups(swept: Sequence[Override]) -> list[list[str]]:
    """Group the weights tagged `simplex` by what they share; a group of one is the rest of its whole."""
    tagged = {o.key_or_group for o in swept if SIMPLEX in getattr(o.value(), "tags", ())}
    allowed = {f"{MODEL}{name}" for group in WEIGHT_GROUPS for name in group}
    for name in tagged - allowed:
        raise InvalidInput(f"{name} cannot be tagged {SIMPLEX}: only weights that sum to 1 can")
    # What is drawn under the tag is a coordinate, so that a narrower range would not be one of weights.
    narrowed = [o for o in swept if o.key_or_group in tagged and not _is_whole(o.value())]
    if narrowed:
        raise InvalidInput(
            f"{o.key_or_group} tagged {SIMPLEX} must be interval(0, 1), got {o.get_value_string()}; "
            "without the tag it may be any range, and the tagged weights share what it leaves"
            for o in narrowed
        )
    groups = ([f"{MODEL}{name}" for name in group if f"{MODEL}{name}" in tagged] for group in WEIGHT_GROUPS)
    return [group for group in groups if group]
