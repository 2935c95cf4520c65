"""Synthetic ratings of any size with planted tastes: for tests, for work offline, for scale."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.dataset import Dataset
from pipeline.parameters import parameter
from pipeline.sources.assemble import RatingColumns, distinct, in_order, shares
from pipeline.sources.intake import Intake
from pipeline.sources.means import Means
from pipeline.sources.synthetic_catalogue import GENRES, Catalogue, draw_catalogue

STARS = 5.0
RATINGS_PER_USER = 5  # at least; the fewest that a 60/20/20 split shares out to all three parts
FAVOURITES = 3  # genres a user likes, of 18
TASTE = 0.8  # stars that a favourite genre adds; the others subtract a quarter of it
NOISE = 0.6  # stars, standard deviation of what nothing explains
FAVOURED_DRAWS = 0.5  # share of ratings for which the user went looking in a favourite genre
ROUNDS = 12  # of drawing again what was already rated, before the rest is picked user by user
DAY = 86_400  # seconds
FIRST_DAY = 946_684_800  # 2000-01-01 in seconds since 1970


@dataclass(frozen=True, kw_only=True)
class Synthetic:
    """Synthetic ratings; every value is part of what they are."""

    users: int = parameter(300, "number of users", low=1, high=10_000_000)
    movies: int = parameter(400, "number of movies", low=RATINGS_PER_USER, high=1_000_000)
    ratings: int = parameter(20_000, "number of ratings", low=RATINGS_PER_USER, high=200_000_000)
    seed: int = parameter(7, "another seed gives other tastes, movies and ratings", low=0, high=2**32 - 1)

    def conflicts(self) -> Iterator[str]:
        """Name every rule between sizes that does not hold."""
        if self.ratings > self.users * self.movies:
            yield f"ratings must be at most users x movies ({self.users * self.movies}), got {self.ratings}"
        if self.ratings < self.users * RATINGS_PER_USER:
            fewest = self.users * RATINGS_PER_USER
            yield f"ratings must be at least {RATINGS_PER_USER} x users ({fewest}), got {self.ratings}"


@dataclass(frozen=True, eq=False)
class Planted:
    """What the ratings were made of, noise apart: the answer a good model comes close to.

    Stars expected of user u for movie m: levels[u] + qualities[m] + mean of tastes[u] over the genres of m,
    then rounded and kept within 1 to 5.
    """

    tastes: NDArray[np.float32]  # (n_users, n_genres) stars that a genre adds
    favourites: NDArray[np.int64]  # (n_users, FAVOURITES) genres the user likes
    levels: NDArray[np.float64]  # (n_users,) stars the user gives an average movie
    catalogue: Catalogue

    def of(self, users: slice) -> "Planted":
        """Return the truth of some users, who are numbered from 0 in it."""
        return Planted(self.tastes[users], self.favourites[users], self.levels[users], self.catalogue)

    def stars(self, users: NDArray[np.integer], movies: NDArray[np.integer]) -> NDArray[np.float64]:
        """Return the expected stars (n,) of n pairs, before rounding."""
        total = np.zeros(len(users))
        slots = self.catalogue.genre_slots[movies]
        for slot in slots.T:
            total += np.where(slot >= 0, self.tastes[users, slot], 0)
        liked = total / (slots >= 0).sum(axis=1)
        expected: NDArray[np.float64] = self.levels[users] + self.catalogue.qualities[movies] + liked
        return expected


def planted(settings: Synthetic) -> Planted:
    """Return the truth behind the ratings of these settings; drawn apart from them, so it is cheap."""
    for_catalogue, for_users, _ = _generators(settings)
    return _draw_planted(settings, for_catalogue, for_users)


def planted_tastes(settings: Synthetic) -> NDArray[np.float32]:
    """Return the stars (n_users, n_genres) that each genre adds for each user; genres as in the dataset."""
    return planted(settings).tastes


def build(settings: Synthetic, _means: Means | None = None) -> tuple[Dataset, Intake]:
    """Draw users in shares: beside the finished ratings only one share of them is held, whatever the size."""
    for_catalogue, for_users, for_ratings = _generators(settings)
    truth = _draw_planted(settings, for_catalogue, for_users)
    counts = _ratings_per_user(for_ratings, settings)
    drawn = (_draw_ratings(for_ratings, truth, counts, users) for users in shares(counts))
    columns = in_order(drawn, settings.ratings)
    catalogue = truth.catalogue
    dataset = Dataset(
        name="synthetic",
        users=columns.users,
        movies=columns.movies,
        ratings=columns.ratings,
        timestamps=columns.timestamps,
        stars=STARS,
        user_ids=np.arange(1, settings.users + 1).astype(np.str_),
        movie_ids=np.arange(1, settings.movies + 1).astype(np.str_),
        titles=catalogue.titles,
        years=catalogue.years,
        genre_names=np.array(GENRES),
        genres=catalogue.genres,
        billing=catalogue.billing,
        franchises=catalogue.franchises,
    )
    return dataset, Intake({"ratings": settings.ratings, "movies": settings.movies})


def _generators(settings: Synthetic) -> list[np.random.Generator]:
    return np.random.default_rng(settings.seed).spawn(3)


def _draw_planted(
    settings: Synthetic, for_catalogue: np.random.Generator, for_users: np.random.Generator
) -> Planted:
    catalogue = draw_catalogue(for_catalogue, settings.movies)
    keys = for_users.random((settings.users, len(GENRES)), dtype=np.float32)
    favourites = np.argpartition(keys, FAVOURITES, axis=1)[:, :FAVOURITES]
    tastes = np.full(keys.shape, -TASTE / 4, dtype=np.float32)
    np.put_along_axis(tastes, favourites, TASTE, axis=1)
    return Planted(tastes, favourites, for_users.normal(3.4, 0.4, settings.users), catalogue)


def _ratings_per_user(rng: np.random.Generator, settings: Synthetic) -> NDArray[np.int64]:
    """Return how many movies each user rates (n_users,): long-tailed, adding up to the ratings asked for."""
    eagerness = rng.lognormal(0, 1, settings.users)
    counts = np.full(settings.users, RATINGS_PER_USER)
    while (left := settings.ratings - counts.sum()) > 0:
        wanted = eagerness * (counts < settings.movies)
        counts = np.minimum(settings.movies, counts + rng.multinomial(left, wanted / wanted.sum()))
    return counts


def _draw_ratings(
    rng: np.random.Generator, truth: Planted, counts: NDArray[np.int64], share: slice
) -> RatingColumns:
    """Draw all ratings of a share of the users, by user."""
    own = truth.of(share)
    users, movies = _draw_pairs(rng, own, counts[share])
    timestamps = _draw_times(rng, users, len(own.levels))
    noise = rng.normal(0, NOISE, len(users))
    stars = np.clip(np.rint(own.stars(users, movies) + noise), 1, STARS)
    return RatingColumns(
        (users + share.start).astype(np.int32), movies.astype(np.int32), stars / STARS, timestamps
    )


def _draw_pairs(
    rng: np.random.Generator, truth: Planted, counts: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return distinct pairs of user and movie, `counts` (n_users,) of each user, by user.

    What was drawn twice is drawn again, a few times; then those who saw nearly all are served one by one.
    """
    n_movies = len(truth.catalogue.titles)
    keys = np.empty(0, dtype=np.int64)  # user * n_movies + movie, sorted
    missing = counts
    for _ in range(ROUNDS):
        users = np.repeat(np.arange(len(counts)), missing)
        keys = distinct(np.concatenate([keys, users * n_movies + _draw_movies(rng, truth, users)]))
        missing = counts - np.bincount(keys // n_movies, minlength=len(counts))
        if not missing.any():
            break
    rest = [_unseen(rng, truth, keys, user, missing[user]) for user in np.flatnonzero(missing)]
    keys = np.sort(np.concatenate([keys, *rest]))
    return keys // n_movies, keys % n_movies


def _draw_movies(rng: np.random.Generator, truth: Planted, users: NDArray[np.int64]) -> NDArray[np.int64]:
    """Draw a movie (n,) for each user by popularity, half of the time among those of a favourite genre."""
    genre = truth.favourites[users, rng.integers(0, FAVOURITES, len(users))]
    anywhere = rng.random(len(users)) >= FAVOURED_DRAWS
    return truth.catalogue.draw_by_popularity(rng, np.where(anywhere, len(GENRES), genre))


def _unseen(
    rng: np.random.Generator, truth: Planted, keys: NDArray[np.int64], user: np.int64, count: np.int64
) -> NDArray[np.int64]:
    """Pick `count` more pairs of one user among the movies not rated yet."""
    n_movies = len(truth.catalogue.titles)
    own = keys[slice(*np.searchsorted(keys, [user * n_movies, (user + 1) * n_movies]))]
    left = np.delete(np.arange(n_movies), own % n_movies)
    chances = truth.catalogue.popularity[left]
    picked = rng.choice(left, count, replace=False, p=chances / chances.sum())
    return user * n_movies + picked


def _draw_times(rng: np.random.Generator, users: NDArray[np.int64], n_users: int) -> NDArray[np.int64]:
    """Spread the ratings of each user over a stay of their own, in seconds since 1970."""
    joined = FIRST_DAY + rng.integers(0, 20 * 365 * DAY, n_users)
    stay = rng.exponential(200 * DAY, n_users)
    return joined[users] + (rng.random(len(users)) * stay[users]).astype(np.int64)
