"""The Phase 1 hybrid recommender: a recipe (`Recommender`) and what ratings make of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from pipeline import artifact
from pipeline.cast import cast_overlap
from pipeline.dataset import Dataset
from pipeline.features import Features, features_of
from pipeline.hyperparameters import Phase1
from pipeline.ranking import stored_cells, top_movies

# Users scored at once: a block of scores that stays in the processor's cache.
BLOCK = 96


@dataclass(frozen=True)
class Recommender:
    """What to learn, before any rating was seen."""

    hyperparameters: Phase1

    def fit(self, dataset: Dataset, train: NDArray[np.bool_]) -> "FittedRecommender":
        """Learn from the training ratings alone.

        Args:
            dataset: the data.
            train: (n_ratings,) mask of the ratings to learn from.

        """
        features = features_of(dataset, train)
        used = self.hyperparameters.normalised()
        return FittedRecommender(used, features, cast_overlap(features.shared_cast, used))


@dataclass(frozen=True)
class Recommendation:
    """One movie for one user, and the parts that add up to its score before it is clipped to [0, 1]."""

    movie: int
    score: float
    parts: dict[str, float]


@dataclass(frozen=True, eq=False)
class FittedRecommender:
    """Scores of users and movies, by index. Weights are normalised: what is here is what is used."""

    hyperparameters: Phase1
    features: Features
    cast_overlap: sparse.csr_array  # (n_movies, n_movies) float32

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
            (n,) hybrid scores in [0, 1].

        """
        distinct, row = np.unique(np.asarray(users), return_inverse=True)
        scores = np.empty(len(row))
        for start in range(0, len(distinct), BLOCK):
            inside = (row >= start) & (row < start + BLOCK)
            block = self.score_block(distinct[start : start + BLOCK])
            scores[inside] = block[row[inside] - start, np.asarray(movies)[inside]]
        return scores

    def score_block(self, users: NDArray[np.integer]) -> NDArray[np.float32]:
        """Score all movies for some users: (len(users), n_movies) in [0, 1]."""
        used, features = self.hyperparameters, self.features
        scores = np.take(self._genre_part[users], features.genres.kind, axis=1)
        scores += self._movie_part
        scores += self._user_part[users, None]
        cast = self._cast_similarity(users)
        scores += np.multiply(cast, np.float32(used.cast_weight), out=cast)
        scores[stored_cells(features.franchise[users])] += np.float32(used.franchise_weight)
        return np.clip(scores, 0, 1, out=scores)

    def blocks(self, users: NDArray[np.integer]) -> Iterator[tuple[slice, NDArray[np.float32]]]:
        """Score all movies for many users, a block of users at a time: (positions in `users`, scores)."""
        for start in range(0, len(users), BLOCK):
            block = slice(start, min(start + BLOCK, len(users)))
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

    def parts(self, users: NDArray[np.integer]) -> dict[str, NDArray[np.float64]]:
        """Break scores down: name of the part to (len(users), n_movies); their sum, clipped, is the score."""
        used, features = self.hyperparameters, self.features
        shape = (len(users), self.n_movies)
        kind = features.genres.kind
        popularity = np.float64(used.popularity_weight) * self._popularity
        level = used.rating_weight * features.rating_level[users, None]
        return {
            "genre": used.genre_weight * features.genres.similarity[users][:, kind],
            "genre_boost": self._genre_boost[users][:, kind],
            "cast": used.cast_weight * self._cast_similarity(users).astype(np.float64),
            "franchise": used.franchise_weight * features.franchise[users].toarray().astype(np.float64),
            "rating": np.broadcast_to(level, shape),
            "popularity": np.broadcast_to(popularity, shape),
        }

    def save(self, path: Path) -> None:
        """Write this model to one .npz file, without pickle: `pipeline.artifact`."""
        artifact.save((self.hyperparameters, self.features, self.cast_overlap), path)

    @staticmethod
    def load(path: Path) -> "FittedRecommender":
        """Read a model that `save` wrote; it scores exactly as the saved one.

        Raises:
            InvalidInput: in one line, where the file is another one or damaged.

        """
        return FittedRecommender(*artifact.load(path))

    def _cast_similarity(self, users: NDArray[np.integer]) -> NDArray[np.float32]:
        """Share of each movie's cast that the user's rated movies bring along, by rating; at most 1."""
        # Few movies share cast, so the overlap stays sparse and the block of ratings is made dense.
        ratings = self.features.ratings[users].T.toarray()
        known: NDArray[np.float32] = np.ascontiguousarray((self.cast_overlap @ ratings).T)
        return np.minimum(known, np.float32(1), out=known)

    @cached_property
    def _genre_boost(self) -> NDArray[np.float64]:
        """(n_users, n_kinds) high, medium or low boost; none where taste or genres are unknown."""
        used, genres = self.hyperparameters, self.features.genres
        boost = np.select(
            [
                genres.similarity > used.genre_threshold_high,
                genres.similarity > used.genre_threshold_medium,
                genres.similarity < used.genre_threshold_low,
            ],
            [used.genre_boost_high, used.genre_boost_medium, used.genre_boost_low],
            0.0,
        )
        return np.where(genres.known, boost, 0.0)

    @cached_property
    def _genre_part(self) -> NDArray[np.float32]:
        weighted = self.hyperparameters.genre_weight * self.features.genres.similarity
        return (weighted + self._genre_boost).astype(np.float32)

    @cached_property
    def _popularity(self) -> NDArray[np.float64]:
        used, features = self.hyperparameters, self.features
        return (
            used.popularity_rating_weight * features.mean_rating
            + used.popularity_count_weight * features.count_share
        )

    @cached_property
    def _movie_part(self) -> NDArray[np.float32]:
        return (self.hyperparameters.popularity_weight * self._popularity).astype(np.float32)

    @cached_property
    def _user_part(self) -> NDArray[np.float32]:
        return (self.hyperparameters.rating_weight * self.features.rating_level).astype(np.float32)
