"""One trial: recorded as pending, measured, recorded as completed or failed; its folder tells the same."""

import dataclasses
import logging
import math
import time
from pathlib import Path

from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode
from omegaconf import DictConfig

from db.engine import connect
from db.records import (
    NewExperiment,
    complete_experiment,
    fail_experiment,
    interrupt_experiment,
    open_experiment,
)
from pipeline.parameters import InvalidInput
from pipeline.provenance import code_version, config_key
from project import shown_path
from sweep.resolvers import trial_name
from sweep.runs.artifacts import metrics_of, write_metrics
from sweep.runs.measuring import TrialFailed, measured, reason_of, result_of
from sweep.runs.problems import SharedProblem, problem_key_of, problem_of
from sweep.runs.processes import this_process
from sweep.runs.tuning_run import show_summary
from sweep.runs.under_way import under_way
from sweep.settings import Settings, read_settings_of

log = logging.getLogger(__name__)


def run_trial(config: DictConfig) -> float:
    """Run the trial that a composed config describes.

    Returns:
        The objective on validation, higher is better; NaN for a trial that failed inside a sweep, so that
        the sweep goes on.

    Raises:
        SystemExit: 1 where the trial of a single run failed.

    """
    settings = read_settings_of(config)
    hydra = HydraConfig.get()
    in_sweep = hydra.mode == RunMode.MULTIRUN
    trial_number = int(hydra.job.num) + 1 if in_sweep else 1
    shared = problem_of(settings)
    experiment = new_experiment(settings, shared, trial_number)
    try:
        return _recorded(settings, shared, experiment, Path(hydra.runtime.output_dir))
    except Exception as error:
        expected = isinstance(error, InvalidInput | TrialFailed)
        log.log(logging.ERROR, "trial failed: %s", error, exc_info=None if expected else error)
        if in_sweep:
            return math.nan
        show_summary(connect(settings.db_url), settings)
        raise SystemExit(1) from None


def new_experiment(settings: Settings, shared: SharedProblem, trial_number: int) -> NewExperiment:
    """Describe a trial before it is run. Hyperparameters are those used, or those asked for if illegal."""
    try:
        hyperparameters = dataclasses.asdict(settings.checked_hyperparameters().normalised())
    except InvalidInput:
        hyperparameters = dict(settings.hyperparameters)
    fingerprint = shared.problem.dataset.fingerprint
    return NewExperiment(
        experiment_id=f"{settings.general.run_id}_{trial_name(trial_number)}",
        tuning_run_id=settings.general.run_id,
        trial_number=trial_number,
        tuning_method=settings.search.method,
        model=settings.model,
        hyperparameters=hyperparameters,
        objective=settings.objective.name,
        config_key=config_key(problem_key_of(settings), settings.model, hyperparameters),
        data_fingerprint=fingerprint,
        code_version=code_version(),
        seed=settings.general.seed,
        output_dir=shown_path(settings.run_folder / trial_name(trial_number)),
        process=this_process(),
        parent_experiment_id=settings.general.parent,
    )


def _recorded(settings: Settings, shared: SharedProblem, experiment: NewExperiment, folder: Path) -> float:
    """Measure between two writes to the database; whatever happens in between ends in the second."""
    engine = connect(settings.db_url)
    phase = settings.general.phase
    open_experiment(engine, experiment=experiment)
    started = time.perf_counter()
    try:
        with under_way(settings.run_folder, folder.name):
            numbers = measured(engine, settings, shared, experiment, folder)
        result = result_of(settings, shared, numbers, time.perf_counter() - started)
        write_metrics(folder, metrics_of(settings, shared, experiment, result, numbers.per_user))
        complete_experiment(engine, experiment.experiment_id, result, phase=phase)
    except KeyboardInterrupt:
        interrupt_experiment(engine, experiment.experiment_id)
        raise
    except BaseException as error:
        duration = time.perf_counter() - started
        reason = reason_of(error)
        fail_experiment(engine, experiment.experiment_id, reason, phase=phase, duration_seconds=duration)
        raise
    log.info("%s %s = %.6f", experiment.experiment_id, settings.objective.name, result.objective_value)
    return result.objective_value
