"""What every fitted model answers: scores of users and movies, and recommendations with their reasons."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from pipeline import artifact
from pipeline.blocks import BLOCK, blocks_of
from pipeline.dataset import Dataset
from pipeline.features import Features
from pipeline.hyperparameters import Phase1
from pipeline.metrics import HeldOut
from pipeline.ranking import top_movies

# Digits of a score or of a predicted rating that count: those that differ beyond are the same.
DIGITS = 6


@dataclass(frozen=True)
class Recommendation:
    """One movie for one user, and the parts that add up to its score before it is clipped to [0, 1]."""

    movie: int
    score: float
    parts: dict[str, float]


@dataclass(frozen=True, eq=False)
class Decided:
    """What is made of n predicted ratings: (n,) each, in [0, 1]."""

    mean: NDArray[np.float64]  # what a rating is expected to be
    answer: NDArray[np.float64]  # what is answered when one number must be close to it


@dataclass(frozen=True, eq=False)
class FittedRecommender(ABC):
    """Scores of users and movies, by index. Weights are normalised: what is here is what is used.

    A model is a frozen dataclass of arrays, so that `pipeline.artifact` can write it to a file.
    """

    hyperparameters: Phase1
    features: Features

    @classmethod
    @abstractmethod
    def fit(cls, used: Phase1, dataset: Dataset, train: NDArray[np.bool_]) -> Self:
        """Learn from the training ratings alone.

        Args:
            used: normalised hyperparameters of this model.
            dataset: the data.
            train: (n_ratings,) mask of the ratings to learn from.

        """

    @abstractmethod
    def sums(self, users: NDArray[np.integer]) -> NDArray[np.float32]:
        """Add up all parts of the score: (len(users), n_movies), not clipped."""

    @abstractmethod
    def parts(self, users: NDArray[np.integer]) -> dict[str, NDArray[np.float64]]:
        """Break scores down: name of the part to (len(users), n_movies); their sum, clipped, is the score."""

    def score_block(self, users: NDArray[np.integer]) -> NDArray[np.float32]:
        """Score all movies for some users, which is what ranks: (len(users), n_movies) in [0, 1]."""
        scores = self.sums(users)
        return np.clip(scores, 0, 1, out=scores)

    def rating_block(self, users: NDArray[np.integer], scores: NDArray[np.float32]) -> NDArray[np.float32]:
        """Predict ratings of all movies by some users: (len(users), n_movies) in [0, 1].

        Args:
            users: user indices.
            scores: what `score_block` gave for them; it is the predicted rating where a model has one face.

        """
        return scores

    def ratings_of(self, part: HeldOut) -> NDArray[np.float32] | None:
        """Predict n held-out ratings as `rating_block` does: (n,); None where the scores are it."""
        return None

    def scores_of(self, part: HeldOut) -> NDArray[np.float32]:
        """Score n held-out pairs as `score_block` does: (n,)."""
        return self.score(part.users, part.movies).astype(np.float32)

    def decided(self, predicted: NDArray[np.float64]) -> Decided:
        """Make of predicted ratings (n,) what is expected and what is answered; themselves by default."""
        return Decided(predicted, predicted)

    @property
    def n_users(self) -> int:
        return int(self.features.ratings.shape[0])

    @property
    def n_movies(self) -> int:
        return int(self.features.ratings.shape[1])

    def score(self, users: NDArray[np.integer], movies: NDArray[np.integer]) -> NDArray[np.float64]:
        """Score pairs of users and movies.

        Args:
            users: (n,) user indices.
            movies: (n,) movie indices.

        Returns:
            (n,) scores in [0, 1].

        """
        distinct, row = np.unique(np.asarray(users), return_inverse=True)
        scores = np.empty(len(row))
        for start in range(0, len(distinct), BLOCK):
            inside = (row >= start) & (row < start + BLOCK)
            block = self.score_block(distinct[start : start + BLOCK])
            scores[inside] = block[row[inside] - start, np.asarray(movies)[inside]]
        return scores

    def blocks(self, users: NDArray[np.integer]) -> Iterator[tuple[slice, NDArray[np.float32]]]:
        """Score all movies for many users, a block of users at a time: (positions in `users`, scores)."""
        for block in blocks_of(len(users)):
            yield block, self.score_block(users[block])

    def recommend(self, user: int, n: int = 10, *, exclude_seen: bool = True) -> list[Recommendation]:
        """Recommend the n best movies to one user, best first; ties go to the lower movie index.

        Returns:
            At most n recommendations: fewer where fewer movies are left.

        """
        users = np.array([user])
        scores = self.score_block(users)
        excluded = self.features.ratings[users] if exclude_seen else None
        best = top_movies(scores, n, excluded)[0]
        parts = {name: values[0, best] for name, values in self.parts(users).items()}
        return [
            Recommendation(int(m), float(scores[0, m]), {name: float(parts[name][i]) for name in parts})
            for i, m in enumerate(best)
            if m >= 0
        ]

    def save(self, path: Path) -> None:
        """Write this model to one .npz file, without pickle: `pipeline.artifact`."""
        artifact.save(self, path)
