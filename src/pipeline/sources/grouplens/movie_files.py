"""The movies of a GroupLens release: ids, titles, years and genres, from each layout's file."""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.sources.lines import in_column, in_row
from pipeline.sources.titles import title_and_year

HIGHEST_ID = 2**31 - 1
ID = f"be a whole number from 0 to {HIGHEST_ID}"
NO_GENRES = "(no genres listed)"
GENRES_OF_100K = (  # columns 6 to 24 of u.item, as its README lists them
    "unknown", "Action", "Adventure", "Animation", "Children's", "Comedy", "Crime", "Documentary", "Drama",
    "Fantasy", "Film-Noir", "Horror", "Musical", "Mystery", "Romance", "Sci-Fi", "Thriller", "War", "Western",
)  # fmt: skip
BEFORE_GENRES = 5  # columns of u.item: movie id, title, release date, video release date, IMDb URL


@dataclass(frozen=True, eq=False)
class Movies:
    """The movies in the order of their ids."""

    ids: NDArray[np.int64]  # (n_movies,)
    titles: list[str]
    years: list[int]
    genres: list[list[str]]


@dataclass(frozen=True)
class Movie:
    row: int  # of the file
    id: str
    title: str
    genres: list[str]


def read_movies(content: bytes, file: str) -> Movies:
    """Read a file of movies, whose name tells its layout.

    Raises:
        InvalidInput: with file, row and column of the first that is not as it must be.

    """
    id_column, read = READERS[file]
    by_id: dict[int, Movie] = {}
    for movie in read(_text(content), file):
        number = _number(movie, file, id_column)
        if number in by_id:
            must = f"be there once, as in row {by_id[number].row}"
            raise in_column(file, movie.row, id_column, must, movie.id)
        by_id[number] = movie
    ids = sorted(by_id)
    titled = [title_and_year(by_id[number].title) for number in ids]
    return Movies(
        ids=np.array(ids, dtype=np.int64),
        titles=[title for title, _ in titled],
        years=[year for _, year in titled],
        genres=[by_id[number].genres for number in ids],
    )


def _text(content: bytes) -> str:
    """Decode UTF-8, which later releases are, else Latin-1, which the earlier ones are."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _number(movie: Movie, file: str, column: str) -> int:
    is_number = movie.id.isascii() and movie.id.isdecimal() and len(movie.id) <= len(str(HIGHEST_ID))
    if not is_number or int(movie.id) > HIGHEST_ID:
        raise in_column(file, movie.row, column, ID, movie.id)
    return int(movie.id)


def _of_csv(text: str, file: str) -> Iterator[Movie]:
    """Read movieId,title,genres; a title with a comma stands in quotes."""
    reader = csv.reader(io.StringIO(text, newline=""))
    header = ["movieId", "title", "genres"]
    try:
        for fields in reader:
            if reader.line_num == 1:
                if fields != header:
                    raise in_row(file, 1, f"must be {','.join(header)}, got {','.join(fields)[:80]!r}")
                continue
            _check_width(fields, len(header), file, reader.line_num)
            yield Movie(reader.line_num, fields[0], fields[1], _split_genres(fields[2]))
    except csv.Error as error:
        raise in_row(file, reader.line_num, f"must be comma-separated values, {error}") from error


def _of_dat(text: str, file: str) -> Iterator[Movie]:
    """Read MovieID::Title::Genres."""
    for row, fields in _split_lines(text, "::"):
        _check_width(fields, 3, file, row)
        yield Movie(row, fields[0], fields[1], _split_genres(fields[2]))


def _of_100k(text: str, file: str) -> Iterator[Movie]:
    """Read 24 columns, of which the last 19 are 1 where the movie has the genre."""
    for row, fields in _split_lines(text, "|"):
        _check_width(fields, BEFORE_GENRES + len(GENRES_OF_100K), file, row)
        flags = dict(zip(GENRES_OF_100K, fields[BEFORE_GENRES:], strict=True))
        for name, flag in flags.items():
            if flag not in {"0", "1"}:
                raise in_column(file, row, name, "be 0 or 1", flag)
        genres = [name for name, flag in flags.items() if flag == "1"]
        yield Movie(row, fields[0], fields[1], genres)


def _split_lines(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Number the lines from 1 and take them apart; empty ones at the end are none."""
    lines = text.rstrip("\r\n").split("\n")
    for row, line in enumerate(lines if lines != [""] else [], start=1):
        yield row, line.removesuffix("\r").split(separator)


def _check_width(fields: Sequence[str], width: int, file: str, row: int) -> None:
    if len(fields) != width:
        raise in_row(file, row, f"must have {width} columns, got {len(fields)}")


def _split_genres(text: str) -> list[str]:
    return [] if text in {"", NO_GENRES} else text.split("|")


READERS: dict[str, tuple[str, Callable[[str, str], Iterator[Movie]]]] = {
    "u.item": ("movie id", _of_100k),
    "movies.dat": ("MovieID", _of_dat),
    "movies.csv": ("movieId", _of_csv),
}
