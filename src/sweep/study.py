"""Optuna's sweeper with weights drawn from the simplex, typed intervals, and a run that is watched."""

from collections.abc import Mapping, Sequence
from typing import Any

import optuna
from hydra.core.override_parser.types import IntervalSweep, Override
from hydra_plugins.hydra_optuna_sweeper._impl import OptunaSweeperImpl
from omegaconf import OmegaConf
from optuna.distributions import BaseDistribution, FloatDistribution, IntDistribution
from optuna.trial import Trial, TrialState

from pipeline.hyperparameters import MODELS, WEIGHT_GROUPS
from pipeline.parameters import InvalidInput, parameters
from sweep.checks import checked_settings
from sweep.launching import GuardedLauncher
from sweep.plan import Plan
from sweep.simplex import coordinates, weights
from sweep.space import check_space
from sweep.tuning_run import prepared_database, tuning_run

STUDY = "reeltune"
SIMPLEX = "simplex"
# What weights share where the fixed ones take the whole: next to nothing, but still a mix.
EMPTY = 1e-6


class Study(OptunaSweeperImpl):
    """One search. Its trials are proposed by Optuna in memory and recorded by themselves in our database."""

    start_from_current = False

    @classmethod
    def of(cls, sweeper: OptunaSweeperImpl, *, start_from_current: bool) -> "Study":
        """Take over the sweeper that Hydra's plugin made of its config."""
        study = cls.__new__(cls)
        study.__dict__.update(sweeper.__dict__)
        study.start_from_current = start_from_current
        return study

    def sweep(self, arguments: list[str]) -> None:
        assert self.config is not None
        assert self.launcher is not None
        settings = checked_settings(self.config)
        self._process_searchspace_config()
        self._model = settings.model
        swept = check_space([*self._parse_sweeper_params_config(), *arguments], settings.model)
        if not swept:
            raise InvalidInput(
                f"search={settings.search.method} has nothing left to search: all values are fixed"
            )
        self._simplex = simplex_groups(swept)
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        # Failed trials must not end the search, however many a batch holds.
        self.max_failure_rate = 1.0
        self.storage, self.study_name = self._study(swept), STUDY
        plan = Plan(total=self.n_trials, search=self._search(swept))
        with tuning_run(prepared_database(settings), settings, plan) as run:
            self.launcher = GuardedLauncher(self.launcher, self, settings, run.engine)
            try:
                super().sweep(arguments)
            except ValueError:
                # Where all trials failed, Optuna has no best one to name; the run's summary says why.
                if any(trial.state != TrialState.FAIL for trial in self.storage.get_all_trials(0)):
                    raise
            # The plugin's own account of the best trial holds simplex coordinates in place of weights.
            (settings.run_folder / "optimization_results.yaml").unlink(missing_ok=True)

    def _search(self, swept: Sequence[Override]) -> dict[str, Any]:
        """Name what decides the proposals, for a resumed run to be held against."""
        assert self.config is not None
        sampler = OmegaConf.to_container(self.config.hydra.sweeper.sampler, resolve=True)
        assert isinstance(sampler, dict)
        return {
            "space": sorted(str(override.input_line) for override in swept),
            "sampler": {key: value for key, value in sampler.items() if key != "seed"},
            "start_from_current": self.start_from_current,
            "n_jobs": self.n_jobs,
        }

    def _study(self, swept: Sequence[Override]) -> optuna.storages.InMemoryStorage:
        """Make the study in memory, with the current parameters as its first trial where asked."""
        storage = optuna.storages.InMemoryStorage()
        study = optuna.create_study(storage=storage, study_name=STUDY, direction="maximize")
        if self.start_from_current:
            study.enqueue_trial(self._current(swept))
        return storage

    def _current(self, swept: Sequence[Override]) -> dict[str, Any]:
        """Place the composed values in the space; a value outside its range is left to the sampler."""
        values = {o.key_or_group: self._value(o.key_or_group) for o in swept if o.key_or_group != "model"}
        for names in self._simplex:
            values |= coordinates({name: values[name] for name in names})
        return {o.key_or_group: values[o.key_or_group] for o in swept if _inside(values, o)}

    def _value(self, key: str) -> Any:
        assert self.config is not None
        return self.config.model[key.removeprefix("model.")]

    def _configure_trials(
        self,
        trials: list[Trial],
        search_space_distributions: dict[str, BaseDistribution],
        fixed_params: dict[str, Any],
        fixed_overrides: list[str],
    ) -> Sequence[Sequence[str]]:
        typed = {
            name: self._typed(name, distribution) for name, distribution in search_space_distributions.items()
        }
        proposed = super()._configure_trials(trials, typed, fixed_params, fixed_overrides)
        return [
            self._with_weights(trial.params, overrides)
            for trial, overrides in zip(trials, proposed, strict=True)
        ]

    def _typed(self, key: str, distribution: BaseDistribution) -> BaseDistribution:
        """Draw a whole hyperparameter from interval(1, 10) whole, although Hydra reads its ends as real."""
        spec = parameters(MODELS[self._model]).get(key.removeprefix("model."))
        if spec is not None and spec.kind is int and isinstance(distribution, FloatDistribution):
            return IntDistribution(int(distribution.low), int(distribution.high), log=distribution.log)
        return distribution

    def _with_weights(self, drawn: dict[str, Any], overrides: Sequence[str]) -> tuple[str, ...]:
        """Replace the coordinates of each simplex by its weights, which share what fixed weights leave."""
        shares: dict[str, float] = {}
        for names in self._simplex:
            group = next(g for g in WEIGHT_GROUPS if names[0].removeprefix("model.") in g)
            others = [f"model.{name}" for name in group if f"model.{name}" not in names]
            taken = sum(drawn.get(name, self._value(name)) for name in others)
            shares |= weights({name: drawn[name] for name in names}, max(1 - taken, EMPTY))
        keys = [override.partition("=")[0] for override in overrides]
        return tuple(
            f"{key}={shares[key]}" if key in shares else override
            for key, override in zip(keys, overrides, strict=True)
        )


def _inside(values: Mapping[str, Any], override: Override) -> bool:
    """Say whether a swept range holds the value of its key."""
    space, value = override.value(), values.get(override.key_or_group)
    if isinstance(space, IntervalSweep):
        return value is not None and bool(space.start <= value <= space.end)
    return value in list(override.sweep_iterator())


def _is_whole(space: Any) -> bool:
    return isinstance(space, IntervalSweep) and (space.start, space.end) == (0, 1)


def simplex_groups(swept: Sequence[Override]) -> list[list[str]]:
    """Group the weights tagged `simplex` by what they share; a group of one is the rest of its whole."""
    tagged = {o.key_or_group for o in swept if SIMPLEX in getattr(o.value(), "tags", ())}
    allowed = {f"model.{name}" for group in WEIGHT_GROUPS for name in group}
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
    groups = ([f"model.{name}" for name in group if f"model.{name}" in tagged] for group in WEIGHT_GROUPS)
    return [group for group in groups if group]
