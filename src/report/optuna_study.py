"""A run as Optuna knows it: for its importances, and for a file that optuna-dashboard opens."""

import warnings
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import optuna
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.exceptions import ExperimentalWarning
from optuna.importance import PedAnovaImportanceEvaluator, get_param_importances
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState, create_trial

from db.answers import RecordedExperiment, TuningRun, Value
from db.study_file import fill
from db.tables import COMPLETED, FAILED
from report.outcome import RunOutcome, value_of
from report.sampling import evenly

WEIGHED = 1000  # trials that importances are made of


def distributions(outcome: RunOutcome) -> dict[str, BaseDistribution]:
    """Name what a run varied, in its recorded range; of a run without one, in that of its values."""
    recorded = outcome.run.space if outcome.run else {}
    space = {key.removeprefix("model."): ends for key, ends in recorded.items()}
    used = defaultdict(list)
    for one in outcome.experiments:
        for name, value in one.hyperparameters.items():
            used[name].append(value)
    return {name: _distribution(space.get(name, {}), used[name]) for name in outcome.varied}


def trials(outcome: RunOutcome) -> list[FrozenTrial]:
    """Write the finished experiments as trials, with a second value where the run had two aims."""
    known = distributions(outcome)
    finished = [one for one in outcome.experiments if one.status in {COMPLETED, FAILED}]
    return [_trial(one, _values(one, outcome.run), known) for one in finished]


def importances(outcome: RunOutcome) -> dict[str, float]:
    """Say which hyperparameters tell the best trials from all (PED-ANOVA, Watanabe et al. 2023).

    Returns:
        name to share of the whole, the largest first.

    """
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    known = distributions(outcome)
    study = optuna.create_study(direction="maximize")
    study.add_trials([_trial(one, [value_of(one)], known) for one in evenly(outcome.measured, WEIGHED)])
    return get_param_importances(study, evaluator=PedAnovaImportanceEvaluator())


def export(path: Path, outcomes: Sequence[RunOutcome]) -> None:
    """Write a study for each run into a new file of Optuna's, which replaces one that is there."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    begun = path.with_name(f".{path.name}.begun")
    begun.unlink(missing_ok=True)
    storage = optuna.storages.RDBStorage(f"sqlite:///{begun}")
    for outcome in outcomes:
        aims = outcome.aims or ["accuracy"]
        directions = [StudyDirection.MAXIMIZE] * len(aims)
        study = optuna.create_study(storage=storage, study_name=outcome.run_id, directions=directions)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ExperimentalWarning)  # it only names the values
            study.set_metric_names(aims)
        fill(storage.engine, study._study_id, trials(outcome))
    storage.engine.dispose()
    begun.replace(path)


def _distribution(ends: Mapping[str, Any], used: Sequence[Value]) -> BaseDistribution:
    """Take the recorded range, widened to the values that were used.

    Weights are recorded as the shares that the model uses, and the current parameters may lie outside.
    """
    choices, numbers = ends.get("choices", []), [value for value in used if not isinstance(value, str)]
    if set(used) <= set(choices) or len(numbers) < len(used):
        return CategoricalDistribution(list(dict.fromkeys([*choices, *used])))
    low, high = min([*numbers, ends.get("low", numbers[0])]), max([*numbers, ends.get("high", numbers[0])])
    if all(isinstance(value, int) for value in numbers):
        return IntDistribution(int(low), int(high))
    return FloatDistribution(low, high, log=bool(ends.get("log")) and low > 0)


def _trial(
    experiment: RecordedExperiment, values: Sequence[float], known: Mapping[str, BaseDistribution]
) -> FrozenTrial:
    params = {name: value for name, value in experiment.hyperparameters.items() if name in known}
    trial = create_trial(
        state=TrialState.COMPLETE if values else TrialState.FAIL,
        params=params,
        distributions={name: known[name] for name in params},
        values=values or None,
        user_attrs=_attributes(experiment),
    )
    trial.datetime_start = _local(experiment.created_at) or trial.datetime_start
    trial.datetime_complete = _local(experiment.completed_at) or trial.datetime_complete
    return trial


def _values(experiment: RecordedExperiment, run: TuningRun | None) -> list[float]:
    """Give what was maximised, of the seed the test accuracy; nothing where a value is not defined."""
    value = experiment.test["accuracy"] if experiment.objective is None else experiment.objective_value
    second = [experiment.validation[run.second_metric]] if run and run.second_metric else []
    values = [one for one in (value, *second) if one is not None]
    return values if experiment.status == COMPLETED and len(values) == 1 + len(second) else []


def _attributes(experiment: RecordedExperiment) -> dict[str, Any]:
    """Gather all metrics and where to find more; what is not defined is left out."""
    metrics = {
        f"{part}_{name}": value
        for part, measured in (("validation", experiment.validation), ("test", experiment.test))
        for name, value in measured.items()
    }
    names = ("experiment_id", "improvement_from_baseline", "duration_seconds", "output_dir", "error")
    told = {name: getattr(experiment, name) for name in names} | metrics
    return {name: value for name, value in told.items() if value is not None}


def _local(moment: datetime | None) -> datetime | None:
    """Write a moment as Optuna does: local, without its zone."""
    return None if moment is None else moment.astimezone().replace(tzinfo=None)
