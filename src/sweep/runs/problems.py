"""What all trials of a process share: the ratings, their split, the baseline and the references."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, TypeVar

from pipeline.attendance import Attendance, attendance
from pipeline.derived import derived
from pipeline.evaluation import Evaluation, Problem, evaluate
from pipeline.hyperparameters import Phase1
from pipeline.kept import shared_key
from pipeline.memory import in_gib, memory_needed
from pipeline.metrics import Measurement
from pipeline.parameters import InvalidInput
from pipeline.provenance import problem_key
from pipeline.references import references
from pipeline.sources.section import Data
from pipeline.split import SplitSettings, split_ratings
from sweep.data import dataset_of
from sweep.runs.pins import pinned
from sweep.settings import Settings

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class SharedProblem:
    """A problem with what every result on it is compared to, each measured once for all processes."""

    problem: Problem

    @cached_property
    def baseline(self) -> Evaluation:
        """Measure model=phase1 as shipped."""
        return self._shared("baseline", lambda: evaluate(self.problem, Phase1()), Evaluation)

    @cached_property
    def references(self) -> dict[str, dict[str, Measurement]]:
        return self._shared("references", lambda: references(self.problem), dict[str, dict[str, Measurement]])

    @property
    def reference_metrics(self) -> dict[str, dict[str, dict[str, float | None]]]:
        """Metrics of the baseline and of each reference: by name, then part, then metric."""
        baseline = {"validation": self.baseline.validation, "test": self.baseline.test}
        measured = {"baseline": baseline, **self.references}
        return {name: {part: one.metrics for part, one in parts.items()} for name, parts in measured.items()}

    def _shared(self, name: str, measure: Callable[[], T], kind: Any) -> T:
        dataset, split = self.problem.dataset, self.problem.split
        key = shared_key(dataset, split.train, split.validation, split.test)
        sample = self.problem.ranking_users
        return derived(dataset, name, key if sample is None else f"{key}-{sample}", measure, kind)

    @cached_property
    def attendance(self) -> Attendance:
        return attendance(self.problem)


def problem_of(settings: Settings) -> SharedProblem:
    """Load and split the ratings that a config asks for; once per process, live ones once per run."""
    return _problem(
        settings.data,
        settings.db_url,
        pinned(settings.run_folder, settings.general.rerun, settings.data),
        settings.split,
        settings.measuring.ranking_users,
        settings.run_folder if settings.data.is_live else None,
    )


def problem_key_of(settings: Settings) -> str:
    """Name what a config's trials are measured on and by."""
    fingerprint = problem_of(settings).problem.dataset.fingerprint
    return problem_key(settings.split_values, fingerprint, settings.measuring.ranking_users)


def check_memory(settings: Settings) -> None:
    """Refuse a model that needs more memory on these data than it may take.

    Raises:
        InvalidInput: in one line, with both sizes.

    """
    dataset, allowed = problem_of(settings).problem.dataset, settings.measuring.bytes_allowed
    needed = memory_needed(dataset, settings.model)
    if needed > allowed:
        raise InvalidInput(
            f"evaluation.memory_limit must be at least {in_gib(needed)} for model={settings.model} on "
            f"{dataset.n_ratings:,} ratings of {dataset.n_movies:,} movies by {dataset.n_users:,} users, "
            f"got {in_gib(allowed)}{'' if settings.measuring.memory_limit else ', all that this machine has'}"
        )


@lru_cache(maxsize=2)
def _problem(
    data: Data,
    db_url: str,
    snapshot: str | None,
    split: SplitSettings,
    ranking_users: int | None,
    _of_run: Path | None,
) -> SharedProblem:
    dataset = dataset_of(data, db_url, snapshot)
    return SharedProblem(Problem(dataset, split_ratings(dataset, split), ranking_users))
