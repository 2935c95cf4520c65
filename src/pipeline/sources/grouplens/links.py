"""Which film of TMDB each movie of a GroupLens release is, as its links.csv tells."""

from collections import Counter
from collections.abc import Container, Iterator
from dataclasses import dataclass
from typing import IO

from pipeline.sources.grouplens.movie_files import HIGHEST_ID, ID
from pipeline.sources.grouplens.release import LINKS
from pipeline.sources.grouplens.release_rows import is_number, rows_of
from pipeline.sources.intake import Tally
from pipeline.sources.lines import in_column

COLUMNS = ("movieId", "imdbId", "tmdbId")
NAMED = 3  # films that a note names


@dataclass(frozen=True)
class Link:
    row: int  # of the file
    movie: str  # id, as the movies have it
    tmdb: str  # id; empty where TMDB does not have the film


def read_links(file: IO[bytes], movie_ids: Container[str], tally: Tally) -> dict[str, str]:
    """Read the TMDB id of each movie that has one.

    Links of movies that the release does not list are dropped. Two movies with one TMDB id are noted: they
    are likely the same film twice.

    Args:
        file: links.csv, at its beginning.
        movie_ids: of the movies that are there.
        tally: counts what is read and what is dropped.

    Raises:
        InvalidInput: with file, row and column of the first link that is not as it must be.

    """
    found: dict[str, Link] = {}
    for link in _links(file):
        if link.movie in found:
            must = f"be there once, as in row {found[link.movie].row}"
            raise in_column(LINKS, link.row, COLUMNS[0], must, link.movie)
        found[link.movie] = link
    tally.read("links", len(found))
    unknown = [link for link in found.values() if link.movie not in movie_ids]
    for link in unknown:
        tally.drop("links", "of movies that are not there", f"{LINKS}, row {link.row}: movie {link.movie}")
    links = {link.movie: link.tmdb for link in found.values() if link.tmdb and link.movie in movie_ids}
    _note_films_that_are_there_twice(links, tally)
    return links


def _links(file: IO[bytes]) -> Iterator[Link]:
    for row, (movie, imdb, tmdb) in rows_of(file, LINKS, COLUMNS):
        if not is_number(movie, HIGHEST_ID):
            raise in_column(LINKS, row, COLUMNS[0], ID, movie)
        for column, text in zip(COLUMNS[1:], (imdb, tmdb), strict=True):
            if text and not is_number(text, HIGHEST_ID):
                raise in_column(LINKS, row, column, f"{ID}, or empty", text)
        yield Link(row, str(int(movie)), str(int(tmdb)) if tmdb else "")


def _note_films_that_are_there_twice(links: dict[str, str], tally: Tally) -> None:
    times = Counter(links.values())
    several: dict[str, list[str]] = {}
    for movie, film in links.items():
        if times[film] > 1:
            several.setdefault(film, []).append(movie)
    if several:
        told = [f"{' and '.join(movies)} are {film}" for film, movies in list(several.items())[:NAMED]]
        more = ", …" if len(several) > NAMED else ""
        movies = sum(map(len, several.values()))
        tally.note(
            f"{movies:,} movies share {len(several):,} TMDB ids in {LINKS}, likely films listed twice: "
            f"{', '.join(told)}{more}"
        )
