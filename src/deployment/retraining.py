"""The active version fitted again with the ratings that came in: its configuration, through the same gate."""

import dataclasses

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Engine

from db.deployment.answers import Version
from deployment.bundle import Bundle
from deployment.deploying import Review, reviewed
from deployment.gate import Gate
from deployment.measuring import Ground, Rival, hyperparameters_of
from deployment.switching import opened
from pipeline.dataset import Dataset
from pipeline.evaluation import measure
from pipeline.parameters import InvalidInput
from pipeline.recommender import Recommender
from pipeline.sources.assemble import numbers


def retraining_reviewed(engine: Engine, ground: Ground, gate: Gate, version: Version) -> Review:
    """Fit the active version again on all ratings, and judge it beside what it learnt without the new ones.

    Args:
        engine: of the record.
        ground: that the ratings which came in are part of.
        gate: the rules.
        version: that is active.

    Raises:
        Damaged: the files of the active version are not those that were written.
        InvalidInput: the data lack ratings that the active version was fitted on.

    """
    known = fitted_on(opened(version), ground.problem.dataset)

    def as_it_stands(ground: Ground, version: Version) -> Rival:
        """Leave out the new ratings: with them it would be the candidate itself."""
        problem = ground.problem
        fitted = Recommender(hyperparameters_of(version)).fit(
            problem.dataset, problem.train_and_validation & known
        )
        test = measure(fitted, problem.test).per_user
        return Rival(version.version, version.config_key, test, measured_now=True)

    review = reviewed(engine, ground, gate, hyperparameters_of(version), rival=as_it_stands)
    # The configuration is still that of the experiment which found it.
    candidate = dataclasses.replace(review.candidate, experiment_id=version.experiment_id)
    return dataclasses.replace(review, candidate=candidate)


def fitted_on(bundle: Bundle, dataset: Dataset) -> NDArray[np.bool_]:
    """Find the ratings that a version was fitted on: (n_ratings,) of the dataset.

    Raises:
        InvalidInput: some of them are not in the dataset, which is another one then.

    """
    ratings, catalogue = bundle.model.features.ratings, bundle.catalogue
    users = _places(catalogue.user_ids, dataset.user_ids)
    movies = _places(catalogue.movie_ids, dataset.movie_ids)
    # The newcomer, behind the last user, has no ratings.
    user = users[np.repeat(np.arange(len(users)), np.diff(ratings.indptr[: len(users) + 1]))]
    movie = movies[ratings.indices]
    pairs = np.where((user < 0) | (movie < 0), -1, user * dataset.n_movies + movie)
    found = np.isin(dataset.users.astype(np.int64) * dataset.n_movies + dataset.movies, pairs)
    missing = len(pairs) - int(found.sum())
    if missing:
        raise InvalidInput(
            f"data must hold what the active version was fitted on, {missing} of its {len(pairs)} ratings "
            f"are not in {dataset.name}"
        )
    return np.asarray(found)


def _places(ids: NDArray[np.str_], among: NDArray[np.str_]) -> NDArray[np.int64]:
    """Return the place of each id among others, -1 where it is not there."""
    place = numbers(among)
    return np.array([place.get(name, -1) for name in ids.tolist()], dtype=np.int64)
