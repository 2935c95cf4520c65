"""Which movie of TMDB a movie of MovieLens is, as links.csv of a release or of The Movies Dataset tells."""

from collections.abc import Container
from typing import IO

from pipeline.sources.grouplens.movie_files import HIGHEST_ID
from pipeline.sources.intake import Tally
from pipeline.sources.tmdb.rows import Row, number_of, read_rows, told

TWICE = "of a MovieLens id that is linked already"


def read_links(
    file: IO[bytes], name: str, tally: Tally, wanted: Container[str] | None = None
) -> dict[int, str]:
    """Read the TMDB id of each MovieLens id.

    Links that lead nowhere are dropped; of several of one MovieLens id the first counts. Several MovieLens
    ids may lead to one movie, which is counted as mended.

    Args:
        file: at its beginning.
        name: of the file, as a message calls it.
        tally: counts what is read, dropped and mended.
        wanted: TMDB ids of the movies that are there; links to others are dropped. None for all.

    Raises:
        InvalidInput: where the first row does not name the columns that are needed.

    """
    links: dict[int, str] = {}
    linked: dict[str, int] = {}
    for row in read_rows(file, name, "movieId", ("tmdbId",)):
        tally.read("links")
        ours, theirs = number_of(row.values["movieId"]), number_of(row.values["tmdbId"])
        why = _unusable(row, ours, theirs, links, wanted)
        if why or ours is None or theirs is None:
            example = row.values["tmdbId" if ours else "movieId"] if why != TWICE else str(ours)
            tally.drop("links", why or "", told(name, row, example))
            continue
        if theirs in linked:
            example = f"{ours} and {linked[theirs]} are TMDB's {theirs}"
            tally.mend("links", "of several MovieLens ids to one movie", told(name, row, example))
        links[int(ours)] = theirs
        linked.setdefault(theirs, int(ours))
    return links


def _unusable(
    row: Row, ours: str | None, theirs: str | None, links: Container[int], wanted: Container[str] | None
) -> str | None:
    if row.shape == "long":
        return "with more fields than the header"
    if ours is None or int(ours) > HIGHEST_ID:
        return "whose movieId is no number"
    if theirs is None:
        return "without a TMDB id"
    if wanted is not None and theirs not in wanted:
        return "to movies that are not there"
    return TWICE if int(ours) in links else None
