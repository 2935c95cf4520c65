"""search=confirm: the best configurations of a run again, on ratings that did not pick them."""

from collections.abc import Sequence

from sqlalchemy import Engine

from db.answers import CompletedExperiment, TuningRun
from db.queries import experiments_by_id, top_experiments
from db.runs import tuning_runs
from pipeline.parameters import InvalidInput, near
from sweep.runs.identity import kept_ancestors
from sweep.runs.plan import Plan, Proposal
from sweep.runs.problems import problem_of
from sweep.searches.listed import Listed
from sweep.searches.search import Search
from sweep.searches.search_space import SearchSpace
from sweep.settings import Settings

# Runs that look at what others found, or only around.
LOOKING_BACK = ("confirm", "sensitivity")


class ConfirmSearch(Search):
    """Configurations that another run found, each the child of the experiment that found it."""

    def __init__(self, params: dict[str, str] | None = None) -> None:
        self.params = params

    def check(self, settings: Settings, ranges: SearchSpace) -> None:
        if ranges.distributions:
            keys = ", ".join(ranges.distributions)
            raise InvalidInput(f"{keys} cannot be swept: search=confirm takes its configurations from a run")

    def proposer(self, settings: Settings, engine: Engine | None, ranges: SearchSpace) -> Listed:
        found = configurations(settings, engine)
        proposals = [Proposal(overrides=_overrides(one), parent=one.experiment_id) for one in found]
        ids = [one.experiment_id for one in found]
        note = f"confirms {len(found)} of {found[0].tuning_run_id}: {', '.join(ids)}"
        return Listed.of(settings, Plan(total=len(found), ancestors=ids, notes=[note]), proposals)


def configurations(settings: Settings, engine: Engine | None) -> Sequence[CompletedExperiment]:
    """Find the experiments to confirm; a resumed run goes on with those that it began with.

    Raises:
        InvalidInput: where there is no such run, or it found nothing.

    """
    if engine is None:
        raise InvalidInput("search.of must be a recorded run, but nothing is recorded yet")
    kept = kept_ancestors(settings.run_folder)
    if kept is not None:
        return experiments_by_id(engine, kept)
    run_id = _run_to_confirm(settings, engine)
    found = top_experiments(engine, run_id, settings.search.best)
    if not found:
        raise InvalidInput(f"search.of must be a run with a completed trial, {run_id} has none")
    return found


def _run_to_confirm(settings: Settings, engine: Engine) -> str:
    """Take the run that was named, or else the latest search of this model on this data."""
    runs, named = tuning_runs(engine), settings.search.of
    if named is not None:
        known = [run.tuning_run_id for run in runs]
        if named not in known:
            raise InvalidInput(f"search.of must be a recorded run, got {named!r}{near(named, known)}")
        return named
    found = next((run.tuning_run_id for run in runs if _searched(run, settings)), None)
    if found is None:
        raise InvalidInput(f"search.of must name a run: none searched {settings.model} on this data yet")
    return found


def _searched(run: TuningRun, settings: Settings) -> bool:
    """Say whether a run looked for the best configuration of this model on this data."""
    fingerprint = problem_of(settings).problem.dataset.fingerprint
    is_same = run.model == settings.model and run.data_fingerprint == fingerprint
    return is_same and run.planned_trials > 1 and run.tuning_method not in LOOKING_BACK


def _overrides(one: CompletedExperiment) -> list[str]:
    return [f"model={one.model}", *(f"model.{name}={value}" for name, value in one.hyperparameters.items())]
