"""The Phase 2 score in plain loops, straight from its definition: slow, and easy to check by eye."""

import math
from collections import defaultdict
from functools import cached_property

import numpy as np
from reference_model import ReferenceModel

from pipeline.dataset import Dataset
from pipeline.hyperparameters import Phase2


class ReferencePhase2(ReferenceModel):
    """Phase 1's definition with what Phase 2 adds; shares nothing with the room but its types."""

    used: Phase2

    def __init__(self, hyperparameters: Phase2, dataset: Dataset, train: np.ndarray) -> None:
        super().__init__(hyperparameters, dataset, train)
        columns = (dataset.users[train], dataset.movies[train], dataset.timestamps[train])
        self.time: dict[int, dict[int, int]] = defaultdict(dict)
        for user, movie, time in zip(*(column.tolist() for column in columns), strict=True):
            self.time[user][movie] = time

    def parts(self, user: int, movie: int) -> dict[str, float]:
        parts = super().parts(user, movie)
        parts["preference"] = self.used.user_preference_weight * self.preference(user, movie)
        share = self.used.rating_prediction_weight
        hybrid = {name: (1 - share) * value for name, value in parts.items()}
        return hybrid | {"prediction": share * self.prediction(user, movie)}

    def franchise_similarity(self, user: int, movie: int) -> float:
        """Sum of the ratings of the franchise's films, at least 1 and at most the scale; 0 without any."""
        own = self.franchises[movie]
        films = [y for other, y in self.rated[user].items() if own >= 0 and self.franchises[other] == own]
        return min(self.used.franchise_depth_scale, max(1.0, sum(films))) if films else 0.0

    def preference(self, user: int, movie: int) -> float:
        genres = self.genres[movie]
        return sum(self.taste(user, genre) for genre in genres) / max(len(genres), 1)

    def taste(self, user: int, genre: int) -> float:
        """Deviation of the genre's mean from the user's, in stars of five, damped by count and variance."""
        rated = [(self.recency(user, movie), y, movie) for movie, y in self.rated[user].items()]
        inside = [(w, y) for w, y, movie in rated if genre in self.genres[movie]]
        weight = sum(w for w, _ in inside)
        if weight == 0:
            return 0.0
        own = sum(w * y for w, y, _ in rated) / sum(w for w, _, _ in rated)
        mean = sum(w * y for w, y in inside) / weight
        variance = sum(w * (y - mean) ** 2 for w, y in inside) / weight
        return min(1, max(-1, (mean - own) / 0.2)) * weight / (weight + 5) / (1 + variance / 0.2**2)

    def recency(self, user: int, movie: int) -> float:
        age = max(self.time[user].values()) - self.time[user][movie]
        return float(0.5 ** (age / 86_400 / self.used.preference_half_life_days))

    def prediction(self, user: int, movie: int) -> float:
        coefficients, constants = self.regression
        return float(constants[user] + coefficients @ self.components(user, movie))

    def components(self, user: int, movie: int) -> np.ndarray:
        similarity = self.genre_similarity(user, movie)
        return np.array(
            [
                0.5 if similarity is None else similarity,
                self.cast_similarity(user, movie),
                self.franchise_similarity(user, movie),
                self.rating_level(user),
                self.mean_rating(movie),
                self.count_share(movie),
                self.preference(user, movie),
            ]
        )

    def without(self, user: int, movie: int) -> "ReferencePhase2":
        """Forget one rating, but for the user's genre profile and what is known of all ratings."""
        rated = {other: y for other, y in self.rated[user].items() if other != movie}
        received = list(self.received[movie])
        received.remove(self.rated[user][movie])
        return self._changed(rated={**self.rated, user: rated}, received={**self.received, movie: received})

    @cached_property
    def regression(self) -> tuple[np.ndarray, dict[int, float]]:
        """Ridge regression as least squares with rows of the penalty, then each user's deviation from it."""
        pairs = [(user, movie) for user, rated in self.rated.items() for movie in rated]
        x = np.array([self.without(*pair).components(*pair) for pair in pairs])
        y = np.array([self.rated[user][movie] for user, movie in pairs])
        alpha, n = self.used.rating_prediction_alpha, x.shape[1]
        rows = np.vstack([x - x.mean(axis=0), math.sqrt(alpha) * np.eye(n)])
        beta = np.linalg.lstsq(rows, np.concatenate([y - y.mean(), np.zeros(n)]), rcond=None)[0]
        everybody = y.mean() - x.mean(axis=0) @ beta
        rest: dict[int, list[float]] = defaultdict(list)
        for (user, _), error in zip(pairs, y - everybody - x @ beta, strict=True):
            rest[user].append(error)
        moved = {user: sum(errors) / (len(errors) + alpha) for user, errors in rest.items()}
        return beta, defaultdict(lambda: everybody, {u: everybody + by for u, by in moved.items()})
