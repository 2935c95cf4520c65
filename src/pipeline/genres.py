"""How well a movie's genres fit a user's taste, on a scale that thresholds can cut."""

from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from pipeline.blocks import blocks_of, n_blocks, rows_at_once, starts_of
from pipeline.dataset import Dataset
from pipeline.progress import steps

# Cosines that differ by less than this are the same fit; summation order must not decide a rank.
COSINE_STEPS = 10**9
# What a user's similarities are on average: half of the movies fit better, half of them worse.
NEUTRAL = 0.5
# The place of what is not known in a table of what each rank is worth: the last one.
UNKNOWN = -1
# Ranks that are kept for all users; where there are more, those of a user are made when asked for.
KEPT_BYTES = 2**27
# Bytes that ranking takes for a kind of movie and a user: keys, their columns, and what lies below and above.
CELL_BYTES = 64
T = TypeVar("T", bound=np.generic)


@dataclass(frozen=True, eq=False)
class GenreFit:
    """Genre similarity by kind of movie: movies with equal genres share one column.

    A similarity is a mid-rank among `n_ranked` movies, so that twice of it is a whole number of movies: that
    number is the rank, and what is made of a similarity is a table over the 2 * n_ranked + 1 ranks.
    """

    taste: NDArray[np.float64]  # (n_users, n_genres) rating-weighted sum of the rated movies' genres
    kinds: sparse.csr_array  # (n_kinds, n_genres) 1 where movies of the kind have the genre
    sizes: NDArray[np.int64]  # (n_kinds,) movies of each kind; 0 for those without genres
    kind: NDArray[np.intp]  # (n_movies,) kind of each movie
    kept: NDArray[np.int32]  # (n_users, n_kinds) ranks; (0, n_kinds) where they would take too much memory

    @property
    def n_ranked(self) -> int:
        """Count the movies that have genres."""
        return int(self.sizes.sum())

    @cached_property
    def levels(self) -> NDArray[np.float64]:
        """Similarity of each rank: (2 * n_ranked + 2,) in [0, 1], at UNKNOWN that of what is not known."""
        ranks = np.arange(2 * self.n_ranked + 1)
        return np.append(ranks / (2 * max(self.n_ranked, 1)), NEUTRAL)

    def ranks(self, users: NDArray[np.integer]) -> NDArray[np.int32]:
        """Rank all kinds for some users: (len(users), n_kinds), 2 * n_ranked + 1 of what is not known."""
        return self.kept[users] if len(self.kept) else _ranks(self.taste[users], self.kinds, self.sizes)

    def similarity(self, users: NDArray[np.integer]) -> NDArray[np.float64]:
        """Compare some users with all kinds: (len(users), n_kinds) in [0, 1]."""
        return at_ranks(self.levels, self.ranks(users))

    def ranks_at(self, users: NDArray[np.integer], movies: NDArray[np.integer]) -> NDArray[np.int32]:
        """Rank n pairs of a user and a movie, sorted by user: (n,)."""
        found = np.empty(len(users), dtype=np.int32)
        starts, size = starts_of(users, len(self.taste)), rows_at_once(len(self.sizes) * CELL_BYTES)
        blocks = blocks_of(len(self.taste), size)
        for block in steps("comparing genres", blocks, n_blocks(len(self.taste), size)):
            pairs = slice(starts[block.start], starts[block.stop])
            if pairs.start < pairs.stop:
                ranks = self.ranks(np.arange(block.start, block.stop))
                found[pairs] = ranks[users[pairs] - block.start, self.kind[movies[pairs]]]
        return found


def at_ranks(table: NDArray[T], ranks: NDArray[np.int32]) -> NDArray[T]:
    """Look up what each rank is worth: the shape of the ranks."""
    # No rank lies outside of its table; told so, numpy does not ask each of them.
    return table.take(ranks, mode="clip")


def genre_fit(dataset: Dataset, ratings: sparse.csr_array) -> GenreFit:
    """Compare each user's rating-weighted genre profile with every kind of movie.

    The profile of a user is the sum of the genre vectors of the rated movies, each weighted by its rating.
    Similarity is the cosine's mid-rank within the catalogue: 0.7 says that the movie fits the user's taste
    better than 70% of all movies do. That spreads it evenly over [0, 1] for every user, while raw cosines
    crowd between 0.1 and 0.8 and leave fixed thresholds without a bite.

    Where the taste of a user or the genres of a movie are unknown, nothing is for or against the movie: its
    similarity is NEUTRAL. So a newcomer's scores are as high as everybody's are on average, and in the order
    of what else is known of the movies.

    Args:
        dataset: with genres (n_movies, n_genres).
        ratings: (n_users, n_movies) training ratings y.

    """
    of_movie = dataset.genres.toarray().astype(np.float64)
    kinds, kind, sizes = np.unique(of_movie, axis=0, return_inverse=True, return_counts=True)
    taste, sizes = ratings @ of_movie, np.where(kinds.any(axis=1), sizes, 0)
    fit = GenreFit(
        taste=taste,
        kinds=sparse.csr_array(kinds),
        sizes=sizes,
        kind=kind.ravel(),
        kept=np.empty((0, len(kinds)), dtype=np.int32),
    )
    if 4 * len(taste) * len(kinds) > KEPT_BYTES:
        return fit
    blocks = blocks_of(len(taste), rows_at_once(len(kinds) * CELL_BYTES))
    kept = [fit.ranks(np.arange(block.start, block.stop)) for block in blocks]
    return GenreFit(fit.taste, fit.kinds, fit.sizes, fit.kind, np.concatenate([fit.kept, *kept]))


def _ranks(
    taste: NDArray[np.float64], kinds: sparse.csr_array, sizes: NDArray[np.int64]
) -> NDArray[np.int32]:
    """Rank kinds by the cosine of their genres with tastes (n, n_genres): (n, n_kinds)."""
    lengths = np.linalg.norm(taste, axis=1)[:, None] * np.linalg.norm(kinds.toarray(), axis=1)
    # Sparse times dense adds up each user's by itself, in the order of the genres, whoever shares the block.
    products = np.ascontiguousarray((kinds @ taste.T).T)
    known = lengths > 0
    cosine = np.divide(products, lengths, out=np.zeros_like(lengths), where=known)
    return np.where(known, twice_mid_rank(cosine, sizes), np.int32(2 * sizes.sum() + 1))


def twice_mid_rank(values: NDArray[np.float64], weights: NDArray[np.int64]) -> NDArray[np.int32]:
    """Rank each row's values: twice the weight below plus once the weight that ties, itself included.

    Divided by twice the weight of all it is a mid-rank within (0, 1).

    Args:
        values: (n_rows, n_columns) in [0, 1]; ties within 1e-9.
        weights: (n_columns,) how often each column counts.

    Returns:
        (n_rows, n_columns)

    """
    # Value and column in one number: sorting those is many times as fast as sorting places by values.
    digits = len(weights).bit_length()
    keys = np.rint(values * COSINE_STEPS).astype(np.int64) << digits
    keys |= np.arange(len(weights))
    keys.sort(axis=1)
    column = keys & ((1 << digits) - 1)
    keys >>= digits
    ordered = weights.astype(np.int32)[column]
    until = np.cumsum(ordered, axis=1, dtype=np.int32)
    changes = keys[:, 1:] != keys[:, :-1]
    # Of a stretch that ties all lie between the weight before its first and that until its last.
    below = until - ordered
    below[:, 1:] *= changes
    np.maximum.accumulate(below, axis=1, out=below)
    until[:, :-1][~changes] = np.iinfo(np.int32).max
    np.minimum.accumulate(until[:, ::-1], axis=1, out=until[:, ::-1])
    ranks = np.empty_like(until)
    np.put_along_axis(ranks, column, below + until, axis=1)
    return ranks
