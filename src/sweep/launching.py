"""A launcher that a dying worker cannot stop: what it broke is tried again alone, then recorded as failed."""

import logging
import math
import re
import time
from collections import deque
from collections.abc import Collection, Iterator, Sequence

from hydra.core.utils import JobReturn, JobStatus
from hydra.plugins.launcher import Launcher
from hydra.plugins.sweeper import Sweeper
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig
from sqlalchemy import Engine

from db.answers import FinishedTrial
from db.queries import finished_trials, pending_trials
from db.records import fail_experiment, open_experiment
from sweep.checks import without_hydra
from sweep.measuring import reason_of
from sweep.problems import problem_of
from sweep.settings import Settings, read_settings_of
from sweep.trial import new_experiment

log = logging.getLogger(__name__)


class GuardedLauncher(Launcher):
    """Launches through another launcher; afterwards the record holds a finished trial for every job."""

    def __init__(self, launcher: Launcher, sweeper: Sweeper, settings: Settings, engine: Engine) -> None:
        self._launcher, self._settings, self._engine = launcher, settings, engine
        assert sweeper.hydra_context is not None
        assert sweeper.config is not None
        self.hydra_context, self.config = sweeper.hydra_context, sweeper.config

    def setup(self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig) -> None:
        self._launcher.setup(hydra_context=hydra_context, task_function=task_function, config=config)

    def launch(self, job_overrides: Sequence[Sequence[str]], initial_job_idx: int) -> Sequence[JobReturn]:
        overrides = dict(enumerate(job_overrides, initial_job_idx))
        # A resumed run has finished trials already: they are answered for, not run again.
        finished = self._finished()
        waiting = deque(stretches([job for job in overrides if job + 1 not in finished], alone=()))
        while waiting:
            jobs = waiting.popleft()
            started = time.perf_counter()
            try:
                returns = self._launcher.launch([overrides[job] for job in jobs], initial_job_idx=jobs[0])
                reasons = [_escaped(job_return) for job_return in returns]
            except Exception as error:
                log.warning("%d jobs were interrupted: %s", len(jobs), error)
                if len(jobs) > 1:
                    waiting.extend(self._again(jobs))
                    continue
                reasons = [_death(error)]
            duration = time.perf_counter() - started
            finished = self._finished()
            for job, reason in zip(jobs, reasons, strict=True):
                if job + 1 not in finished:
                    self._fail(overrides[job], job + 1, reason, duration)
        return self._answers(overrides)

    def _again(self, jobs: Sequence[int]) -> Iterator[list[int]]:
        """Split unfinished jobs; one that had begun may have killed the worker, so it goes alone."""
        finished = self._finished()
        unfinished = [job for job in jobs if job + 1 not in finished]
        pending = pending_trials(self._engine, self._settings.general.run_id)
        begun = [job for job in unfinished if job + 1 in pending]
        return stretches(unfinished, alone=begun or unfinished)

    def _answers(self, overrides: dict[int, Sequence[str]]) -> list[JobReturn]:
        """Answer for each job with what the record holds; NaN where its trial failed."""
        finished = self._finished()
        answers = []
        for job, job_overrides in overrides.items():
            value = finished[job + 1].objective_value
            answer = JobReturn(overrides=list(job_overrides), status=JobStatus.COMPLETED)
            answer.return_value = math.nan if value is None else value
            answers.append(answer)
        return answers

    def _finished(self) -> dict[int, FinishedTrial]:
        return finished_trials(self._engine, self._settings.general.run_id)

    def _fail(self, overrides: Sequence[str], trial_number: int, reason: str, duration: float) -> None:
        """Record a trial that could not do so itself, whether or not it came as far as opening its row."""
        config = self.hydra_context.config_loader.load_sweep_config(self.config, list(overrides))
        settings = read_settings_of(without_hydra(config))
        experiment = new_experiment(settings, problem_of(settings), trial_number)
        open_experiment(self._engine, experiment=experiment)
        phase = settings.phase_of(trial_number)
        fail_experiment(
            self._engine, experiment.experiment_id, reason, phase=phase, duration_seconds=duration
        )


def stretches(jobs: Sequence[int], alone: Collection[int]) -> Iterator[list[int]]:
    """Split ascending job numbers into stretches of consecutive ones; those in `alone` by themselves."""
    stretch: list[int] = []
    for job in jobs:
        if stretch and (job in alone or stretch[-1] in alone or job != stretch[-1] + 1):
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
