"""A launcher that a dying worker cannot stop: what it broke is tried again alone, then recorded as failed."""

import logging
import re
import time
from collections import deque
from collections.abc import Collection, Iterator, Sequence

from hydra.core.utils import JobReturn
from hydra.plugins.launcher import Launcher
from hydra.types import HydraContext
from omegaconf import DictConfig

from db.answers import FinishedTrial
from db.queries import finished_trials, pending_trials
from db.records import fail_experiment, open_experiment
from sweep.runs.measuring import reason_of
from sweep.runs.plan import Values
from sweep.runs.problems import problem_of
from sweep.runs.trial import new_experiment
from sweep.runs.tuning_run import Run
from sweep.sections import without_hydra
from sweep.settings import read_settings_of

log = logging.getLogger(__name__)

# Jobs that are launched at once: what their launcher holds of each until its end stays small.
AT_ONCE = 128


class GuardedLauncher:
    """Launches through one of Hydra's launchers; afterwards the record has finished every job's trial."""

    def __init__(self, launcher: Launcher, hydra_context: HydraContext, config: DictConfig, run: Run) -> None:
        self._launcher, self._hydra_context, self._config = launcher, hydra_context, config
        self._settings, self._engine = run.settings, run.engine
        # A resumed run has finished trials already: they are answered for, not run again.
        self._finished: dict[int, FinishedTrial] = {}
        self._look()

    def measure(self, jobs: Sequence[Sequence[str]], first: int) -> list[Values]:
        """Run a batch of jobs and answer for each what the record holds, None where its trial failed.

        Args:
            jobs: the overrides of each.
            first: number of the first job, from 0.

        """
        overrides = dict(enumerate(jobs, first))
        waiting = deque(stretches(self._unfinished(list(overrides)), alone=()))
        while waiting:
            stretch = waiting.popleft()
            started = time.perf_counter()
            try:
                returns = self._launcher.launch([overrides[job] for job in stretch], stretch[0])
                reasons = [_escaped(job_return) for job_return in returns]
            except Exception as error:
                log.warning("%d jobs were interrupted: %s", len(stretch), error)
                if len(stretch) > 1:
                    waiting.extend(self._again(stretch))
                    continue
                reasons = [_death(error)]
            duration = time.perf_counter() - started
            self._look(stretch)
            missing = self._unfinished(stretch)
            for job in missing:
                self._fail(overrides[job], job + 1, reasons[job - stretch[0]], duration)
            self._look(missing)
        return [self._finished[job + 1].values for job in overrides]

    def _again(self, jobs: Sequence[int]) -> Iterator[list[int]]:
        """Split unfinished jobs; one that had begun may have killed the worker, so it goes alone."""
        self._look(jobs)
        unfinished = self._unfinished(jobs)
        pending = pending_trials(self._engine, self._settings.general.run_id)
        begun = [job for job in unfinished if job + 1 in pending]
        return stretches(unfinished, alone=begun or unfinished)

    def _look(self, jobs: Sequence[int] | None = None) -> None:
        """Look up which jobs the record holds as finished, of those given or of all."""
        trials = None if jobs is None else [job + 1 for job in jobs]
        run_id, metrics = self._settings.general.run_id, self._settings.metrics
        if trials != []:
            self._finished |= finished_trials(self._engine, run_id, metrics, trials)

    def _unfinished(self, jobs: Sequence[int]) -> list[int]:
        return [job for job in jobs if job + 1 not in self._finished]

    def _fail(self, overrides: Sequence[str], trial_number: int, reason: str, duration: float) -> None:
        """Record a trial that could not do so itself, whether or not it came as far as opening its row."""
        config = self._hydra_context.config_loader.load_sweep_config(self._config, list(overrides))
        settings = read_settings_of(without_hydra(config))
        experiment = new_experiment(settings, problem_of(settings), trial_number)
        if trial_number not in pending_trials(self._engine, settings.general.run_id):
            open_experiment(self._engine, experiment=experiment)
        fail_experiment(
            self._engine,
            experiment.experiment_id,
            reason,
            phase=settings.general.phase,
            duration_seconds=duration,
        )


def stretches(jobs: Sequence[int], alone: Collection[int]) -> Iterator[list[int]]:
    """Split ascending job numbers into stretches of consecutive ones; those in `alone` by themselves."""
    stretch: list[int] = []
    for job in jobs:
        ends = len(stretch) == AT_ONCE or (stretch and job != stretch[-1] + 1)
        if ends or (stretch and (job in alone or stretch[-1] in alone)):
            yield stretch
            stretch = []
        stretch.append(job)
    if stretch:
        yield stretch


def _escaped(job_return: JobReturn) -> str:
    """Name the exception that left a job, or that it left nothing."""
    try:
        _ = job_return.return_value
    except Exception as error:
        return reason_of(error)
    return "the trial could not record its result; its trial.log says why"


def _death(error: Exception) -> str:
    """Name how the worker ended, where loky tells, in its words: EXIT(1), SIGKILL(-9)."""
    codes = re.search(r"exit codes? of the workers? (?:are|is) \{(.+?)\}", str(error))
    return f"the worker died: {codes[1] if codes else reason_of(error)}"
