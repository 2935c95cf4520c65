"""Ratings of users and movies of any id, gathered part by part and put into a Dataset's order."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.parameters import InvalidInput
from pipeline.sources.assemble import RatingColumns, in_order, joined, ordered, rated_again, shares
from pipeline.sources.coding import Coded, coded
from pipeline.sources.intake import Tally
from pipeline.sources.scale import OffTheScale, scale_of, thumbs


@dataclass(frozen=True, eq=False)
class Part:
    """Some rows of a table of ratings, read and found to be ratings."""

    users: Coded | Sequence[str]  # (n,) ids
    movies: Coded | Sequence[str]  # (n,) ids
    ratings: NDArray[np.float64]  # (n,) in the source's own unit; NaN where a row has none
    times: NDArray[np.int64]  # (n,) seconds since 1970
    first_row: int  # number of the first row in its file or table; 0 where row_of tells
    row_of: Callable[[int], int] | None = None  # number of each row, where they do not follow one another

    def row(self, index: int) -> int:
        """Give the number of a row, as a message names it."""
        return self.first_row + index if self.row_of is None else self.row_of(index)


@dataclass(frozen=True, eq=False)
class Gathered:
    """All ratings of a source, and who gave them."""

    user_ids: NDArray[np.str_]  # (n_users,)
    columns: RatingColumns  # in a Dataset's order
    stars: float  # the scale's maximum


class Gathering:
    """Takes ratings part by part; 24 bytes a rating are held.

    A rating that is missing, or of a movie that the catalogue does not have, is dropped and counted. Of
    several ratings of a movie by one user the latest counts, of one moment the higher, wherever they stand.
    """

    def __init__(self, source: str, movie_of: Mapping[str, int], tally: Tally) -> None:
        """Begin with none.

        Args:
            source: file or table, as a message calls it.
            movie_of: number of each movie of the catalogue by its id.
            tally: counts what is read and what is dropped.

        """
        self._source, self._movie_of, self._tally = source, movie_of, tally
        self._user_of: dict[str, int] = {}
        self._parts: list[RatingColumns] = []
        self._lowest, self._highest = (np.inf, 0), (-np.inf, 0)  # rating, row

    def add(self, part: Part) -> None:
        """Take a part."""
        self._tally.read("ratings", len(part.ratings))
        asked = part.movies if isinstance(part.movies, Coded) else coded(part.movies)
        places = np.array([self._movie_of.get(movie, -1) for movie in asked.values], dtype=np.int32)
        movies = places[asked.codes]
        is_rated, is_known = ~np.isnan(part.ratings), movies >= 0
        self._drop("without a rating", ~is_rated, part, asked)
        self._drop("of movies that are not there", is_rated & ~is_known, part, asked)
        kept = np.flatnonzero(is_rated & is_known)
        if not len(kept):
            return
        self._note_extremes(part, kept)
        users = self._numbered(part.users if isinstance(part.users, Coded) else coded(part.users), kept)
        self._parts.append(RatingColumns(users, movies[kept], part.ratings[kept], part.times[kept]))

    def _numbered(self, users: Coded, kept: NDArray[np.intp]) -> NDArray[np.int32]:
        """Give the number of each kept row's user; who has none gets the next."""
        codes = users.codes[kept]
        number_of = np.full(len(users.values), -1, dtype=np.int32)
        is_there = np.zeros(len(users.values), dtype=np.bool_)
        is_there[codes] = True
        known = self._user_of
        for place in np.flatnonzero(is_there).tolist():
            number_of[place] = known.setdefault(users.values[place], len(known))
        return number_of[codes]

    def _note_extremes(self, part: Part, kept: NDArray[np.intp]) -> None:
        ratings = part.ratings[kept]
        low, high = int(ratings.argmin()), int(ratings.argmax())
        if ratings[low] < self._lowest[0]:
            self._lowest = (float(ratings[low]), part.row(int(kept[low])))
        if ratings[high] > self._highest[0]:
            self._highest = (float(ratings[high]), part.row(int(kept[high])))

    def finished(self, scale: float | None = None) -> Gathered:
        """Put all ratings in order.

        Args:
            scale: its maximum; None to find it.

        Raises:
            InvalidInput: where there are no ratings, or one lies outside of the scale.

        """
        whole = self._whole()
        if not len(whole.users):
            raise InvalidInput(f"{self._source} must hold ratings of movies that are there, got none")
        user_ids = ordered(self._user_of)
        rank = np.empty(len(user_ids), dtype=np.int32)
        rank[[self._user_of[user_id] for user_id in user_ids.tolist()]] = np.arange(len(user_ids))
        values = thumbs(whole.ratings)
        stars = self._scale(values, scale)
        columns = RatingColumns(rank[whole.users], whole.movies, values / stars, whole.timestamps)
        del whole, values
        latest = latest_of(columns.users, columns.movies, columns.timestamps, columns.ratings, len(user_ids))
        repeated = len(columns.users) - int(latest.sum())
        self._tally.drop("ratings", "of a movie that the user rated again later", count=repeated)
        parts = _by_users(columns, latest, len(user_ids))
        return Gathered(user_ids, in_order(parts, len(columns.users) - repeated), stars)

    def _scale(self, values: NDArray[np.float64], given: float | None) -> float:
        """Return the scale's maximum, or name the row that lies outside of every scale."""
        try:
            return scale_of(float(values.min()), float(values.max()), given)
        except OffTheScale as error:
            _, row = self._lowest if error.is_low else self._highest
            raise InvalidInput(f"{self._source}, row {row}: {error}") from error

    def _whole(self) -> RatingColumns:
        if not self._parts:
            return RatingColumns(
                np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0), np.empty(0, np.int64)
            )
        parts, self._parts = self._parts, []
        return RatingColumns(
            np.concatenate([part.users for part in parts]),
            np.concatenate([part.movies for part in parts]),
            np.concatenate([part.ratings for part in parts]),
            np.concatenate([part.timestamps for part in parts]),
        )

    def _drop(self, why: str, is_dropped: NDArray[np.bool_], part: Part, movies: Coded) -> None:
        count = int(is_dropped.sum())
        if count:
            row = int(is_dropped.argmax())
            movie = movies.values[movies.codes[row]]
            example = f"{self._source}, row {part.row(row)}: movie {movie!r}"
            self._tally.drop("ratings", why, example, count)


def latest_of(
    users: NDArray[np.int32],
    movies: NDArray[np.int32],
    times: NDArray[np.integer],
    ratings: NDArray[Any],
    n_users: int,
) -> NDArray[np.bool_]:
    """Mark (n_ratings,) the last rating of each pair of user and movie, of one moment the higher."""
    is_latest = np.ones(len(users), dtype=np.bool_)
    for rows in rows_by_users(users, n_users):
        again = joined(*rated_again(users[rows], movies[rows]).T)
        if not len(again):
            continue
        pairs = joined(users[rows], movies[rows])
        is_repeated = np.append(again, -1)[np.searchsorted(again, pairs)] == pairs
        few, pairs = rows[is_repeated], pairs[is_repeated]
        order = np.lexsort((ratings[few], times[few], pairs))
        is_followed = pairs[order[1:]] == pairs[order[:-1]]
        is_latest[few[order[:-1][is_followed]]] = False
    return is_latest


def _by_users(columns: RatingColumns, is_kept: NDArray[np.bool_], n_users: int) -> Iterator[RatingColumns]:
    """Take the ratings that are kept apart by users, each part small enough to be put in order."""
    for rows in rows_by_users(columns.users, n_users):
        kept = rows[is_kept[rows]]
        yield RatingColumns(
            columns.users[kept], columns.movies[kept], columns.ratings[kept], columns.timestamps[kept]
        )


def rows_by_users(users: NDArray[np.int32], n_users: int) -> Iterator[NDArray[np.intp]]:
    """Give the rows of shares of the users, one share after the other."""
    counts = np.bincount(users, minlength=n_users)
    starts = np.concatenate(([0], np.cumsum(counts)))
    by_user = np.argsort(users, kind="stable")
    for share in shares(counts):
        yield by_user[starts[share.start] : starts[share.stop]]
