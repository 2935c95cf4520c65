"""One trial: recorded as pending, measured, recorded as completed or failed; its folder tells the same."""

import dataclasses
import logging
import math
import signal
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np
from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode
from omegaconf import DictConfig
from sqlalchemy import Engine

from db.engine import connect
from db.queries import completed_experiment
from db.records import (
    NewExperiment,
    Result,
    complete_experiment,
    fail_experiment,
    interrupt_experiment,
    open_experiment,
)
from pipeline.evaluation import evaluate
from pipeline.parameters import InvalidInput
from pipeline.provenance import code_version, config_key
from project import ROOT
from sweep.artifacts import metrics_of, take_per_user, write_metrics, write_per_user
from sweep.problems import SharedProblem, problem_of
from sweep.processes import this_process
from sweep.rerun import experiment_of
from sweep.resolvers import shown_path, trial_name
from sweep.settings import Settings, read_settings_of
from sweep.tuning_run import show_summary

log = logging.getLogger(__name__)


class TrialFailed(RuntimeError):
    """A trial ended without a usable number."""


@dataclass(frozen=True)
class Measured:
    """Metrics by name, measured now or taken from the experiment named."""

    validation: Mapping[str, float | None]
    test: Mapping[str, float | None]
    reused_from: str | None = None


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
        hyperparameters = dataclasses.asdict(settings.recommender().normalised())
    except InvalidInput:
        hyperparameters = dict(settings.hyperparameters)
    split = {"name": settings.split_name, **dataclasses.asdict(settings.split)}
    fingerprint = shared.problem.dataset.fingerprint
    return NewExperiment(
        experiment_id=f"{settings.general.run_id}_{trial_name(trial_number)}",
        tuning_run_id=settings.general.run_id,
        trial_number=trial_number,
        tuning_method=settings.search.method,
        model=settings.model,
        hyperparameters=hyperparameters,
        objective=settings.objective.name,
        config_key=config_key(settings.model, hyperparameters, split, fingerprint),
        data_fingerprint=fingerprint,
        code_version=code_version(),
        seed=settings.general.seed,
        output_dir=shown_path(settings.run_folder / trial_name(trial_number)),
        process=this_process(),
        parent_experiment_id=experiment_of(settings.general.rerun),
    )


def _recorded(settings: Settings, shared: SharedProblem, experiment: NewExperiment, folder: Path) -> float:
    """Measure between two writes to the database; whatever happens in between ends in the second."""
    engine = connect(settings.db_url)
    phase = settings.phase_of(experiment.trial_number)
    open_experiment(engine, experiment=experiment)
    started = time.perf_counter()
    try:
        with time_limit(settings.general.time_limit):
            measured = _known(engine, settings, experiment, folder) or _measured(settings, shared, folder)
        result = result_of(settings, shared, measured, time.perf_counter() - started)
        write_metrics(folder, metrics_of(settings, shared, experiment, result))
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


def _known(engine: Engine, settings: Settings, experiment: NewExperiment, folder: Path) -> Measured | None:
    """Take the numbers of the experiment that measured this configuration; None where none did."""
    found = completed_experiment(engine, experiment.config_key) if settings.general.reuse else None
    if found is None or not take_per_user(ROOT / (found.output_dir or ""), folder):
        return None
    return Measured(found.validation, found.test, found.experiment_id)


def _measured(settings: Settings, shared: SharedProblem, folder: Path) -> Measured:
    evaluation = evaluate(shared.problem, settings.recommender())
    write_per_user(folder, evaluation)
    return Measured(evaluation.validation.metrics, evaluation.test.metrics)


def reason_of(error: BaseException) -> str:
    """Say what ended a trial; in our own words where they name it."""
    name, text = type(error).__name__, str(error)
    if isinstance(error, InvalidInput | TrialFailed):
        return text
    return f"{name}: {text}" if text else name


def result_of(settings: Settings, shared: SharedProblem, measured: Measured, duration: float) -> Result:
    """Turn metrics into what is recorded.

    Raises:
        TrialFailed: where the objective, or any metric, is not a finite number.

    """
    validation, test = measured.validation, measured.test
    for part, metrics in (("validation", validation), ("test", test)):
        for name, value in metrics.items():
            if value is not None and not (_is_number(value) and math.isfinite(value)):
                raise TrialFailed(f"{part} {name} must be a finite number, got {value!r}")
    objective = validation[settings.objective.metric]
    if objective is None:
        raise TrialFailed(
            f"objective {settings.objective.name} is not defined: no user has a relevant movie in validation"
        )
    baseline = shared.baseline.validation.metrics["accuracy"]
    accuracy = validation["accuracy"]
    improvement = None if accuracy is None or baseline is None else accuracy - baseline
    return Result(
        objective_value=objective,
        improvement_from_baseline=improvement,
        duration_seconds=duration,
        validation=validation,
        test=test,
        reused_from=measured.reused_from,
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | np.number) and not isinstance(value, bool)


@contextmanager
def time_limit(seconds: float | None) -> Iterator[None]:
    """Raise TrialFailed in this process once the seconds are over; needs the main thread and a Unix timer."""
    usable = threading.current_thread() is threading.main_thread() and hasattr(signal, "setitimer")
    if seconds is None:
        yield
        return
    if not usable:
        raise TrialFailed("time_limit needs the main thread of a process on Unix")

    def over(_: int, __: FrameType | None) -> None:
        raise TrialFailed(f"time_limit of {seconds:g} s is over")

    before = signal.signal(signal.SIGALRM, over)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
