"""The Phase 2 model, fitted: Phase 1 with preferences, franchise depth and a predicted rating.

    score = clip01( (1 - w) * hybrid + w * prediction ),  w = rating_prediction_weight
    hybrid = Phase 1's sum + user_preference_weight * preference, its franchise part times the depth

Both sides are sums over the same components, so that scoring costs what it costs in Phase 1.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from pipeline.cast import OF_CAST, known_cast
from pipeline.dataset import Dataset
from pipeline.fitted import blocks_of
from pipeline.hyperparameters import Phase2
from pipeline.kept import once_per_training_set
from pipeline.kernels import compiled, csr
from pipeline.left_out import LeftOut, left_out
from pipeline.phase1 import Addends, FittedPhase1
from pipeline.preferences import Preferences, preferences
from pipeline.rating_model import COMPONENTS, RatingModel, fit_rating_model

# The hyperparameters that decide what is learnt; all others weigh it.
OF_LEARNING = (
    *OF_CAST,
    "preference_half_life_days",
    "franchise_depth_scale",
    "rating_prediction_alpha",
)


@dataclass(frozen=True, eq=False)
class FittedPhase2(FittedPhase1):
    """The hybrid score and the predicted rating, mixed."""

    hyperparameters: Phase2
    preference: NDArray[np.float64]  # (n_users, n_kinds) in [-1, 1]
    depth: sparse.csr_array  # (n_users, n_movies) float32, 1 or more where the franchise is known
    prediction: RatingModel

    @classmethod
    def fit(cls, used: Phase2, dataset: Dataset, train: NDArray[np.bool_]) -> Self:  # type: ignore[override] # fits its own settings
        """Weigh the features, then regress the training ratings on them."""
        base = FittedPhase1.fit(used, dataset, train)
        learnt = _learn(dataset, train, Phase2(**{name: getattr(used, name) for name in OF_LEARNING}))
        return cls(used, base.features, base.cast_overlap, learnt.preference, learnt.depth, learnt.prediction)

    def parts(self, users: NDArray[np.integer]) -> dict[str, NDArray[np.float64]]:
        """Break scores down: name of the part to (len(users), n_movies); their sum, clipped, is the score."""
        used, share = self.hyperparameters, self.hyperparameters.rating_prediction_weight
        parts = super().parts(users)
        parts["franchise"] = used.franchise_weight * self.depth[users].toarray().astype(np.float64)
        liked = self.preference[users][:, self.features.genres.kind]
        parts["preference"] = used.user_preference_weight * liked
        hybrid = {name: (1 - share) * part for name, part in parts.items()}
        return hybrid | {"prediction": share * self.predict(users)}

    def predict(self, users: NDArray[np.integer]) -> NDArray[np.float64]:
        """Predict ratings of all movies by some users: (len(users), n_movies), not clipped."""
        features, by_name = self.features, self._coefficients
        kind = self._predicted_of_kind[users][:, features.genres.kind]
        cast = by_name["cast"] * self.cast_similarity(users).astype(np.float64)
        franchise = by_name["franchise"] * self.depth[users].toarray().astype(np.float64)
        of_user = self._predicted_of_user[users, None]
        return np.asarray(kind + cast + franchise + self._predicted_of_movie + of_user)

    @cached_property
    def addends(self) -> Addends:
        used, by_name, w = (
            self.hyperparameters,
            self._coefficients,
            self.hyperparameters.rating_prediction_weight,
        )
        of_movie = used.popularity_weight * self.popularity
        of_user = used.rating_weight * self.features.rating_level
        of_franchise = np.float32((1 - w) * used.franchise_weight + w * by_name["franchise"])
        return Addends(
            of_kind=self._of_kind,
            of_movie=((1 - w) * of_movie + w * self._predicted_of_movie).astype(np.float32),
            of_user=((1 - w) * of_user + w * self._predicted_of_user).astype(np.float32),
            of_cast=np.float32((1 - w) * used.cast_weight + w * by_name["cast"]),
            of_franchise=self.depth * of_franchise,
        )

    @property
    def _of_kind(self) -> NDArray[np.float32]:
        """Mix what hybrid and predicted rating add by kind of movie: (n_users, n_kinds)."""
        used, w = self.hyperparameters, self.hyperparameters.rating_prediction_weight
        part, similarity, liked = self.genre_part, self.features.genres.similarity, self.preference
        kernels = compiled(liked.size)
        if kernels is None:
            of_kind = part + used.user_preference_weight * liked
            return ((1 - w) * of_kind + w * self._predicted_of_kind).astype(np.float32)
        by_name = float(self._coefficients["genre"]), float(self._coefficients["preference"])
        return np.asarray(
            kernels.mixed_kinds(part, similarity, liked, used.user_preference_weight, by_name, w)
        )

    @property
    def _coefficients(self) -> dict[str, np.float64]:
        return dict(zip(COMPONENTS, self.prediction.coefficients, strict=True))

    @cached_property
    def _predicted_of_kind(self) -> NDArray[np.float64]:
        by_name = self._coefficients
        similarity = by_name["genre"] * self.features.genres.similarity
        return np.asarray(similarity + by_name["preference"] * self.preference)

    @cached_property
    def _predicted_of_movie(self) -> NDArray[np.float64]:
        features, by_name = self.features, self._coefficients
        mean = by_name["mean_rating"] * features.mean_rating
        return np.asarray(mean + by_name["count_share"] * features.count_share)

    @cached_property
    def _predicted_of_user(self) -> NDArray[np.float64]:
        level = self._coefficients["rating_level"] * self.features.rating_level
        return np.asarray(self.prediction.user_constant + level)


def franchise_depth(liking: NDArray[np.float64], scale: float) -> NDArray[np.float64]:
    """Count a franchise as its films that the user liked: the sum of their ratings, 1 to `scale`.

    One film counts 1, whatever its rating, as in Phase 1; two with five stars count 2; four with three
    stars 2.4. At scale 1 all count 1.
    """
    return np.clip(liking, 1, scale)


@dataclass(frozen=True, eq=False)
class Learnt:
    """What Phase 2 adds to the features, whatever the weights of the score."""

    preference: NDArray[np.float64]  # (n_users, n_kinds) in [-1, 1]
    depth: sparse.csr_array  # (n_users, n_movies) float32
    prediction: RatingModel


@once_per_training_set
def _learn(dataset: Dataset, train: NDArray[np.bool_], used: Phase2) -> Learnt:
    """Regress the training ratings, once for all trials that change nothing of `OF_LEARNING`."""
    base, rows = FittedPhase1.fit(used, dataset, train), left_out(dataset, train)
    liked = preferences(rows.genres, used.preference_half_life_days)
    components = _components(base, rows, liked, used.franchise_depth_scale)
    depth = base.features.franchise.copy()
    depth.data = franchise_depth(rows.liking, used.franchise_depth_scale).astype(np.float32)
    prediction = fit_rating_model(
        components,
        rows.genres.users,
        rows.genres.y,
        n_users=dataset.n_users,
        alpha=used.rating_prediction_alpha,
    )
    return Learnt(liked.of_kind, depth, prediction)


def _components(
    model: FittedPhase1, rows: LeftOut, liked: Preferences, scale: float
) -> dict[str, NDArray[np.float64]]:
    """Name what the rating of each training row is regressed on: (n,) each."""
    return {
        "genre": rows.genre_similarity,
        "cast": _cast_of_others(model, rows),
        "franchise": np.where(rows.other_films > 0, franchise_depth(rows.other_liking, scale), 0.0),
        "rating_level": rows.rating_level,
        "mean_rating": rows.mean_rating,
        "count_share": rows.count_share,
        "preference": liked.left_out,
    }


def _cast_of_others(model: FittedPhase1, rows: LeftOut) -> NDArray[np.float64]:
    """Cast similarity of each training row's movie, without what the movie brings along itself: (n,)."""
    own = model.cast_overlap.diagonal()[rows.movies] * rows.genres.y
    if rows.cast_pairs is None:
        known = _cast_of_all(model, rows.genres.users, rows.movies)
    else:
        known = np.asarray(rows.cast_pairs @ model.cast_overlap.data)
    return np.asarray(np.clip(known - own, 0, 1))


def _cast_of_all(
    model: FittedPhase1, users: NDArray[np.int32], movies: NDArray[np.int32]
) -> NDArray[np.floating]:
    """Look up what users know of the casts of movies, pairs (n,) sorted by user: (n,)."""
    kernels = compiled(model.n_users * model.n_movies)
    if kernels is not None:
        return np.asarray(kernels.cast_of_pairs(users, movies, model.brought, csr(model.features.ratings)))
    known = np.empty(len(users), dtype=np.float64)
    for block in blocks_of(model.n_users):
        inside = slice(*np.searchsorted(users, [block.start, block.stop]))
        of_block = known_cast(model.cast_overlap, model.features.ratings[np.arange(block.start, block.stop)])
        known[inside] = of_block[users[inside] - block.start, movies[inside]]
    return known
