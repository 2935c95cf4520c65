"""The Phase 1 hybrid model, fitted: genres, cast, franchise, the user's own rating level and popularity."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from pipeline.cast import known_cast, known_cast_at, weighed_cast
from pipeline.dataset import Dataset
from pipeline.features import features_of
from pipeline.fitted import FittedRecommender
from pipeline.genres import UNKNOWN, at_ranks
from pipeline.hyperparameters import Phase1
from pipeline.kernels import Csr, compiled, csr
from pipeline.metrics import HeldOut
from pipeline.pairs import Pairs, pairs_of
from pipeline.ranking import stored_cells


@dataclass(frozen=True, eq=False)
class Addends:
    """What adds up to a hybrid score beside `of_kind`: movies, users, cast and franchises, each weighted."""

    of_movie: NDArray[np.float32]  # (n_movies,)
    of_user: NDArray[np.float32]  # (n_users,)
    of_cast: np.float32  # for a cast similarity of 1
    of_franchise: sparse.csr_array  # (n_users, n_movies) float32


@dataclass(frozen=True, eq=False)
class FittedPhase1(FittedRecommender):
    """The hybrid score as a sum of addends."""

    cast_overlap: sparse.csr_array  # (n_movies, n_movies) float32

    @classmethod
    def fit(cls, used: Phase1, dataset: Dataset, train: NDArray[np.bool_]) -> Self:
        """Weigh the features of the training ratings."""
        return cls(used, features_of(dataset, train), weighed_cast(dataset, used))

    def sums(self, users: NDArray[np.integer]) -> NDArray[np.float32]:
        """Add up all parts of the score: (len(users), n_movies), not clipped."""
        kernels = compiled(len(users) * self.n_movies)
        if kernels is None:
            return self._sums(users)
        kind, *addends = self._for_kernels
        return np.asarray(kernels.hybrid_sums(users, kind, self.of_kind(users), *addends))

    def _sums(self, users: NDArray[np.integer]) -> NDArray[np.float32]:
        addends = self.addends
        scores = np.take(self.of_kind(users), self.features.genres.kind, axis=1)
        scores += addends.of_movie
        scores += addends.of_user[users, None]
        cast = self.cast_similarity(users)
        scores += np.multiply(cast, addends.of_cast, out=cast)
        franchise = addends.of_franchise[users]
        scores[stored_cells(franchise)] += franchise.data
        return scores

    def scores_of(self, part: HeldOut) -> NDArray[np.float32]:
        """Score n held-out pairs as `score_block` does, without scoring all movies: (n,)."""
        addends, pairs = self.addends, pairs_of(self.features, part)
        scores = self.of_kind_at(part, pairs)
        scores += addends.of_movie[part.movies]
        scores += addends.of_user[part.users]
        cast = known_cast_at(self.cast_overlap, self.features.ratings, part.users, part.movies)
        scores += np.minimum(cast, np.float32(1), out=cast) * addends.of_cast
        known = np.flatnonzero(pairs.franchise >= 0)
        scores[known] += addends.of_franchise.data[pairs.franchise[known]]
        return np.clip(scores, 0, 1, out=scores)

    def of_kind(self, users: NDArray[np.integer]) -> NDArray[np.float32]:
        """Weigh what each kind of movie adds for some users: (len(users), n_kinds)."""
        return at_ranks(self._genre_addend, self.features.genres.ranks(users))

    def of_kind_at(self, part: HeldOut, pairs: Pairs) -> NDArray[np.float32]:
        """Weigh what the movie's kind adds for each of n held-out pairs: (n,)."""
        return at_ranks(self._genre_addend, pairs.genre_rank)

    def parts(self, users: NDArray[np.integer]) -> dict[str, NDArray[np.float64]]:
        """Break scores down: name of the part to (len(users), n_movies); their sum, clipped, is the score."""
        used, features = self.hyperparameters, self.features
        shape = (len(users), self.n_movies)
        kind = features.genres.kind
        popularity = np.float64(used.popularity_weight) * self.popularity
        level = used.rating_weight * features.rating_level[users, None]
        return {
            "genre": used.genre_weight * features.genres.similarity(users)[:, kind],
            "genre_boost": self.genre_boost[features.genres.ranks(users)][:, kind],
            "cast": used.cast_weight * self.cast_similarity(users).astype(np.float64),
            "franchise": used.franchise_weight * features.franchise[users].toarray().astype(np.float64),
            "rating": np.broadcast_to(level, shape),
            "popularity": np.broadcast_to(popularity, shape),
        }

    @cached_property
    def addends(self) -> Addends:
        used, features = self.hyperparameters, self.features
        return Addends(
            of_movie=(used.popularity_weight * self.popularity).astype(np.float32),
            of_user=(used.rating_weight * features.rating_level).astype(np.float32),
            of_cast=np.float32(used.cast_weight),
            of_franchise=features.franchise * np.float32(used.franchise_weight),
        )

    @cached_property
    def _for_kernels(self) -> tuple[Any, ...]:
        """Line up what a kernel adds up, the kinds' part apart."""
        addends, kind = self.addends, self.features.genres.kind.astype(np.int32)
        parts = addends.of_movie, addends.of_user, addends.of_cast
        return kind, *parts, self.brought, csr(self.features.ratings), csr(addends.of_franchise)

    @cached_property
    def brought(self) -> Csr:
        """The shares of other movies' casts that each movie brings along, for kernels."""
        return csr(self.cast_overlap.T.tocsr())

    def cast_similarity(self, users: NDArray[np.integer]) -> NDArray[np.float32]:
        """Share of each movie's cast that the user's rated movies bring along, by rating; at most 1."""
        known = known_cast(self.cast_overlap, self.features.ratings[users])
        return np.minimum(known, np.float32(1), out=known)

    @cached_property
    def genre_part(self) -> NDArray[np.float64]:
        """Weighted similarity with its boost, of each rank as in `GenreFit.levels`."""
        return self.hyperparameters.genre_weight * self.features.genres.levels + self.genre_boost

    @cached_property
    def _genre_addend(self) -> NDArray[np.float32]:
        return self.genre_part.astype(np.float32)

    @cached_property
    def genre_boost(self) -> NDArray[np.float64]:
        """High, medium or low boost of each rank as in `GenreFit.levels`; none of what is unknown."""
        used, levels = self.hyperparameters, self.features.genres.levels
        boost = np.select(
            [
                levels > used.genre_threshold_high,
                levels > used.genre_threshold_medium,
                levels < used.genre_threshold_low,
            ],
            [used.genre_boost_high, used.genre_boost_medium, used.genre_boost_low],
            0.0,
        )
        boost[UNKNOWN] = 0
        return boost

    @cached_property
    def popularity(self) -> NDArray[np.float64]:
        """(n_movies,) damped mean rating and count share, weighted."""
        used, features = self.hyperparameters, self.features
        return (
            used.popularity_rating_weight * features.mean_rating
            + used.popularity_count_weight * features.count_share
        )
