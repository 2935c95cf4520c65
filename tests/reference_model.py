"""The Phase 1 score in plain loops, straight from its definition: slow, and easy to check by eye."""

import math
from collections import defaultdict
from functools import cache
from typing import Any, Self

import numpy as np

from pipeline.dataset import Dataset
from pipeline.hyperparameters import Phase1

COMPONENTS = ("genre", "cast", "franchise", "rating", "popularity")


class ReferenceModel:
    """Scores one user and one movie at a time; shares nothing with the room but its types."""

    def __init__(self, hyperparameters: Phase1, dataset: Dataset, train: np.ndarray) -> None:
        self.used = hyperparameters
        self.genres = [np.flatnonzero(row).tolist() for row in dataset.genres.toarray()]
        self.positions = [positions(dataset, movie) for movie in range(dataset.n_movies)]
        self.franchises = dataset.franchises.tolist()
        self.rated: dict[int, dict[int, float]] = defaultdict(dict)
        self.received: dict[int, list[float]] = defaultdict(list)
        columns = (dataset.users, dataset.movies, dataset.ratings, train)
        for user, movie, y, learnt in zip(*(column.tolist() for column in columns), strict=True):
            if learnt:
                self.rated[user][movie] = y
                self.received[movie].append(y)
        self.all = [y for of_movie in self.received.values() for y in of_movie]
        self.ranks = cache(self._ranks)

    def with_hyperparameters(self, hyperparameters: Phase1) -> Self:
        """Keep what was learnt, change the recipe."""
        return self._changed(used=hyperparameters)

    def _changed(self, **changed: Any) -> Self:
        other = object.__new__(type(self))
        other.__dict__.update(self.__dict__, **changed)
        return other

    def score(self, user: int, movie: int) -> float:
        return min(1.0, max(0.0, sum(self.parts(user, movie).values())))

    def parts(self, user: int, movie: int) -> dict[str, float]:
        total = sum(getattr(self.used, f"{name}_weight") for name in COMPONENTS)
        similarity = self.genre_similarity(user, movie)
        values = {
            "genre": 0.5 if similarity is None else similarity,
            "cast": self.cast_similarity(user, movie),
            "franchise": self.franchise_similarity(user, movie),
            "rating": self.rating_level(user),
            "popularity": self.popularity(movie),
        }
        parts = {name: getattr(self.used, f"{name}_weight") / total * values[name] for name in COMPONENTS}
        return parts | {"genre_boost": self.genre_boost(similarity)}

    def genre_similarity(self, user: int, movie: int) -> float | None:
        """Mid-rank of the movie's cosine among all movies with genres; None where either side is unknown."""
        return self.ranks(user).get(movie)

    def _ranks(self, user: int) -> dict[int, float]:
        profile: dict[int, float] = defaultdict(float)
        for movie, y in self.rated[user].items():
            for genre in self.genres[movie]:
                profile[genre] += y
        length = math.sqrt(sum(weight**2 for weight in profile.values()))
        if length == 0:
            return {}
        cosines = {
            movie: sum(profile[genre] for genre in genres) / length / math.sqrt(len(genres))
            for movie, genres in enumerate(self.genres)
            if genres
        }
        # Equal to nine digits is equal.
        steps = {movie: round(cosine * 1e9) for movie, cosine in cosines.items()}
        ordered = sorted(steps.values())
        count = {step: ordered.count(step) for step in set(ordered)}
        below = {step: ordered.index(step) for step in count}
        return {movie: (below[step] + count[step] / 2) / len(steps) for movie, step in steps.items()}

    def genre_boost(self, similarity: float | None) -> float:
        if similarity is None:
            return 0.0
        if similarity > self.used.genre_threshold_high:
            return self.used.genre_boost_high
        if similarity > self.used.genre_threshold_medium:
            return self.used.genre_boost_medium
        if similarity < self.used.genre_threshold_low:
            return self.used.genre_boost_low
        return 0.0

    def cast_similarity(self, user: int, movie: int) -> float:
        """Weighted share of the movie's cast that the rated movies bring along, times their ratings."""
        cast = self.positions[movie]
        whole = sum(self.billing_weight(position) ** 2 for position in cast.values())
        if whole == 0:
            return 0.0
        known = 0.0
        for other, y in self.rated[user].items():
            for actor, position in self.positions[other].items():
                if actor in cast:
                    known += y * self.billing_weight(position) * self.billing_weight(cast[actor])
        return min(1.0, known / whole)

    def billing_weight(self, position: int) -> float:
        if position < self.used.cast_lead_threshold:
            return self.used.cast_lead_weight
        if position < self.used.cast_supporting_threshold:
            return self.used.cast_supporting_weight
        return self.used.cast_background_weight

    def franchise_similarity(self, user: int, movie: int) -> float:
        own = self.franchises[movie]
        return float(own >= 0 and any(self.franchises[other] == own for other in self.rated[user]))

    def rating_level(self, user: int) -> float:
        for ratings in (list(self.rated[user].values()), self.all):
            if sum(ratings) > 0:
                return sum(y * y for y in ratings) / sum(ratings)
        return 0.0

    def popularity(self, movie: int) -> float:
        weights = self.used.popularity_rating_weight, self.used.popularity_count_weight
        shares = weights[0] * self.mean_rating(movie) + weights[1] * self.count_share(movie)
        return shares / sum(weights)

    def mean_rating(self, movie: int) -> float:
        """Mean rating damped by five ratings at the overall mean."""
        ratings = self.received[movie]
        return (sum(ratings) + 5 * sum(self.all) / len(self.all)) / (len(ratings) + 5)

    def count_share(self, movie: int) -> float:
        return min(1.0, math.log10(len(self.received[movie]) + 1) / 3)


def positions(dataset: Dataset, movie: int) -> dict[int, int]:
    """Actor to billing position of one movie, 0 for the first-billed."""
    start, stop = dataset.billing.indptr[movie : movie + 2]
    actors, numbers = dataset.billing.indices[start:stop], dataset.billing.data[start:stop]
    return {int(actor): int(number) - 1 for actor, number in zip(actors, numbers, strict=True)}


def ndcg_and_recall(best: list[int], relevant: set[int]) -> tuple[float, float]:
    """NDCG@10 with binary gains and recall@10 of one user; NaN where nothing is relevant."""
    if not relevant:
        return math.nan, math.nan
    gain = sum(1 / math.log2(rank + 2) for rank, movie in enumerate(best[:10]) if movie in relevant)
    ideal = sum(1 / math.log2(rank + 2) for rank in range(min(10, len(relevant))))
    return gain / ideal, sum(movie in relevant for movie in best[:10]) / len(relevant)
