"""Optuna's samplers as the presets name them, and the three rounds of search=refine."""

import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from hydra.utils import instantiate
from omegaconf import DictConfig
from optuna.distributions import BaseDistribution, FloatDistribution, IntDistribution
from optuna.exceptions import ExperimentalWarning
from optuna.samplers import BaseSampler, CmaEsSampler, RandomSampler, TPESampler
from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState, create_trial

from db.records import Phase
from pipeline.parameters import InvalidInput
from sweep.command.whitelist import SAMPLERS
from sweep.keys import Search

# What a sampler needs beyond the core install: module, then the extra that brings it.
EXTRAS = {"optuna.samplers.GPSampler": ("torch", "gp")}

CMA_ES = "optuna.samplers.CmaEsSampler"
# Trials that listed values are drawn by chance in before TPE models them, beside CMA-ES.
CHANCE = 10
# The best tenth of them is one at least.
FEWEST_FOR_A_CLOUD = 10


def made_sampler(config: DictConfig, seed: int, method: str) -> BaseSampler:
    """Build the sampler that a preset names, with a seed of its own.

    Raises:
        InvalidInput: where it needs an extra that is not installed.

    """
    module, extra = EXTRAS.get(config._target_, (None, None))
    if module is not None and find_spec(module) is None:
        install = f"python -m pip install -c constraints.txt -e '.[{extra}]'"
        raise InvalidInput(f"search={method} needs {module}: run {install}")
    with warnings.catch_warnings():
        # Their interfaces may change one day; their versions are pinned.
        warnings.simplefilter("ignore", ExperimentalWarning)
        beside: dict[str, Any] = (
            {"independent_sampler": _of_lists(config, seed)} if config._target_ == CMA_ES else {}
        )
        sampler = instantiate(config, seed=seed, _execution_whitelist_=SAMPLERS, **beside)
    assert isinstance(sampler, BaseSampler)
    return sampler


def _of_lists(config: DictConfig, seed: int) -> BaseSampler:
    """Draw what CMA-ES cannot, listed values and texts, from those that went well.

    Optuna would draw them by chance to the end, so that a cloud of the best still tried the worst text.
    """
    return TPESampler(seed=seed, n_startup_trials=max(CHANCE, config.n_startup_trials))


def check_has_ranges(config: DictConfig, distributions: Iterable[BaseDistribution], method: str) -> None:
    """Refuse CMA-ES where every value is listed, so that there is nothing for a cloud to lie in.

    Raises:
        InvalidInput: naming what learns from lists.

    """
    if config._target_ == CMA_ES and not any(map(_is_range, distributions)):
        raise InvalidInput(
            f"search={method} needs an interval, but all values are listed; search=bayesian learns from lists"
        )


def _is_range(distribution: BaseDistribution) -> bool:
    return isinstance(distribution, FloatDistribution | IntDistribution)


@dataclass(frozen=True)
class Rounds:
    """Where the rounds of search=refine end, in trials."""

    broad: int  # explore the whole space until here
    focused: int  # draw from where it went well until here; then stay around the best

    @staticmethod
    def of(search: Search, trials: int) -> "Rounds | None":
        """Share out the trials; None for a search without rounds."""
        if search.broad is None or search.fine is None:
            return None
        return Rounds(round(trials * search.broad), trials - round(trials * search.fine))

    def phase_of(self, trial_number: int) -> Phase:
        """Name the round of a trial; trials count from 1."""
        if trial_number <= self.broad:
            return "broad"
        return "focused" if trial_number <= self.focused else "fine"


class Refining(BaseSampler):
    """Three samplers, one after the other: random draws, the preset's own, CMA-ES around the best of both."""

    def __init__(self, focused: BaseSampler, rounds: Rounds, *, first: int, seed: int) -> None:
        """Begin with the trial that has the number `first` in the study."""
        self._rounds, self._first, self._seed = rounds, first, seed
        self._samplers: dict[Phase, BaseSampler] = {"broad": RandomSampler(seed), "focused": focused}

    def infer_relative_search_space(self, study: Study, trial: FrozenTrial) -> dict[str, BaseDistribution]:
        return self._of(study, trial).infer_relative_search_space(study, trial)

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        return self._of(study, trial).sample_relative(study, trial, search_space)

    def sample_independent(
        self, study: Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution
    ) -> Any:
        return self._of(study, trial).sample_independent(study, trial, param_name, param_distribution)

    def _of(self, study: Study, trial: FrozenTrial) -> BaseSampler:
        phase = self._rounds.phase_of(trial.number - self._first + 1)
        if phase not in self._samplers:
            known = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
            if len(known) < FEWEST_FOR_A_CLOUD:
                return self._samplers["focused"]
            self._samplers[phase] = _around_the_best(known, self._seed, self._samplers["focused"])
        return self._samplers[phase]


def _around_the_best(known: list[FrozenTrial], seed: int, of_lists: BaseSampler) -> CmaEsSampler:
    """Start CMA-ES from the cloud of the best tenth of the trials so far (Nomura et al., AAAI 2021).

    Listed values and texts have no place in a cloud; they are drawn as they were before.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)
        return CmaEsSampler(
            source_trials=[_ranges_of(trial) for trial in known],
            seed=seed,
            independent_sampler=of_lists,
            warn_independent_sampling=False,
        )


def _ranges_of(trial: FrozenTrial) -> FrozenTrial:
    """Leave what is listed out of a trial: Optuna passes over a source of other dimensions than the cloud."""
    ranges = {name: kind for name, kind in trial.distributions.items() if _is_range(kind)}
    params = {name: trial.params[name] for name in ranges}
    return create_trial(params=params, distributions=ranges, values=trial.values)
