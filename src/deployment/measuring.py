"""What the gate judges: a configuration measured on held-out ratings, and fitted to answer users."""

import statistics
import time
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from db.answers import RecordedExperiment
from db.deployment.answers import Version
from deployment.bundle import MEASURED, Damaged, verified
from deployment.catalogue import Catalogue, with_newcomer
from deployment.served import ServedModel
from pipeline.contributions import PARTS, PER_USER_FILE, read_contributions
from pipeline.dataset import Dataset
from pipeline.evaluation import Evaluation, Problem, evaluate
from pipeline.hyperparameters import MODELS, Phase1
from pipeline.metrics import Measurement, PerUser
from pipeline.provenance import config_key, problem_key
from pipeline.recommender import Recommender
from pipeline.references import REFERENCES
from project import ROOT

# Users who are recommended to for the time that one recommendation takes.
TIMED_USERS = 50
RECOMMENDED = 10


@dataclass(frozen=True, eq=False)
class Ground:
    """What candidates are measured and fitted on: ratings and their split, and how the record names it."""

    problem: Problem
    split: Mapping[str, Any]  # name and settings, as recorded
    n_live_ratings: int = 0  # of those that a version is fitted on, those that came in through the service
    served: Dataset | None = None  # fitted on to answer users; None = what is measured on

    @cached_property
    def problem_key(self) -> str:
        return problem_key(self.split, self.fingerprint)

    @property
    def answering(self) -> Dataset:
        """All ratings there are, to answer users with."""
        return self.problem.dataset if self.served is None else self.served

    @property
    def fingerprint(self) -> str:
        return self.problem.dataset.fingerprint

    def config_key(self, hyperparameters: Phase1) -> str:
        """Name what a configuration measures here, as a trial of a sweep does."""
        used = hyperparameters.normalised()
        return config_key(self.problem_key, Recommender(used).model, asdict(used))


@dataclass(frozen=True, eq=False)
class Candidate:
    """A configuration as the gate sees it."""

    hyperparameters: Phase1  # as used: weights normalised
    validation: Measurement
    test: Measurement
    references: Mapping[str, Measurement]  # on test, those that were asked for
    config_key: str
    problem_key: str
    data_fingerprint: str  # of today's data
    chosen_on: str | None  # fingerprint of the data that it was chosen on; None where nobody noted it
    recommendation_ms: float  # that one user's recommendations take
    experiment_id: str | None = None
    measured_now: bool = True  # False: the numbers are those of the experiment


@dataclass(frozen=True, eq=False)
class Rival:
    """The active version, measured where the candidate was."""

    version: int
    config_key: str
    test: PerUser
    measured_now: bool  # False: the figures are those that its folder holds


def candidate_of(
    ground: Ground,
    hyperparameters: Phase1,
    served: ServedModel,
    *,
    experiment: RecordedExperiment | None = None,
    ahead_of: Collection[str] = (),
) -> Candidate:
    """Measure a configuration, unless an experiment measured the very same before.

    Args:
        ground: what it is measured on.
        hyperparameters: of the candidate.
        served: the same hyperparameters, fitted to answer users.
        experiment: that it comes from, if it comes from one.
        ahead_of: references to measure beside it.

    """
    used, problem = hyperparameters.normalised(), ground.problem
    key = ground.config_key(used)
    known = None if experiment is None or experiment.config_key != key else _recorded(experiment, used)
    measured = known or evaluate(problem, used)
    return Candidate(
        hyperparameters=used,
        validation=measured.validation,
        test=measured.test,
        references={
            name: REFERENCES[name](problem, problem.train_and_validation, problem.test) for name in ahead_of
        },
        config_key=key,
        problem_key=ground.problem_key,
        data_fingerprint=ground.fingerprint,
        chosen_on=ground.fingerprint if experiment is None else experiment.data_fingerprint,
        recommendation_ms=recommendation_ms(served),
        experiment_id=None if experiment is None else experiment.experiment_id,
        measured_now=known is None,
    )


def rival_of(ground: Ground, version: Version) -> Rival:
    """Take the active version's figures from its folder, or measure it where the candidate is measured."""
    stored = stored_test(version) if version.problem_key == ground.problem_key else None
    test = stored or evaluate(ground.problem, hyperparameters_of(version)).test.per_user
    return Rival(version.version, version.config_key, test, measured_now=stored is None)


def stored_test(version: Version) -> PerUser | None:
    """Read what each user contributed on test; None where the version's folder is gone or damaged."""
    if version.artifact_path is None or version.artifact_sha256 is None:
        return None
    folder = ROOT / version.artifact_path
    try:
        verified(folder, version.artifact_sha256)
    except Damaged:
        return None
    return read_contributions(folder / MEASURED, "test")


def hyperparameters_of(version: Version) -> Phase1:
    """Give a version's hyperparameters their class; those that this program does not know are left out."""
    settings = MODELS[version.model]
    names = asdict(settings())
    known: dict[str, Any] = {name: value for name, value in version.hyperparameters.items() if name in names}
    return settings(**known)


def served_of(ground: Ground, hyperparameters: Phase1) -> ServedModel:
    """Fit on all ratings and the newcomer, to answer users."""
    dataset = with_newcomer(ground.answering)
    model = Recommender(hyperparameters).fit(dataset, np.ones(dataset.n_ratings, dtype=bool))
    return ServedModel(model, Catalogue.of(dataset))


def recommendation_ms(served: ServedModel) -> float:
    """Take the median time that a user waits who has not been answered before, in milliseconds."""
    user_ids = [str(user_id) for user_id in served.catalogue.user_ids]
    asked = user_ids[:: max(1, len(user_ids) // TIMED_USERS)]
    fresh = ServedModel(served.model, served.catalogue)
    fresh.recommended("", RECOMMENDED)  # what the model works out once and keeps
    return 1000 * statistics.median(_seconds(fresh, user_id) for user_id in asked)


def _seconds(served: ServedModel, user_id: str) -> float:
    started = time.perf_counter()
    served.recommended(user_id, RECOMMENDED)
    return time.perf_counter() - started


def _recorded(experiment: RecordedExperiment, used: Phase1) -> Evaluation | None:
    """Take what an experiment measured; None where what its users contributed was cleaned away."""
    path: Path = ROOT / (experiment.output_dir or "") / PER_USER_FILE
    validation, test = (read_contributions(path, part) for part in PARTS)
    if validation is None or test is None:
        return None
    return Evaluation(
        used,
        Measurement(dict(experiment.validation), validation),
        Measurement(dict(experiment.test), test),
    )
