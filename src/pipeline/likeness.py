"""How much alike movies are, and users: what the rating process believes before it sees a rating."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from pipeline.dataset import Dataset
from pipeline.kept import shared_per_training_set

# Movies this many years apart are alike by exp(-1/2).
ERA_YEARS = 8.0
# Two movies, or users, are believed as if they had this many ratings more that they do not share.
DAMPING = 5
# Directions in which users differ that are looked at.
DIRECTIONS = 16


@dataclass(frozen=True, eq=False)
class Likeness:
    """Correlations by kind, each a positive semi-definite kernel, 1 on the diagonal where known."""

    genre: NDArray[np.float32]  # (n_movies, n_movies) cosine of genres
    era: NDArray[np.float32]  # (n_movies, n_movies) of years
    neighbour: NDArray[np.float32]  # (n_movies, n_movies) of who rated them
    users: NDArray[np.float64]  # (n_users, 16) of what they rated, as features whose products it is


@shared_per_training_set
def likeness(dataset: Dataset, train: NDArray[np.bool_]) -> Likeness:
    """Compare movies by genres, years and raters, and users by movies rated.

    Args:
        dataset: the data.
        train: (n_ratings,) mask of the ratings to learn from; their values play no part.

    """
    users, movies = dataset.users[train], dataset.movies[train]
    shape = (dataset.n_users, dataset.n_movies)
    rated = sparse.csr_array((np.ones(len(users), dtype=np.float32), (users, movies)), shape=shape).toarray()
    return Likeness(
        genre=_cosine(dataset.genres.toarray().astype(np.float32)),
        era=_of_years(dataset.years),
        neighbour=_of_company(rated.T),
        users=_directions(_of_company(rated)),
    )


def _cosine(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Compare rows; one without entries is like none, not even itself."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    unit = rows / np.where(lengths > 0, lengths, 1)
    return np.asarray(unit @ unit.T)


def _of_years(years: NDArray[np.int32]) -> NDArray[np.float32]:
    """Compare years by a Gaussian of their distance; a year of 0 is unknown and like none."""
    known = (years > 0).astype(np.float32)
    apart = (years[:, None] - years[None, :]).astype(np.float32) / np.float32(ERA_YEARS)
    return np.asarray(np.exp(-(apart**2) / 2) * known[:, None] * known[None, :])


def _of_company(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Compare rows of marks by what they share: n_ab / sqrt((n_a + 5) (n_b + 5)), 1 with oneself."""
    sizes = np.sqrt(rows.sum(axis=1) + DAMPING)
    shared: NDArray[np.float32] = rows @ rows.T
    shared /= sizes[:, None] * sizes[None, :]
    np.fill_diagonal(shared, 1)
    return shared


def _directions(kernel: NDArray[np.float32]) -> NDArray[np.float64]:
    """Take the main directions of a kernel, each with a length whose square is its share: (n, 16 at most)."""
    shares, directions = np.linalg.eigh(kernel.astype(np.float64))
    return np.asarray(directions[:, -DIRECTIONS:] * np.sqrt(np.maximum(shares[-DIRECTIONS:], 0)))
