"""Which experiment is deployed, and with which hyperparameters."""

from collections.abc import Sequence

from sqlalchemy import Engine

from db.answers import RecordedExperiment
from db.queries import recorded_experiments
from db.runs import tuning_runs
from deployment.measuring import Ground
from pipeline.hyperparameters import MODELS, Phase1
from pipeline.parameters import InvalidInput, near, parameters, read

BEST = "best"
COMPLETED = "completed"


def experiment_named(engine: Engine | None, name: str, objective: str, ground: Ground) -> RecordedExperiment:
    """Find the experiment that is asked for, by its id or as the best.

    Args:
        engine: of the record; None where nothing was ever recorded.
        name: best, or an experiment_id.
        objective: that the best is the best by.
        ground: what would be deployed on; experiments measured on it come first.

    Raises:
        InvalidInput: in one line, where there is none.

    """
    known = () if engine is None else recorded_experiments(engine)
    if engine is None or not known:
        raise InvalidInput(
            f"experiment={name} is not recorded: nothing is yet; python src/tune_app.py -m search=random "
            "records something"
        )
    if name == BEST:
        return _best(engine, known, objective, ground)
    found = [one for one in known if one.experiment_id == name]
    if not found:
        hint = near(name, [one.experiment_id for one in known], "experiment=")
        raise InvalidInput(f"experiment={name} is not recorded{hint}")
    return found[0]


def hyperparameters_of(experiment: RecordedExperiment) -> Phase1:
    """Give an experiment's hyperparameters their class; the seed's rows are of the first model.

    Raises:
        InvalidInput: where some are missing or illegal.

    """
    settings = MODELS[experiment.model or next(iter(MODELS))]
    named = {
        name: value for name, value in experiment.hyperparameters.items() if name in parameters(settings)
    }
    return read(settings, named, f"{experiment.experiment_id} ")


def _best(
    engine: Engine, known: Sequence[RecordedExperiment], objective: str, ground: Ground
) -> RecordedExperiment:
    """Take the highest objective value of this problem, else of this data, else of all."""
    completed = [one for one in known if one.status == COMPLETED and one.objective_value is not None]
    aimed = [one for one in completed if one.objective == objective]
    if not aimed:
        objectives = sorted({str(one.objective) for one in completed})
        there = f"; there are some for objective={', objective='.join(objectives)}" if objectives else ""
        raise InvalidInput(f"experiment=best finds none completed for objective={objective}{there}")
    runs = {run.tuning_run_id for run in tuning_runs(engine) if run.problem_key == ground.problem_key}
    of_problem = [one for one in aimed if one.tuning_run_id in runs]
    of_data = [one for one in aimed if one.data_fingerprint == ground.fingerprint]
    return max(of_problem or of_data or aimed, key=_value)


def _value(experiment: RecordedExperiment) -> float:
    assert experiment.objective_value is not None
    return experiment.objective_value
