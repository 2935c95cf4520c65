"""The predicted rating of Phase 3: levels, a process for each user, one for each movie on what is left."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from pipeline.blocks import starts_of
from pipeline.dataset import Dataset
from pipeline.hyperparameters import Phase3
from pipeline.kept import once_per_training_set, shared_per_training_set
from pipeline.kernels import compiled
from pipeline.levels import levels
from pipeline.likeness import Likeness, likeness
from pipeline.movie_process import movie_processes
from pipeline.patterns import main_patterns
from pipeline.user_process import Drift, user_processes

# Of each user's training ratings, the share that the others foretell before the decision is fitted on them.
FORETOLD_FROM = 0.75


@dataclass(frozen=True)
class Variances:
    """What is believed before any rating, in variances of the noise, and how much of what is left."""

    level: float
    genre: float
    era: float
    neighbour: float
    drift: Drift
    movie_level: float
    movie_neighbour: float
    patterns: float  # share of the main patterns that is believed

    @staticmethod
    def of(used: Phase3) -> "Variances":
        return Variances(
            level=used.taste_level_variance,
            genre=used.taste_genre_variance,
            era=used.taste_era_variance,
            neighbour=used.taste_neighbour_variance,
            drift=Drift(used.taste_drift_variance, used.taste_drift_half_life),
            movie_level=used.movie_level_variance,
            movie_neighbour=used.movie_neighbour_variance,
            patterns=used.pattern_weight,
        )

    def of_movies(self, alike: Likeness) -> NDArray[np.float32]:
        """Covariance of one user's deviations: (n_movies, n_movies)."""
        kernels = compiled(alike.genre.size)
        if kernels is not None:
            parts = tuple(map(np.float32, (self.genre, self.era, self.neighbour, self.level)))
            return np.asarray(kernels.mixed_likeness(alike.genre, alike.era, alike.neighbour, parts))
        kernel: NDArray[np.float32] = alike.genre * np.float32(self.genre)
        kernel += alike.era * np.float32(self.era)
        kernel += alike.neighbour * np.float32(self.neighbour)
        kernel += np.float32(self.level)
        return kernel

    def of_users(self, alike: Likeness) -> NDArray[np.float64]:
        """Features whose products are the covariance of one movie's deviations: (n_users, 17 at most)."""
        level = np.full((len(alike.users), 1), np.sqrt(self.movie_level))
        return np.hstack([level, alike.users * np.sqrt(self.movie_neighbour)])


@dataclass(frozen=True, eq=False)
class RatingProcess:
    """Expected ratings: movie + user + own ratings @ kernel + user features @ movie features."""

    of_movie: NDArray[np.float32]  # (n_movies,)
    of_user: NDArray[np.float32]  # (n_users,)
    own: sparse.csr_array  # (n_users, n_movies) float32, weights of each user's ratings
    kernel: NDArray[np.float32]  # (n_movies, n_movies) symmetric to the last bit
    user_features: NDArray[np.float32]  # (n_users, k)
    movie_features: NDArray[np.float32]  # (n_movies, k)

    def block(self, users: NDArray[np.integer]) -> NDArray[np.float32]:
        """Predict ratings of all movies by some users: (len(users), n_movies) in [0, 1]."""
        predicted: NDArray[np.float32] = self.own[users] @ self.kernel
        predicted += self.of_company(users)
        predicted += self.of_movie
        predicted += self.of_user[users, None]
        return np.clip(predicted, 0, 1, out=predicted)

    def of_company(self, users: NDArray[np.integer]) -> NDArray[np.float32]:
        """Predict what is left by users alike and by patterns: (len(users), n_movies)."""
        return np.asarray(self.user_features[users] @ self.movie_features.T)


@dataclass(frozen=True, eq=False)
class Foretold:
    """The last quarter of each user's training ratings: what a decision may learn from.

    Predicted by the user's earlier ratings and by the movie's other ones.
    """

    predicted: NDArray[np.float64]  # (n,) in [0, 1]
    y: NDArray[np.float64]  # (n,)


@dataclass(frozen=True, eq=False)
class Rows:
    """The n training ratings, sorted by user and then by time."""

    users: NDArray[np.int32]  # (n,)
    movies: NDArray[np.int32]  # (n,)
    y: NDArray[np.float64]  # (n,)
    starts: NDArray[np.intp]  # (n_users + 1,) where each user's begin
    by_movie: NDArray[np.intp]  # (n,) places in the order of movies, then users
    within: NDArray[np.intp]  # (n,) places in the order of users, then movies
    shape: tuple[int, int]  # users, movies

    @staticmethod
    def of(dataset: Dataset, train: NDArray[np.bool_]) -> "Rows":
        users, movies = dataset.users[train], dataset.movies[train]
        return Rows(
            users=users,
            movies=movies,
            y=dataset.ratings[train],
            starts=starts_of(users, dataset.n_users),
            by_movie=np.argsort(movies, kind="stable"),
            within=np.lexsort((movies, users)),
            shape=(dataset.n_users, dataset.n_movies),
        )

    def matrix(self, values: NDArray[np.floating]) -> sparse.csr_array:
        """Place a value for each rating: (n_users, n_movies)."""
        cells = values[self.within], self.movies[self.within], self.starts.astype(np.int32)
        return sparse.csr_array(cells, shape=self.shape)

    def transposed(self, values: NDArray[np.floating]) -> sparse.csr_array:
        """Place a value for each rating: (n_movies, n_users)."""
        starts = starts_of(self.movies[self.by_movie], self.shape[1]).astype(np.int32)
        return sparse.csr_array(
            (values[self.by_movie], self.users[self.by_movie], starts), shape=self.shape[::-1]
        )

    @property
    def late(self) -> NDArray[np.bool_]:
        """Which ratings are of the last quarter of their user's: (n,)."""
        place = np.arange(len(self.users)) - self.starts[self.users]
        return np.asarray(place >= FORETOLD_FROM * np.diff(self.starts)[self.users])


@shared_per_training_set
def _rows(dataset: Dataset, train: NDArray[np.bool_]) -> Rows:
    return Rows.of(dataset, train)


@once_per_training_set
def fit_rating_process(
    dataset: Dataset, train: NDArray[np.bool_], variances: Variances
) -> tuple[RatingProcess, Foretold]:
    """Fit levels, users on what they leave, movies on what users leave, patterns on what is foretold wrongly.

    Args:
        dataset: the data.
        train: (n_ratings,) mask of the ratings to learn from, at least one.
        variances: what is believed of them.

    """
    rows, alike = _rows(dataset, train), likeness(dataset, train)
    about = levels(dataset, train, variances.movie_level, variances.level)
    expected, kernel = about.mean + about.expected, variances.of_movies(alike)
    unexplained = rows.y - (expected + about.movie)[rows.movies]
    own = user_processes(rows.starts, rows.movies, unexplained, kernel, variances.drift)
    # With noise of variance 1 a process's weights are what it leaves unexplained.
    left = about.movie[rows.movies] + own.weights
    others = movie_processes(variances.of_users(alike), rows.transposed(left))
    foretold = expected[rows.movies] + own.foretold
    errors = rows.y - foretold - others.at(rows.users, rows.movies)
    of_users, of_movies = main_patterns(rows.matrix(errors))
    process = RatingProcess(
        of_movie=expected.astype(np.float32),
        of_user=own.drifted,
        own=rows.matrix(own.weights),
        kernel=kernel,
        user_features=np.hstack([others.users, of_users * variances.patterns]).astype(np.float32),
        movie_features=np.hstack([others.weights, of_movies]).astype(np.float32),
    )
    late = rows.late
    users, movies = rows.users[late], rows.movies[late]
    predicted = foretold[late] + others.without(users, movies, left[late])
    return process, Foretold(np.clip(predicted, 0, 1), rows.y[late])
