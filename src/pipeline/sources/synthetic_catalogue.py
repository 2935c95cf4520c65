"""Synthetic movies: genres, casts that share actors, franchises, and a long tail of popularity."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from pipeline.sources.assemble import billing_matrix, franchise_numbers, indicator_matrix

GENRES = (
    "Action", "Adventure", "Animation", "Children's", "Comedy", "Crime", "Documentary", "Drama", "Fantasy",
    "Film-Noir", "Horror", "Musical", "Mystery", "Romance", "Sci-Fi", "Thriller", "War", "Western",
)  # fmt: skip
ADJECTIVES = (
    "Silent",
    "Golden",
    "Last",
    "Broken",
    "Hidden",
    "Crimson",
    "Lonely",
    "Electric",
    "Distant",
    "Wild",
)
NOUNS = (
    "Harbour",
    "Garden",
    "Detective",
    "Summer",
    "Empire",
    "Letter",
    "Horizon",
    "Orchestra",
    "Winter",
    "Road",
)
PLACES = (
    "",
    " of Lisbon",
    " of Oslo",
    " of Cairo",
    " of Lima",
    " of Kyoto",
    " of Dakar",
    " of Quebec",
    " of Turin",
)
SLOTS = 3  # genres of a movie, at most
CAST = 12  # names of a movie, at most; at least 3
RETURNING = 3  # first-billed actors of a film who return in its sequels


@dataclass(frozen=True, eq=False)
class Catalogue:
    """The movies, and how likely each is to be watched."""

    titles: NDArray[np.str_]  # (n_movies,)
    years: NDArray[np.int32]  # (n_movies,)
    genre_slots: NDArray[np.int64]  # (n_movies, SLOTS) genres of a movie, -1 in an empty slot
    genres: sparse.csr_array  # (n_movies, n_genres) the same as a matrix
    billing: sparse.csr_array  # (n_movies, n_actors) as in Dataset
    franchises: NDArray[np.int32]  # (n_movies,) as in Dataset
    qualities: NDArray[np.float64]  # (n_movies,) stars above or below the average movie
    popularity: NDArray[np.float64]  # (n_movies,) chance of a random viewing, sums to 1
    shelves: NDArray[np.int64]  # movies by genre, one genre after the other, then all movies
    chances: NDArray[np.float64]  # running sum of the popularity along the shelves
    ends: NDArray[np.int64]  # (n_genres + 2,) where each shelf begins, and the last one ends

    def draw_by_popularity(self, rng: np.random.Generator, shelf: NDArray[np.int64]) -> NDArray[np.int64]:
        """Draw a movie (n,) from each shelf: a genre, or len(GENRES) for all, as for an empty genre."""
        shelf = np.where(self.ends[shelf] == self.ends[shelf + 1], len(GENRES), shelf)
        low, high = self.ends[shelf], self.ends[shelf + 1]
        before = np.where(low > 0, self.chances[low - 1], 0)
        goal = before + rng.random(len(shelf)) * (self.chances[high - 1] - before)
        # Rounding may put the goal on the border of a shelf.
        return self.shelves[np.clip(np.searchsorted(self.chances, goal, side="right"), low, high - 1)]


def draw_catalogue(rng: np.random.Generator, n_movies: int) -> Catalogue:
    original, part = _draw_sequels(rng, n_movies)
    slots = _draw_genres(rng, n_movies)[original]
    rows, columns = np.nonzero(slots >= 0)
    genres = indicator_matrix(rows, slots[rows, columns], (n_movies, len(GENRES)))
    popularity = rng.permutation(1 / (np.arange(n_movies) + 10.0) ** 0.9)  # Zipf, with a blunted head
    popularity /= popularity.sum()
    shelves, chances, ends = _shelves(genres, popularity)
    return Catalogue(
        titles=_titles(original, part),
        years=(rng.integers(1950, 2000, n_movies)[original] + 3 * part).astype(np.int32),
        genre_slots=slots,
        genres=genres,
        billing=_draw_casts(rng, slots, original),
        franchises=franchise_numbers(original),
        qualities=rng.normal(0, 0.4, n_movies)[original] + rng.normal(0, 0.2, n_movies),
        popularity=popularity,
        shelves=shelves,
        chances=chances,
        ends=ends,
    )


def _draw_sequels(rng: np.random.Generator, n_movies: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return each movie's first film of its franchise (itself where it has none) and part, 0 the first."""
    drawn = rng.permutation(n_movies)
    count = n_movies // 12
    original, part = np.arange(n_movies), np.zeros(n_movies, dtype=np.int64)
    for number, films in ((1, drawn[count : 2 * count]), (2, drawn[2 * count : 2 * count + count // 2])):
        original[films] = drawn[: len(films)]
        part[films] = number
    return original, part


def _draw_genres(rng: np.random.Generator, n_movies: int) -> NDArray[np.int64]:
    """Return 1 to 3 distinct genres of each movie (n_movies, SLOTS), some genres more common than others."""
    common = 1 / (1 + np.arange(len(GENRES)) / 6)[rng.permutation(len(GENRES))]
    # The smallest of exponential times are a draw without replacement by weight.
    slots = np.argsort(rng.exponential(1 / common, (n_movies, len(GENRES))), axis=1)[:, :SLOTS]
    count = rng.choice([1, 2, 3], n_movies, p=[0.4, 0.4, 0.2])
    return np.where(np.arange(SLOTS) < count[:, None], slots, -1)


def _draw_casts(
    rng: np.random.Generator, slots: NDArray[np.int64], original: NDArray[np.int64]
) -> sparse.csr_array:
    """Cast each movie from the actors of its first genre, a few of them busy; sequels keep the leads."""
    n_movies = len(slots)
    circle = max(CAST, n_movies // len(GENRES))  # actors in each genre's circle
    busy = (circle * rng.random((n_movies, CAST)) ** 2).astype(np.int64)
    actors = slots[:, :1] * circle + busy
    actors[:, :RETURNING] = actors[original, :RETURNING]
    movies, positions = np.nonzero(np.arange(CAST) < rng.integers(3, CAST + 1, n_movies)[:, None])
    # Only those who play are actors, numbered without gaps.
    playing, actor = np.unique(actors[movies, positions], return_inverse=True)
    return billing_matrix(movies, actor, (n_movies, len(playing)))


def _shelves(
    genres: sparse.csr_array, popularity: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int64]]:
    by_genre = genres.tocsc()
    shelves = np.concatenate([by_genre.indices, np.arange(len(popularity))]).astype(np.int64)
    ends = np.append(by_genre.indptr, len(shelves)).astype(np.int64)
    return shelves, np.cumsum(popularity[shelves]), ends


def _titles(original: NDArray[np.int64], part: NDArray[np.int64]) -> NDArray[np.str_]:
    """Name every movie; a sequel bears the first film's title and a number."""
    parts = zip(original, part, strict=True)
    return np.array([f"{_title(film)} {number + 1}" if number else _title(film) for film, number in parts])


def _title(film: int) -> str:
    """Name a film; the names repeat, as names of films do, once they are used up."""
    rest, adjective = divmod(int(film), len(ADJECTIVES))
    rest, noun = divmod(rest, len(NOUNS))
    return f"The {ADJECTIVES[adjective]} {NOUNS[noun]}{PLACES[rest % len(PLACES)]}"
