"""Searches that learn on the way: Optuna proposes, our record answers."""

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import optuna
from omegaconf import DictConfig, OmegaConf
from optuna.samplers import BaseSampler
from optuna.trial import Trial, TrialState, create_trial
from sqlalchemy import Engine

from db.records import Phase
from pipeline.parameters import InvalidInput
from sweep.resolvers import trial_name
from sweep.runs.launching import AT_ONCE
from sweep.runs.plan import Plan, Proposal, Proposer, Values
from sweep.searches.ahead import Ahead
from sweep.searches.samplers import Refining, Rounds, check_has_ranges, made_sampler
from sweep.searches.search import Search
from sweep.searches.search_space import SearchSpace
from sweep.searches.stopping import StopRules
from sweep.searches.warm_start import Ancestor, WarmStart, warm_start
from sweep.settings import Settings

CHANCE_ALONE = "optuna.samplers.RandomSampler"


class StudySearch(Search):
    """A search with one of Optuna's samplers, in memory: what is kept is kept by our record."""

    def __init__(
        self,
        sampler: DictConfig,
        n_trials: int,
        n_jobs: int,
        params: dict[str, str] | None,
        start_from_current: bool,
    ) -> None:
        self._sampler_config, self.params = sampler, params
        self._n_trials, self._n_jobs, self._start_from_current = n_trials, n_jobs, start_from_current

    def check(self, settings: Settings, ranges: SearchSpace) -> None:
        method = settings.search.method
        if not ranges.distributions:
            raise InvalidInput(f"search={method} has nothing left to search: all values are fixed")
        check_has_ranges(self._sampler_config, ranges.distributions.values(), method)
        made_sampler(self._sampler_config, settings.general.seed, method)

    def proposer(self, settings: Settings, engine: Engine | None, ranges: SearchSpace) -> Proposer:
        known = WarmStart()
        if settings.search.warm_start and engine is not None:
            known = warm_start(engine, settings, ranges)
        made = self.beginning_with(known, settings, ranges)
        return Ahead(made, AT_ONCE) if settings.workers > 1 and self._learns_nothing(settings) else made

    def _learns_nothing(self, settings: Settings) -> bool:
        """Say whether no result decides anything: what is drawn, what it grew from, when it is over."""
        explores_only = settings.search.exploration_trials is None and settings.search.broad is None
        by_chance = self._sampler_config._target_ == CHANCE_ALONE
        return by_chance and explores_only and not StopRules.of(settings.search).any

    def beginning_with(self, known: WarmStart, settings: Settings, ranges: SearchSpace) -> "StudyProposer":
        """Propose for a study that knows what other runs measured."""
        rounds = Rounds.of(settings.search, self._n_trials)
        study = new_study(
            self._sampler(settings, rounds, len(known.ancestors)),
            ranges,
            known.ancestors,
            aims=len(settings.metrics),
        )
        if self._start_from_current:
            study.enqueue_trial(ranges.current())
        return StudyProposer(
            plan=Plan(
                total=self._n_trials,
                search=self._identity(ranges, settings.search.also, rounds),
                space=ranges.described(),
                ancestors=known.ids,
                notes=known.notes() if settings.search.warm_start else (),
            ),
            width=self._n_jobs,
            study=study,
            ranges=ranges,
            ancestors=known.ancestors,
            phase_of=rounds.phase_of if rounds else exploring(settings, len(known.ancestors)),
            run_id=settings.general.run_id,
        )

    def _sampler(self, settings: Settings, rounds: Rounds | None, ancestors: int) -> BaseSampler:
        # Those who begin with what a seed drew would draw it again: what is known is part of the seed.
        seed = (settings.general.seed + ancestors) % 2**32
        sampler = made_sampler(self._sampler_config, seed, settings.search.method)
        return Refining(sampler, rounds, first=ancestors, seed=seed) if rounds else sampler

    def _identity(self, ranges: SearchSpace, also: str | None, rounds: Rounds | None) -> dict[str, Any]:
        """Name what decides the proposals beside the seed, for a resumed run to be held against."""
        sampler = OmegaConf.to_container(self._sampler_config, resolve=True)
        assert isinstance(sampler, dict)
        return {
            "space": ranges.lines,
            "sampler": {key: value for key, value in sampler.items() if key != "seed"},
            "start_from_current": self._start_from_current,
            "n_jobs": self._n_jobs,
            **({"also": also} if also else {}),
            **({"rounds": dataclasses.asdict(rounds)} if rounds else {}),
        }


def exploring(settings: Settings, ancestors: int) -> Callable[[int], Phase]:
    """Say of each trial number whether the sampler still explores; what it begins with spares exploring."""
    explores = settings.search.exploration_trials

    def phase_of(trial_number: int) -> Phase:
        explored = explores is None or trial_number + ancestors <= explores
        return "exploration" if explored else "exploitation"

    return phase_of


def new_study(
    sampler: BaseSampler, ranges: SearchSpace, ancestors: Sequence[Ancestor] = (), *, aims: int = 1
) -> optuna.Study:
    """Make a study in memory that knows what other runs measured; every aim is to be maximised."""
    # Failed trials are our record's to tell, and a preview has no folder for a log.
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(sampler=sampler, directions=["maximize"] * aims)
    distributions = dict(ranges.distributions)
    study.add_trials(
        create_trial(params=one.draw, distributions=distributions, values=list(one.values))
        for one in ancestors
    )
    return study


class StudyProposer:
    """Proposals of a study, each with the best experiment that the study knew as its parent."""

    def __init__(
        self,
        *,
        plan: Plan,
        width: int,
        study: optuna.Study,
        ranges: SearchSpace,
        ancestors: Sequence[Ancestor],
        phase_of: Callable[[int], Phase],
        run_id: str,
    ) -> None:
        self.plan, self.width = plan, width
        self._study, self._ranges = study, ranges
        self._phase_of, self._run_id = phase_of, run_id
        self._asked: list[Trial] = []
        self._proposed = 0
        self._best: tuple[float, str] | None = None
        for ancestor in ancestors:
            self._note(ancestor.values, ancestor.experiment_id)

    def ask(self, count: int) -> list[Proposal]:
        self._asked = [self._study.ask(dict(self._ranges.distributions)) for _ in range(count)]
        first = self._proposed + 1
        self._proposed += count
        return [self._proposal(trial, number) for number, trial in enumerate(self._asked, start=first)]

    def tell(self, values: Sequence[Values]) -> None:
        first = self._proposed - len(self._asked) + 1
        for number, (trial, value) in enumerate(zip(self._asked, values, strict=True), start=first):
            if value is None:
                self._study.tell(trial, state=TrialState.FAIL)
            else:
                self._study.tell(trial, list(value))
                self._note(value, f"{self._run_id}_{trial_name(number)}")

    def _proposal(self, trial: Trial, number: int) -> Proposal:
        phase = self._phase_of(number)
        grows = phase not in ("exploration", "broad") and self._best is not None
        return Proposal(
            overrides=self._ranges.overrides(trial.params),
            phase=phase,
            parent=self._best[1] if grows and self._best else None,
        )

    def _note(self, values: Sequence[float], experiment_id: str) -> None:
        if self._best is None or values[0] > self._best[0]:
            self._best = (values[0], experiment_id)
