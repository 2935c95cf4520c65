"""The Phase 3 model in plain loops and float64, straight from its definition: slow, and easy to check."""

import math
from collections import defaultdict
from functools import cached_property

import numpy as np
from reference_phase2 import ReferencePhase2

from pipeline.dataset import Dataset
from pipeline.hyperparameters import Phase3

DIRECTIONS = 16
ROUNDS = 6


class ReferencePhase3(ReferencePhase2):
    """Both faces of one user and one movie at a time; shares nothing with the room but its types."""

    used: Phase3

    def __init__(self, hyperparameters: Phase3, dataset: Dataset, train: np.ndarray) -> None:
        super().__init__(hyperparameters, dataset, train)
        self.n_users, self.n_movies = dataset.n_users, dataset.n_movies
        self.years = dataset.years.tolist()
        self.n_genres = dataset.genres.shape[1]

    # What ranks.

    def parts(self, user: int, movie: int) -> dict[str, float]:
        parts = super().parts(user, movie)
        share = self.used.collaborative_weight if self.rated[user] else 0.0
        of_next = self.used.sequence_weight
        both = {"liked_together": (1 - of_next) * self.spread(self.together(user))[movie]}
        both["liked_next"] = of_next * self.spread(self.next_of(user))[movie]
        hybrid = {name: (1 - share) * value for name, value in parts.items()}
        return hybrid | {name: share * value for name, value in both.items()}

    def history(self, user: int, half_life: float) -> list[tuple[int, float, float]]:
        """Movie, rating and weight of each rating, in order of time; nothing of what is forgotten."""
        rated = list(self.rated[user].items())
        weighed = [(m, y, 0.5 ** ((len(rated) - 1 - k) / half_life)) for k, (m, y) in enumerate(rated)]
        return [one for one in weighed if one[2] >= 0.001]

    @staticmethod
    def spread(scores: np.ndarray) -> np.ndarray:
        """Stretch over [0, 1]; nothing where all are the same."""
        width = scores.max() - scores.min()
        return (scores - scores.min()) / width if width > 0 else np.zeros_like(scores)

    def is_told_apart(self, user: int) -> bool:
        """Whether what is stretched differs by more than float32 rounds, or not at all."""
        used = self.used
        own = (1 - used.collaborative_regularization * np.diag(self.inverse)).max()
        heard = [w for _, y, w in self.history(user, used.collaborative_half_life) if likes(y)]
        of_next = self.next_of(user)
        together, following = np.ptp(self.together(user)), np.ptp(of_next)
        return bool(together >= 0.01 * own * sum(heard) and following >= 0.01 * of_next.max())

    def together(self, user: int) -> np.ndarray:
        told = [
            w * self.ease[m] for m, y, w in self.history(user, self.used.collaborative_half_life) if likes(y)
        ]
        return np.sum(told, axis=0) if told else np.zeros(self.n_movies)

    def next_of(self, user: int) -> np.ndarray:
        told = [w * self.follows[m] for m, _, w in self.history(user, self.used.sequence_half_life)]
        return np.sum(told, axis=0) if told else np.zeros(self.n_movies)

    @cached_property
    def inverse(self) -> np.ndarray:
        gram = self.used.collaborative_regularization * np.eye(self.n_movies)
        for rated in self.rated.values():
            liked = [movie for movie, y in rated.items() if likes(y)]
            gram[np.ix_(liked, liked)] += 1
        return np.linalg.inv(gram)

    @cached_property
    def ease(self) -> np.ndarray:
        return np.eye(self.n_movies) - self.inverse / np.diag(self.inverse)

    @cached_property
    def follows(self) -> np.ndarray:
        counts = np.zeros((self.n_movies, self.n_movies))
        for rated in self.rated.values():
            history = list(rated.items())
            for k, (movie, _) in enumerate(history):
                for steps, (other, y) in enumerate(history[k + 1 :], start=1):
                    if likes(y):
                        counts[movie, other] += 0.5 ** (steps / self.used.sequence_half_life)
        for movie in range(self.n_movies):
            counts[movie] /= counts[movie].sum() + 5
        popular = [
            (len(self.received[m]) + 10) ** self.used.popularity_discount for m in range(self.n_movies)
        ]
        return counts / np.array(popular)

    # What predicts.

    def rating(self, user: int, movie: int) -> float:
        """Level of the movie + what the user's other ratings + what the movie's other raters say of it."""
        own = self.own_of(user, list(self.rated[user]), movie)
        return min(1.0, max(0.0, self.expected[movie] + own + self.of_raters(user, movie, without=None)))

    def foretold(self) -> list[tuple[float, float]]:
        """Prediction and rating of the last quarter of each user's."""
        found = []
        for user, rated in self.rated.items():
            movies = list(rated)
            for k, movie in enumerate(movies):
                if k >= 0.75 * len(movies):
                    told = self.expected[movie] + self.own_of(user, movies[:k], movie)
                    told += self.of_raters(user, movie, without=user)
                    found.append((min(1.0, max(0.0, told)), rated[movie]))
        return found

    @cached_property
    def levels(self) -> tuple[np.ndarray, dict[int, float], dict[int, float]]:
        """Expected level of each movie, and deviations of movies and users, by turns."""
        used, known = self.used, self.known_of_movies
        mean = sum(self.all) / len(self.all)
        of_user: dict[int, float] = defaultdict(float)
        for _ in range(ROUNDS):
            rows, wanted = [math.sqrt(20) * np.eye(known.shape[1])], [np.zeros(known.shape[1])]
            rest: dict[int, list[float]] = defaultdict(list)
            for user, rated in self.rated.items():
                for movie, y in rated.items():
                    rest[movie].append(y - mean - of_user[user])
            for movie, left in rest.items():
                root = math.sqrt(len(left) / (1 + used.movie_level_variance * len(left)))
                rows.append(root * known[[movie]])
                wanted.append(np.array([root * np.mean(left)]))
            beta = np.linalg.lstsq(np.vstack(rows), np.concatenate(wanted), rcond=None)[0]
            expected = known @ beta
            of_movie: dict[int, float] = defaultdict(float)
            for movie, left in rest.items():
                above = sum(left) - len(left) * expected[movie]
                of_movie[movie] = above / (len(left) + 1 / used.movie_level_variance)
            for user, rated in self.rated.items():
                left = [y - mean - expected[movie] - of_movie[movie] for movie, y in rated.items()]
                of_user[user] = sum(left) / (len(left) + 1 / used.taste_level_variance)
        return mean + expected, of_movie, of_user

    @property
    def expected(self) -> np.ndarray:
        return self.levels[0]

    @cached_property
    def known_of_movies(self) -> np.ndarray:
        counts = [len(self.received[movie]) for movie in range(self.n_movies)]
        dated = [(year, count + 1) for year, count in zip(self.years, counts, strict=True) if year > 0]
        middle = sum(year * n for year, n in dated) / sum(n for _, n in dated) if dated else 0.0
        rows = []
        for movie, count in enumerate(counts):
            decades = (self.years[movie] - middle) / 10 if self.years[movie] > 0 else 0.0
            marks = [float(genre in self.genres[movie]) for genre in range(self.n_genres)]
            rows.append([math.log1p(count), math.log1p(count) ** 2, decades, min(0, decades) ** 2, *marks])
        known = np.array(rows)
        rated = known[np.array(counts) > 0]
        known = np.minimum(np.maximum(known, rated.min(axis=0)), rated.max(axis=0))
        over_ratings = np.repeat(known, counts, axis=0)
        spread = over_ratings.std(axis=0)
        return (known - over_ratings.mean(axis=0)) / np.where(spread > 1e-9, spread, 1)

    def alike(self, movie: int, other: int) -> float:
        """Covariance of a user's deviations at two movies."""
        used, genres, others = self.used, set(self.genres[movie]), set(self.genres[other])
        total = used.taste_level_variance
        if genres and others:
            shared = len(genres & others) / math.sqrt(len(genres) * len(others))
            total += used.taste_genre_variance * shared
        if self.years[movie] > 0 and self.years[other] > 0:
            total += used.taste_era_variance * math.exp(
                -(((self.years[movie] - self.years[other]) / 8) ** 2) / 2
            )
        return total + used.taste_neighbour_variance * self.company(self.raters[movie], self.raters[other])

    @cached_property
    def raters(self) -> list[frozenset[int]]:
        return [frozenset(u for u in self.rated if m in self.rated[u]) for m in range(self.n_movies)]

    @staticmethod
    def company(one: frozenset[int], other: frozenset[int]) -> float:
        return len(one & other) / math.sqrt((len(one) + 5) * (len(other) + 5))

    def wandering(self, steps: int) -> float:
        return self.used.taste_drift_variance * float(0.5 ** (steps / self.used.taste_drift_half_life))

    def covariance(self, movies: list[int]) -> np.ndarray:
        """Of ratings in a row, with their noise."""
        n = len(movies)
        cells = [
            self.between(movies[i], movies[j]) + self.wandering(abs(i - j)) + (i == j)
            for i in range(n)
            for j in range(n)
        ]
        return np.array(cells).reshape(n, n)

    def between(self, movie: int, other: int) -> float:
        """What is alike, a movie wholly with itself."""
        if movie != other:
            return self.alike(movie, other)
        of_company = self.company(self.raters[movie], self.raters[movie])
        return self.alike(movie, movie) + self.used.taste_neighbour_variance * (1 - of_company)

    def left_of_levels(self, user: int, movie: int) -> float:
        return self.rated[user][movie] - self.expected[movie] - self.levels[1][movie]

    def own_of(self, user: int, movies: list[int], movie: int) -> float:
        """What the user's ratings of some movies, in order of time, say of the next one."""
        if not movies:
            return 0.0
        weights = np.linalg.solve(self.covariance(movies), [self.left_of_levels(user, m) for m in movies])
        told = [self.between(movie, m) + self.wandering(len(movies) - k) for k, m in enumerate(movies)]
        return float(np.dot(told, weights))

    @cached_property
    def left_of_users(self) -> dict[tuple[int, int], float]:
        """What the movie's level and its raters are to explain: what users leave, and the level."""
        left = {}
        for user, rated in self.rated.items():
            movies = list(rated)
            if not movies:
                continue
            e = np.array([self.left_of_levels(user, m) for m in movies])
            covariance = self.covariance(movies)
            explained = (covariance - np.eye(len(movies))) @ np.linalg.solve(covariance, e)
            for movie, rest in zip(movies, e - explained, strict=True):
                left[user, movie] = self.levels[1][movie] + rest
        return left

    @cached_property
    def users_alike(self) -> np.ndarray:
        """Covariance of a movie's deviations at two users: a level, and their main directions."""
        rated = [frozenset(self.rated[user]) for user in range(self.n_users)]
        kernel = np.array([[self.company(one, other) for other in rated] for one in rated])
        np.fill_diagonal(kernel, 1)
        shares, directions = np.linalg.eigh(kernel)
        main = directions[:, -DIRECTIONS:]
        kernel = main @ np.diag(np.maximum(shares[-DIRECTIONS:], 0)) @ main.T
        return np.asarray(self.used.movie_level_variance + self.used.movie_neighbour_variance * kernel)

    def of_raters(self, user: int, movie: int, without: int | None) -> float:
        raters = [other for other in sorted(self.raters[movie]) if other != without]
        if not raters:
            return 0.0
        among = self.users_alike[np.ix_(raters, raters)] + np.eye(len(raters))
        weights = np.linalg.solve(among, [self.left_of_users[other, movie] for other in raters])
        return float(self.users_alike[user, raters] @ weights)


def likes(y: float) -> bool:
    return y >= 0.8 - 1e-9
