"""One search as Hydra runs it: configurations are proposed, launched and told, until it is over."""

import time
from abc import abstractmethod
from collections.abc import Callable, Sequence

from hydra.core.plugins import Plugins
from hydra.plugins.sweeper import Sweeper
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig
from sqlalchemy import Engine

from sweep.command.checks import checked_settings
from sweep.command.space import check_space
from sweep.runs.launching import GuardedLauncher
from sweep.runs.plan import Proposal, Proposer, Values
from sweep.runs.tuning_run import Run, prepared_database, tuning_run
from sweep.searches.preview import record_of, show_preview
from sweep.searches.search_space import SearchSpace
from sweep.searches.stopping import Standing, StopRules
from sweep.settings import Settings

Measure = Callable[[Sequence[Proposal], int], Sequence[Values]]


class Search(Sweeper):
    """What all searches share; a subclass says who proposes."""

    params: dict[str, str] | None = None  # the space of the preset

    def setup(self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig) -> None:
        self.hydra_context, self.config = hydra_context, config
        self.launcher = Plugins.instance().instantiate_launcher(
            config=config, hydra_context=hydra_context, task_function=task_function
        )

    def check(self, settings: Settings, ranges: SearchSpace) -> None:
        """Refuse what this search cannot do, before anything is opened.

        Raises:
            InvalidInput: with what it cannot.

        """

    @abstractmethod
    def proposer(self, settings: Settings, engine: Engine | None, ranges: SearchSpace) -> Proposer:
        """Make what decides the trials.

        Args:
            settings: of the run.
            engine: of the record; None for a preview where nothing was ever recorded.
            ranges: what the preset and the command line vary.

        """

    def sweep(self, arguments: list[str]) -> None:
        assert self.config is not None
        settings = checked_settings(self.config)
        lines = [f"{key}={value}" for key, value in (self.params or {}).items()]
        space = check_space([*lines, *arguments], settings.model)
        ranges = SearchSpace.of(settings.model, settings.hyperparameters, space.swept)
        self.check(settings, ranges)
        if settings.search.preview:
            engine = record_of(settings)
            show_preview(settings, engine, self.proposer(settings, engine, ranges))
            return
        engine = prepared_database(settings)
        proposer = self.proposer(settings, engine, ranges)
        with tuning_run(engine, settings, proposer.plan) as run:
            launcher = self._guarded(run)

            def measure(batch: Sequence[Proposal], first: int) -> list[Values]:
                return launcher.measure([[*one.lines(), *space.fixed] for one in batch], first)

            run.stop_reason = searched(proposer, measure, StopRules.of(settings.search))

    def _guarded(self, run: Run) -> GuardedLauncher:
        assert self.launcher is not None
        assert self.hydra_context is not None
        assert self.config is not None
        return GuardedLauncher(self.launcher, self.hydra_context, self.config, run)


def searched(proposer: Proposer, measure: Measure, rules: StopRules) -> str | None:
    """Propose, measure and tell until all trials are done or a rule stops them.

    Args:
        proposer: decides the trials.
        measure: takes a batch and the number of its first trial from 0, gives what each is worth.
        rules: asked after every batch.

    Returns:
        Why the search stopped before its last trial; None where it did not.

    """
    done, standing, started = 0, Standing(), time.monotonic()
    while done < proposer.plan.total:
        reason = rules.reason(standing, time.monotonic() - started)
        if reason is not None:
            return reason
        batch = proposer.ask(min(proposer.width, proposer.plan.total - done))
        answers = measure(batch, done)
        proposer.tell(answers)
        done += len(answers)
        standing.note(None if one is None else one[0] for one in answers)
    return None
