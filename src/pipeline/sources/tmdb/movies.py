"""The movies of The Movies Dataset, as movies_metadata.csv describes them.

`read_metadata` gives each movie under its TMDB id; `casts.read_casts` gives casts under the same ids.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import IO

from pipeline.sources.catalogue import Movie
from pipeline.sources.intake import Tally
from pipeline.sources.literals import literal
from pipeline.sources.tmdb.rows import NOTHING, Row, number_of, read_rows, told

NEEDED = ("title", "release_date", "genres", "belongs_to_collection")
OPTIONAL = ("original_title", "vote_count")
DATE = re.compile(r"(\d{4})(?:\D.*)?", re.ASCII | re.DOTALL)  # 1995-10-30


@dataclass(frozen=True)
class Found:
    """A movie, and what had to be mended to read it."""

    movie: Movie
    row: Row
    mended: tuple[tuple[str, str], ...]  # why, and what stood there

    @property
    def is_complete(self) -> bool:
        return not self.mended


def read_metadata(file: IO[bytes], name: str, tally: Tally) -> dict[str, Movie]:
    """Read the movies by their TMDB ids, without casts.

    A row whose id is no number, or with more fields than the header, is dropped; of several rows of one
    movie the first with nothing to mend counts, else the first.

    Args:
        file: at its beginning.
        name: of the file, as a message calls it.
        tally: counts what is read, dropped and mended.

    Raises:
        InvalidInput: where the first row does not name the columns that are needed.

    """
    found: dict[str, Found] = {}
    for row in read_rows(file, name, "id", NEEDED, OPTIONAL):
        tally.read("movies")
        movie_id = number_of(row.values["id"])
        if row.shape == "long":
            tally.drop("movies", "with more fields than the header", told(name, row, row.values["id"]))
        elif movie_id is None:
            tally.drop("movies", "whose id is no number", told(name, row, row.values["id"]))
        elif movie_id not in found:
            found[movie_id] = _found(movie_id, row)
        else:
            _choose(found, _found(movie_id, row))
            tally.drop("movies", "listed again under one id", told(name, row, movie_id))
    _account(found.values(), name, tally)
    return {movie_id: one.movie for movie_id, one in found.items()}


def _choose(found: dict[str, Found], other: Found) -> None:
    if other.is_complete and not found[other.movie.id].is_complete:
        found[other.movie.id] = other


def _account(found: Iterable[Found], name: str, tally: Tally) -> None:
    """Count what is mended in the movies that are kept, and those that nobody voted for."""
    for one in found:
        for why, came in one.mended:
            tally.mend("movies", why, told(name, one.row, came))
    votes = Counter(one.row.values["vote_count"].strip() for one in found)
    unvoted = votes["0"] + votes["0.0"]
    if unvoted:
        tally.note(f"{unvoted:,} movies have no vote on TMDB (vote_count is 0); they are kept")


def _found(movie_id: str, row: Row) -> Found:
    values = row.values
    mended: list[tuple[str, str]] = []
    if row.shape != "whole":
        why = "broken over lines" if row.shape == "joined" else "with fewer fields than the header"
        mended.append((why, values["title"] or values["original_title"]))
    movie = Movie(
        id=movie_id,
        title=_title(values, mended),
        year=_year(values["release_date"], mended),
        genres=_genres(values["genres"], mended),
        collection=_collection(values["belongs_to_collection"], mended),
    )
    return Found(movie, row, tuple(mended))


def _title(values: Mapping[str, str], mended: list[tuple[str, str]]) -> str:
    title, original = values["title"].strip(), values["original_title"].strip()
    if not title:
        mended.append((f"without a title, {'the original one' if original else 'none'} taken", original))
    elif "\ufffd" in title:
        mended.append(("whose title is not UTF-8", title))
    return title or original


def _year(text: str, mended: list[tuple[str, str]]) -> int:
    date = text.strip()
    if date in NOTHING:
        return 0
    found = DATE.fullmatch(date)
    if found is None:
        mended.append(("whose release date cannot be read, none taken", date))
    return int(found[1]) if found else 0


def _genres(text: str, mended: list[tuple[str, str]]) -> tuple[str, ...]:
    if text.strip() in NOTHING:
        return ()
    try:
        listed = literal(text)
        if not isinstance(listed, list):
            raise TypeError("must be a list")
        names = tuple(str(genre["name"]) for genre in listed)
    except (ValueError, TypeError, LookupError):
        mended.append(("whose genres cannot be read, none taken", text))
        return ()
    return names


def _collection(text: str, mended: list[tuple[str, str]]) -> str | None:
    if text.strip() in NOTHING:
        return None
    try:
        described = literal(text)
    except ValueError:
        described = None
    known = described if isinstance(described, dict) else {}
    named = known.get("id", known.get("name"))
    if not isinstance(named, int | str) or isinstance(named, bool):
        mended.append(("whose collection cannot be read, none taken", text))
        return None
    return str(named)
