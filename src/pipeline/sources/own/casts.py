"""Casts from a table of one actor of one movie a row, put into billing order."""

import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from pipeline.sources.assemble import numbers, ordered
from pipeline.sources.intake import Tally
from pipeline.sources.own.chunks import Opened, parsed, parsed_values
from pipeline.sources.own.settings import CastNames
from pipeline.sources.own.values import id_of, position_of

NO_BILLING = "there is no billing order: a cast is ranked by its actors' film counts"
Credit = tuple[float, str]  # billing position, actor
Casts = Mapping[str, Sequence[str]]  # actors of each movie, the first-billed first


def read_casts(
    opened: Opened,
    place: str,
    names: CastNames,
    movie_ids: Collection[str],
    tally: Tally,
    *,
    is_ordered: bool,
) -> Casts:
    """Read the casts of movies.

    A cast is ordered by position, ties by actor. Without positions the order of a file's rows counts; rows
    of a database have none, so that the actors of most films come first, ties by actor.

    Raises:
        InvalidInput: with table, row and column of what is not as it must be.

    """
    found = _credits(opened, place, names, movie_ids, tally)
    if names.position is None and is_ordered:
        return {movie: [actor for _, actor in cast] for movie, cast in found.items()}
    if names.position is None:
        tally.note(NO_BILLING)
        films = Counter(actor for cast in found.values() for actor in {actor for _, actor in cast})
        found = {movie: [(-films[actor], actor) for _, actor in cast] for movie, cast in found.items()}
    rank = numbers(ordered(actor for cast in found.values() for _, actor in cast))
    return {
        movie: [actor for _, actor in sorted(cast, key=lambda credit: (credit[0], rank[credit[1]]))]
        for movie, cast in found.items()
    }


def _credits(
    opened: Opened, place: str, names: CastNames, movie_ids: Collection[str], tally: Tally
) -> dict[str, list[Credit]]:
    """Gather the credits of each movie as they come; those of movies that are not there are left out."""
    name = opened.name(place)
    found: dict[str, list[Credit]] = {}
    for chunk in opened.chunks(place, list(names.columns.values())):
        tally.read("credits", len(chunk))
        movies, actors = (parsed_values(chunk, column, name, id_of) for column in (names.movie, names.actor))
        positions = (
            parsed(chunk, names.position, name, position_of) if names.position else [math.inf] * len(chunk)
        )
        rows = zip(movies.codes.tolist(), actors.codes.tolist(), positions, strict=True)
        for index, (movie_code, actor_code, position) in enumerate(rows):
            movie = movies.values[movie_code]
            if movie in movie_ids:
                found.setdefault(movie, []).append((position, actors.values[actor_code]))
            else:
                example = f"{name}, row {chunk.row(index)}: movie {movie!r}"
                tally.drop("credits", "of movies that are not there", example)
    return found
