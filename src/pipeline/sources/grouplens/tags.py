"""Tags that users gave movies, as tags.csv of a GroupLens release lists them; many of one are a genre."""

from array import array
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import IO

import numpy as np
from numpy.typing import NDArray

from pipeline.parameters import InvalidInput
from pipeline.sources.assemble import LATEST
from pipeline.sources.grouplens.movie_files import HIGHEST_ID, ID
from pipeline.sources.grouplens.release import TAGS
from pipeline.sources.grouplens.release_rows import is_number, rows_of
from pipeline.sources.intake import Tally
from pipeline.sources.lines import in_column

COLUMNS = ("userId", "movieId", "tag", "timestamp")
NOWHERE = -1  # stands for a movie that is not there, and for a tag without text


@dataclass
class _Given:
    """The tags that were given, 12 bytes each."""

    tags: dict[str, int] = field(default_factory=dict)  # number of each, in lower case
    users: "array[int]" = field(default_factory=lambda: array("i"))
    movies: "array[int]" = field(default_factory=lambda: array("i"))
    numbers: "array[int]" = field(default_factory=lambda: array("i"))

    def number_of(self, tag: str) -> int:
        return self.tags.setdefault(tag, len(self.tags)) if tag else NOWHERE

    def add(self, user: int, movie: int, number: int) -> None:
        self.users.append(user)
        self.movies.append(movie)
        self.numbers.append(number)


class _Once(dict[str, int | None]):
    """What fields say, each of them read once; None for one that is not as it must be."""

    def __init__(self, read: Callable[[str], int | None]) -> None:
        self._read = read

    def __missing__(self, text: str) -> int | None:
        self[text] = found = self._read(text)
        return found


def read_tags(
    file: IO[bytes], place_of: Mapping[str, int], users_needed: int, tally: Tally
) -> dict[int, list[str]]:
    """Return the tags of each movie that enough users gave it, in lower case, by the movie's place.

    "Time  Travel" and "time travel" are one tag; one user counts once, however often they gave it.

    Args:
        file: tags.csv, at its beginning.
        place_of: each movie that is there, by id.
        users_needed: who must have given a movie the tag, 1 at least.
        tally: counts what is read and what is dropped, tags of movies that are not there and empty ones.

    Raises:
        InvalidInput: with file, row and column of the first tag that is not as it must be.

    """
    given = _given(file, place_of, tally)
    names = list(given.tags)
    found: dict[int, list[str]] = {}
    for movie, number in _given_by(given, users_needed):
        found.setdefault(movie, []).append(names[number])
    return {movie: sorted(tags) for movie, tags in found.items()}


def _given(file: IO[bytes], place_of: Mapping[str, int], tally: Tally) -> _Given:
    """Read all rows; each distinct field is looked at once, of a million rows a few ten thousand."""
    given = _Given()
    users = _Once(lambda text: int(text) if is_number(text, HIGHEST_ID) else None)
    movies = _Once(
        lambda text: place_of.get(str(int(text)), NOWHERE) if is_number(text, HIGHEST_ID) else None
    )
    tags = _Once(lambda text: given.number_of(" ".join(text.lower().split())))
    n_rows = 0
    for row, (user, movie, text, time) in rows_of(file, TAGS, COLUMNS):
        n_rows += 1
        number, place, tag = users[user], movies[movie], tags[text]
        if number is None or place is None or tag is None or not is_number(time, LATEST):
            raise _complaint(row, user, movie, time)
        if place == NOWHERE:
            tally.drop("tags", "of movies that are not there", f"{TAGS}, row {row}: movie {movie}")
        elif tag == NOWHERE:
            tally.drop("tags", "without text", f"{TAGS}, row {row}: {text!r}")
        else:
            given.add(number, place, tag)
    tally.read("tags", n_rows)
    return given


def _complaint(row: int, user: str, movie: str, time: str) -> InvalidInput:
    for column, number in ((COLUMNS[0], user), (COLUMNS[1], movie)):
        if not is_number(number, HIGHEST_ID):
            return in_column(TAGS, row, column, ID, number)
    return in_column(TAGS, row, COLUMNS[3], f"be whole seconds since 1970, 0 to {LATEST}", time)


def _given_by(given: _Given, users_needed: int) -> list[tuple[int, int]]:
    """Return the pairs of movie and tag that so many users gave, one user counted once."""
    if not given.users:
        return []
    rows = np.array([np.asarray(column) for column in (given.movies, given.numbers, given.users)])
    rows = rows[:, np.lexsort(rows[::-1])]
    pairs = rows[:2, _differs(rows)]
    starts = np.flatnonzero(_differs(pairs))
    users = np.diff(np.append(starts, pairs.shape[1]))
    return [(movie, number) for movie, number in pairs[:, starts[users >= users_needed]].T.tolist()]


def _differs(columns: NDArray[np.integer]) -> NDArray[np.bool_]:
    """Mark each column (n,) of sorted ones that is not the same as the one before it."""
    return np.append(True, (columns[:, 1:] != columns[:, :-1]).any(axis=0))
