"""What a search learns from before its first trial: comparable experiments of other runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine

from db.answers import CompletedExperiment
from db.queries import comparable_experiments
from pipeline.parameters import InvalidInput
from sweep.runs.identity import kept_ancestors
from sweep.runs.problems import problem_key_of
from sweep.searches.search_space import SearchSpace
from sweep.settings import Settings


@dataclass(frozen=True)
class Ancestor:
    """An experiment of another run, placed in today's space."""

    experiment_id: str
    draw: dict[str, Any]
    values: tuple[float, ...]  # of the metrics that are maximised


@dataclass(frozen=True)
class WarmStart:
    """The experiments that a search begins with."""

    ancestors: Sequence[Ancestor] = ()
    comparable: int = 0  # those outside today's space among them

    @property
    def ids(self) -> list[str]:
        return [ancestor.experiment_id for ancestor in self.ancestors]

    def notes(self) -> list[str]:
        """Say in a line how many there are."""
        outside = self.comparable - len(self.ancestors)
        left_out = f"; {outside} more lie outside today's space" if outside else ""
        return [f"warm start from {len(self.ancestors)} experiments of other runs{left_out}"]


def warm_start(engine: Engine, settings: Settings, space: SearchSpace) -> WarmStart:
    """Find the experiments to begin with; a resumed run begins with those that it began with before.

    Raises:
        InvalidInput: where an experiment that a resumed run began with is gone.

    """
    found = comparable_experiments(
        engine,
        problem_key_of(settings),
        settings.model,
        settings.objective.name,
        besides=settings.general.run_id,
    )
    placed = [a for one in found if (a := _ancestor(one, space, settings.metrics)) is not None]
    kept = kept_ancestors(settings.run_folder)
    return WarmStart(placed, len(found)) if kept is None else _as_kept(kept, placed, settings.general.run_id)


def _ancestor(one: CompletedExperiment, space: SearchSpace, metrics: Sequence[str]) -> Ancestor | None:
    draw = space.place(one.hyperparameters)
    values = [one.validation[metric] for metric in metrics]
    known = tuple(value for value in values if value is not None)
    return None if draw is None or len(known) < len(values) else Ancestor(one.experiment_id, draw, known)


def _as_kept(kept: Sequence[str], placed: Sequence[Ancestor], run_id: str) -> WarmStart:
    by_id = {ancestor.experiment_id: ancestor for ancestor in placed}
    gone = [experiment_id for experiment_id in kept if experiment_id not in by_id]
    if gone:
        raise InvalidInput(
            f"run_id {run_id} cannot be resumed: it began with experiment {gone[0]}, which is gone"
            + (f", and {len(gone) - 1} more" if len(gone) > 1 else "")
        )
    return WarmStart([by_id[experiment_id] for experiment_id in kept], len(kept))
