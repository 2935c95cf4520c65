"""The numbers of one trial: measured, or taken from the experiment that measured them before."""

import math
import signal
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np
from sqlalchemy import Engine

from db.queries import completed_experiment
from db.records import NewExperiment, Result
from pipeline.contributions import PARTS, PER_USER_FILE, read_contributions, write_contributions
from pipeline.evaluation import evaluate
from pipeline.metrics import PerUser
from pipeline.parameters import InvalidInput
from project import ROOT
from sweep.runs.artifacts import take_per_user
from sweep.runs.problems import SharedProblem, check_memory
from sweep.settings import Settings


class TrialFailed(RuntimeError):
    """A trial ended without a usable number."""


@dataclass(frozen=True)
class Measured:
    """Metrics by name, measured now or taken from the experiment named."""

    validation: Mapping[str, float | None]
    test: Mapping[str, float | None]
    per_user: Mapping[str, PerUser | None]  # by part; None where another trial's file was damaged
    reused_from: str | None = None


def measured(
    engine: Engine, settings: Settings, shared: SharedProblem, experiment: NewExperiment, folder: Path
) -> Measured:
    """Give a trial's metrics, and leave what each user contributed in its folder.

    Raises:
        TrialFailed: where the time limit is over.
        InvalidInput: where the hyperparameters do not go together, or the model needs too much memory.

    """
    with time_limit(settings.general.time_limit):
        known = _known(engine, experiment, folder) if settings.general.reuse else None
        return known or _now(settings, shared, folder)


def _known(engine: Engine, experiment: NewExperiment, folder: Path) -> Measured | None:
    """Take the numbers of the experiment that measured this configuration; None where none did."""
    found = completed_experiment(engine, experiment.config_key)
    if found is None or not take_per_user(ROOT / (found.output_dir or ""), folder):
        return None
    per_user = {part: read_contributions(folder / PER_USER_FILE, part) for part in PARTS}
    return Measured(found.validation, found.test, per_user, found.experiment_id)


def _now(settings: Settings, shared: SharedProblem, folder: Path) -> Measured:
    check_memory(settings)  # a sweep over models meets those that were not chosen, too
    evaluation = evaluate(shared.problem, settings.checked_hyperparameters())
    write_contributions(folder / PER_USER_FILE, evaluation)
    validation, test = evaluation.validation, evaluation.test
    per_user = dict(zip(PARTS, (validation.per_user, test.per_user), strict=True))
    return Measured(validation.metrics, test.metrics, per_user)


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


def reason_of(error: BaseException) -> str:
    """Say what ended a trial; in our own words where they name it."""
    name, text = type(error).__name__, str(error)
    if isinstance(error, InvalidInput | TrialFailed):
        return text
    return f"{name}: {text}" if text else name


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
