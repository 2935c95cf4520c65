"""What every peer is to the benchmark: ratings in, a score for every user and movie out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from optuna.distributions import BaseDistribution
from scipy import sparse

from pipeline.dataset import Dataset
from pipeline.evaluation import DIGITS, measurement
from pipeline.fitted import Decided
from pipeline.metrics import RELEVANT, TOP, HeldOut, Measurement
from pipeline.ranking import top_movies

Scores = NDArray[np.floating]  # (n_users, n_movies)
# A parameter of every ranker: which ratings count as a wish to see a movie.
SIGNALS = ("all", "liked")


@dataclass(frozen=True, eq=False)
class Ratings:
    """The ratings that a peer may learn from, and what is known of the movies."""

    dataset: Dataset
    fit: NDArray[np.bool_]  # (n_ratings,) which ratings of the dataset

    @property
    def users(self) -> NDArray[np.int32]:
        return self.dataset.users[self.fit]

    @property
    def movies(self) -> NDArray[np.int32]:
        return self.dataset.movies[self.fit]

    @property
    def y(self) -> NDArray[np.float64]:
        return self.dataset.ratings[self.fit]

    @property
    def shape(self) -> tuple[int, int]:
        return self.dataset.n_users, self.dataset.n_movies

    def seen(self) -> sparse.csr_array:
        """Mark what each user has rated: (n_users, n_movies)."""
        return self.wishes("all")

    def wishes(self, signal: str) -> sparse.csr_array:
        """Mark the ratings that count as a wish: all, or those that are relevant (n_users, n_movies)."""
        counts = self.y >= (RELEVANT if signal == "liked" else 0)
        cells = self.users[counts], self.movies[counts]
        return sparse.csr_array((np.ones(counts.sum()), cells), shape=self.shape)


@dataclass(frozen=True, eq=False)
class Faces:
    """What ranks and what predicts ratings, where these are two, and what is decided on the latter."""

    ranking: Scores
    ratings: Scores
    decided: Callable[[NDArray[np.float64]], Decided]


@dataclass(frozen=True, eq=False)
class Peer:
    """One row of the table: how it is fitted, and what of it is tuned."""

    name: str
    fit: Callable[..., Scores | Faces]  # of (ratings, seed, **values); rating predictors score in y
    chosen_by: str  # metric of the validation ratings that picks a configuration
    predicts: bool = True  # scores are ratings
    ranks: bool = True  # scores order movies
    space: Mapping[str, BaseDistribution] = field(default_factory=dict)  # nothing to tune: one trial
    default: Mapping[str, Any] = field(default_factory=dict)  # the library's own values, the first trial
    library: str | None = None  # the distribution that does the work; None for what needs no extra
    depends_on: str = ""  # what else decides the numbers, as a hash


@dataclass(frozen=True, eq=False)
class Answer:
    """What a fitted peer says of held-out ratings; None where it does not say such a thing."""

    predicted: NDArray[np.float64] | None  # (n,) y in [0, 1]
    best: NDArray[np.intp] | None  # (n_users, 10) movies, best first
    answered: NDArray[np.float64] | None = None  # (n,) in [0, 1] where a decision was made on the predicted


def answer(peer: Peer, ratings: Ratings, part: HeldOut, seed: int, values: Mapping[str, Any]) -> Answer:
    """Fit a peer, predict the held-out ratings and rank the full catalogue without what each user rated."""
    fitted = peer.fit(ratings, seed=seed, **values)
    faces = fitted if isinstance(fitted, Faces) else Faces(fitted, fitted, undecided)
    if not (np.isfinite(faces.ranking).all() and np.isfinite(faces.ratings).all()):
        raise ValueError(f"{peer.name} gives scores that are no numbers with {dict(values)}")
    predicted = np.clip(faces.ratings[part.users, part.movies], 0, 1).astype(float).round(DIGITS)
    decided = faces.decided(predicted)
    return Answer(
        predicted=decided.mean if peer.predicts else None,
        best=ranking(faces.ranking, ratings) if peer.ranks else None,
        answered=decided.answer if peer.predicts else None,
    )


def undecided(predicted: NDArray[np.float64]) -> Decided:
    """Answer what is predicted."""
    return Decided(predicted, predicted)


def measured(given: Answer, part: HeldOut) -> Measurement:
    """Measure an answer as the pipeline does; nobody asks here how many ratings of each user were fitted."""
    fitted = np.zeros(part.n_users, dtype=np.int32)
    return measurement(given.predicted, given.best, part, fitted, answered=given.answered)


def ranking(scores: Scores, ratings: Ratings) -> NDArray[np.intp]:
    """Find the ten best unseen movies of each user: (n_users, 10)."""
    lifted = scores - min(float(scores.min()), 0.0)  # the pipeline ranks what is at least 0
    return top_movies(lifted.astype(np.float32), TOP, ratings.seen())
