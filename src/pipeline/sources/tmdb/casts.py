"""The casts of The Movies Dataset, as credits.csv lists them.

`read_casts` gives each cast under the movie's TMDB id: actors by their TMDB ids, the first-billed first.
`movies.read_metadata` gives titles, years, genres and collections under the same ids.
"""

import math
from collections.abc import Container
from typing import IO

from pipeline.sources.intake import Tally
from pipeline.sources.literals import literal
from pipeline.sources.tmdb.rows import NOTHING, Row, number_of, read_rows, told


def read_casts(
    file: IO[bytes], name: str, tally: Tally, wanted: Container[str] | None = None
) -> dict[str, tuple[str, ...]]:
    """Read casts by the movies' TMDB ids; a movie without credits has no entry.

    Rows whose id or cast cannot be read are dropped; of several rows of one movie the first counts.

    Args:
        file: at its beginning.
        name: of the file, as a message calls it.
        tally: counts credits, the rows, and cast members: what is read, dropped and mended.
        wanted: TMDB ids of the movies that are there; casts of others are dropped. None for all.

    Raises:
        InvalidInput: where the first row does not name the columns that are needed.

    """
    casts: dict[str, tuple[str, ...]] = {}
    names: dict[str, str] = {}  # one copy of each id
    for row in read_rows(file, name, "id", ("cast",)):
        tally.read("credits")
        movie_id = number_of(row.values["id"])
        why = _unusable(row, movie_id, casts, wanted)
        cast = None if why or movie_id is None else _cast(row, name, tally)
        if movie_id is None or cast is None:
            tally.drop("credits", why or "whose cast cannot be read", told(name, row, _shown(row, why)))
        else:
            casts[movie_id] = tuple(names.setdefault(actor, actor) for actor in cast)
    return casts


def _unusable(
    row: Row, movie_id: str | None, casts: Container[str], wanted: Container[str] | None
) -> str | None:
    """Say why a row is dropped before its cast is looked at."""
    if row.shape in ("short", "long"):
        return "with more or fewer fields than the header"
    if movie_id is None:
        return "whose id is no number"
    if wanted is not None and movie_id not in wanted:
        return "of movies that are not there"
    return "of a movie that has credits already" if movie_id in casts else None


def _shown(row: Row, why: str | None) -> str:
    return row.values["id"] if why else row.values["cast"]


def _cast(row: Row, name: str, tally: Tally) -> list[str] | None:
    """Put a cast in billing order; who has no place in it stands last. None where it cannot be read."""
    text = row.values["cast"]
    if text.strip() in NOTHING:
        return []
    try:
        members = literal(text)
    except ValueError:
        return None
    if not isinstance(members, list):
        return None
    tally.read("cast members", len(members))
    billed: list[tuple[float, int, str]] = []
    for place, member in enumerate(members):
        values = member if isinstance(member, dict) else {}
        actor, order = _person(values.get("id")), _order(values.get("order"))
        if actor is None:
            tally.drop("cast members", "without an id", told(name, row, str(member)))
            continue
        if order == math.inf:
            tally.mend("cast members", "without a billing order, put last", told(name, row, str(member)))
        billed.append((order, place, actor))
    billed.sort()
    return [actor for _, _, actor in billed]


def _person(value: object) -> str | None:
    if type(value) is int:  # the usual case, and the fastest way
        return str(value) if value >= 0 else None
    return number_of(str(value)) if isinstance(value, float | str) else None


def _order(value: object) -> float:
    """Return a place in the billing; infinity for none."""
    if type(value) is int:
        return value
    return value if isinstance(value, float) and not math.isnan(value) else math.inf
