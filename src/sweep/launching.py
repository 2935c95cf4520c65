"""A launcher that a dying worker cannot stop: what it broke is tried again alone, then recorded as failed."""

import logging
import math
from collections.abc import Sequence

from hydra.core.utils import JobReturn, JobStatus
from hydra.plugins.launcher import Launcher
from hydra.plugins.sweeper import Sweeper
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig
from sqlalchemy import Engine

from db.queries import finished_trials, pending_trials
from db.records import fail_experiment, open_experiment
from sweep.checks import without_hydra
from sweep.problems import problem_of
from sweep.settings import Settings, read_settings_of
from sweep.trial import new_experiment

log = logging.getLogger(__name__)


class GuardedLauncher(Launcher):
    """Launches through another launcher and answers for every job, dead workers included."""

    def __init__(self, launcher: Launcher, sweeper: Sweeper, settings: Settings, engine: Engine) -> None:
        self._launcher, self._settings, self._engine = launcher, settings, engine
        assert sweeper.hydra_context is not None
        assert sweeper.config is not None
        self.hydra_context, self.config = sweeper.hydra_context, sweeper.config

    def setup(self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig) -> None:
        self._launcher.setup(hydra_context=hydra_context, task_function=task_function, config=config)

    def launch(self, job_overrides: Sequence[Sequence[str]], initial_job_idx: int) -> Sequence[JobReturn]:
        try:
            return self._launcher.launch(job_overrides, initial_job_idx=initial_job_idx)
        except Exception as error:
            log.warning("%d jobs were interrupted: %s", len(job_overrides), error)
            if len(job_overrides) == 1:
                self._fail(job_overrides[0], initial_job_idx + 1, error)
            return [
                self._answer(overrides, initial_job_idx + i, alone=len(job_overrides) == 1)
                for i, overrides in enumerate(job_overrides)
            ]

    def _answer(self, overrides: Sequence[str], job: int, *, alone: bool) -> JobReturn:
        """Return what a job's trial recorded; launch it alone where it recorded nothing."""
        finished = finished_trials(self._engine, self._settings.general.run_id).get(job + 1)
        if finished is None and not alone:
            return self.launch([overrides], job)[0]
        value = None if finished is None else finished.objective_value
        answer = JobReturn(overrides=list(overrides), status=JobStatus.COMPLETED)
        answer.return_value = math.nan if value is None else value
        return answer

    def _fail(self, overrides: Sequence[str], trial_number: int, error: Exception) -> None:
        """Record that the worker of a trial died, whether or not it came as far as opening its row."""
        run_id = self._settings.general.run_id
        if trial_number in finished_trials(self._engine, run_id):
            return
        config = self.hydra_context.config_loader.load_sweep_config(self.config, list(overrides))
        settings = read_settings_of(without_hydra(config))
        experiment = new_experiment(settings, problem_of(settings), trial_number)
        if trial_number not in pending_trials(self._engine, run_id):
            open_experiment(self._engine, experiment=experiment)
        reason = f"the worker died: {str(error).splitlines()[0] if str(error) else type(error).__name__}"
        phase = settings.phase_of(trial_number)
        fail_experiment(self._engine, experiment.experiment_id, reason, phase=phase, duration_seconds=0.0)
