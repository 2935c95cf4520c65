"""One configuration, measured: fitted on train for validation, on train + validation for test."""

import dataclasses
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from pipeline.blocks import n_blocks
from pipeline.dataset import Dataset
from pipeline.fitted import DIGITS, FittedRecommender
from pipeline.hyperparameters import Phase1
from pipeline.metrics import (
    METRICS,
    TOP,
    HeldOut,
    Measurement,
    PerUser,
    hits_per_user,
    ranking_digests,
    ranking_metrics,
    ranking_per_user,
    rating_metrics,
    squares_per_user,
)
from pipeline.progress import steps
from pipeline.ranking import SEEN, stored_cells, top_movies
from pipeline.recommender import Recommender
from pipeline.samples import drawing_order, first_drawn
from pipeline.split import Split


@dataclass(frozen=True, eq=False)
class Problem:
    """A dataset and its split: what every configuration of a search is measured on."""

    dataset: Dataset
    split: Split
    ranking_users: int | None = None  # users whose rankings are measured, at most; None = all

    @property
    def train(self) -> NDArray[np.bool_]:
        return self.split.train

    @cached_property
    def train_and_validation(self) -> NDArray[np.bool_]:
        return self.split.train | self.split.validation

    @cached_property
    def validation(self) -> HeldOut:
        return self._held_out(self.split.validation)

    @cached_property
    def test(self) -> HeldOut:
        return self._held_out(self.split.test)

    def _held_out(self, mask: NDArray[np.bool_]) -> HeldOut:
        """Take a part, of whose users a sample is ranked where they are too many."""
        part = held_out(self.dataset, mask)
        if self.ranking_users is None:
            return part
        sample = first_drawn(self._order, part.asked, self.ranking_users)
        return dataclasses.replace(part, sample=sample)

    @cached_property
    def _order(self) -> NDArray[np.uint64]:
        return drawing_order(self.dataset.user_ids)


@dataclass(frozen=True, eq=False)
class Evaluation:
    """Validation chooses; test is recorded and decides nothing."""

    hyperparameters: Phase1  # as used: weights normalised
    validation: Measurement
    test: Measurement


def evaluate(problem: Problem, hyperparameters: Phase1) -> Evaluation:
    """Measure one configuration on validation and, refitted on train + validation, on test."""
    recommender = Recommender(hyperparameters)
    chosen = recommender.fit(problem.dataset, problem.train)
    refitted = recommender.fit(problem.dataset, problem.train_and_validation)
    return Evaluation(
        hyperparameters=chosen.hyperparameters,
        validation=measure(chosen, problem.validation),
        test=measure(refitted, problem.test),
    )


def measure(model: FittedRecommender, part: HeldOut) -> Measurement:
    """Score the held-out ratings and rank the full catalogue without what the model has seen of each user.

    Where a sample of users is ranked, the ratings are scored by themselves, all of them; where everybody is,
    their scores are at hand, and the same.
    """
    told = model.ratings_of(part)
    if told is None and part.sample is not None:
        told = model.scores_of(part)
    predicted = np.empty(len(part.users)) if told is None else told.astype(np.float64)
    seen = model.features.ratings if part.sample is None else model.features.ratings[part.sample]
    best = np.empty((len(part.ranked), TOP), dtype=np.intp)
    for block, scores in steps("ranking", model.blocks(part.ranked), n_blocks(len(part.ranked))):
        if told is None:
            rows = slice(part.starts[block.start], part.starts[block.stop])
            predicted[rows] = scores[part.users[rows] - block.start, part.movies[rows]]
        scores[stored_cells(seen, block)] = SEEN
        best[block] = top_movies(scores, TOP)
    # The seventh digit of a float32 is noise: it must not decide whether 0.6 is within 0.2 of 0.4.
    decided = model.decided(predicted.round(DIGITS))
    fitted = model.features.ratings_per_user
    return measurement(decided.mean, best, part, fitted, answered=decided.answer)


def measurement(
    predicted: NDArray[np.float64] | None,
    best: NDArray[np.intp] | None,
    part: HeldOut,
    fitted: NDArray[np.int32],
    answered: NDArray[np.float64] | None = None,
) -> Measurement:
    """Turn predictions into metrics; what is missing is None.

    Args:
        predicted: (n,) ratings predicted for the held-out ones.
        best: (len(part.ranked), 10) movies recommended to the users ranked, the best first.
        part: the n held-out ratings.
        fitted: (n_users,) ratings of each user that the model was fitted on.
        answered: (n,) ratings answered where a decision was made; the predicted ones where not.

    """
    metrics: dict[str, float | None] = dict.fromkeys(METRICS)
    ratings = part.per_user_and_level()
    hits, (ndcg, recall) = np.zeros_like(ratings), np.full((2, part.n_users), np.nan)
    ranking, squares = np.zeros(part.n_users, dtype=np.uint32), np.full(part.n_users, np.nan)
    if predicted is not None:
        answered = predicted if answered is None else answered
        metrics |= rating_metrics(predicted, answered, part)
        hits, squares = hits_per_user(answered, part), squares_per_user(predicted, part)
    if best is not None:
        ndcg, recall = ranking_per_user(best, part)
        ranking[part.ranked] = ranking_digests(best)
        metrics |= ranking_metrics(best, ndcg, recall, part)
    return Measurement(metrics, PerUser(ratings, hits, ndcg, recall, ranking, squares, fitted))


def held_out(dataset: Dataset, part: NDArray[np.bool_]) -> HeldOut:
    """Take one part of the ratings; they stay sorted by user."""
    return HeldOut(
        users=dataset.users[part],
        movies=dataset.movies[part],
        ratings=dataset.ratings[part],
        n_users=dataset.n_users,
        n_movies=dataset.n_movies,
        stars=dataset.stars,
    )
