"""A user's own database, SQLite or PostgreSQL: movies, casts and ratings as they are at this moment."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.dataset import Dataset
from pipeline.parameters import InvalidInput, parameter, section
from pipeline.sources.catalogue import FROM_TITLES
from pipeline.sources.intake import Intake
from pipeline.sources.means import Means, Tables
from pipeline.sources.own.chunks import Chunk, Listed
from pipeline.sources.own.settings import CastNames, Layout, MovieNames, RatingNames, problems_of_casts
from pipeline.sources.own.tables import read_dataset


@dataclass(frozen=True, kw_only=True)
class RatingsTable(RatingNames):
    """Where the ratings are."""

    table: str = parameter("ratings", "table or view, schema.table too")

    def conflicts(self) -> Iterator[str]:
        yield from super().conflicts()
        yield from _nameless(self.table)


@dataclass(frozen=True, kw_only=True)
class MoviesTable(MovieNames):
    """Where the movies are."""

    table: str = parameter("movies", "table or view")

    def conflicts(self) -> Iterator[str]:
        yield from super().conflicts()
        yield from _nameless(self.table)


@dataclass(frozen=True, kw_only=True)
class CastTable(CastNames):
    """Where the casts are."""

    table: str | None = parameter(None, "table or view, one actor of one movie a row; null = none")

    def conflicts(self) -> Iterator[str]:
        yield from super().conflicts()
        yield from () if self.table is None else _nameless(self.table)


@dataclass(frozen=True, kw_only=True)
class Sql:
    """Where the database is, and what its columns mean."""

    url: str | None = parameter(None, "of the database; it is only read")
    ratings: RatingsTable = section(RatingsTable)
    movies: MoviesTable = section(MoviesTable)
    cast: CastTable = section(CastTable)
    scale: float | None = parameter(None, "maximum of the ratings; null = found", low=1e-6, high=1e6)
    franchises_from_titles: bool = parameter(True, FROM_TITLES)

    def conflicts(self) -> Iterator[str]:
        if not self.url:
            yield f"url must be a database URL such as sqlite:///movies.db, got {self.url!r}"
        yield from problems_of_casts(self.movies, self.cast.table, "table")


def _nameless(table: str) -> Iterator[str]:
    if not table.strip():
        yield f"table must be a name, got {table!r}"


def build(settings: Sql, means: Means) -> tuple[Dataset, Intake]:
    """Read the tables, all of them as they are at one moment.

    Raises:
        InvalidInput: where the database, a table, a column or a value is not as it must be.

    """
    if means.open_tables is None:
        raise InvalidInput("data=sql must be read where a database can be opened")
    layout = Layout(
        ratings=settings.ratings,
        ratings_at=settings.ratings.table,
        movies=settings.movies,
        movies_at=settings.movies.table,
        cast=settings.cast,
        cast_at=settings.cast.table,
        scale=settings.scale,
        franchises_from_titles=settings.franchises_from_titles,
    )
    means.announce(f"reading table {layout.ratings_at} of the database …")
    with means.open_tables(str(settings.url)) as tables:
        return read_dataset("sql", OwnTables(tables), layout, is_ordered=False)


@dataclass(frozen=True)
class OwnTables:
    """The tables of a database."""

    tables: Tables

    def problems(self, key: str, place: str, columns: dict[str, str]) -> list[str]:
        return self.tables.problems(f"data.{key}", place, columns)

    def name(self, place: str) -> str:
        return f"table {place}"

    def chunks(self, place: str, columns: Sequence[str]) -> Iterator[Chunk]:
        wanted = list(dict.fromkeys(columns))
        first_row = 1
        for rows in self.tables.rows(place, wanted):
            values = zip(*rows, strict=True)
            yield Listed(dict(zip(wanted, values, strict=True)), first_row, len(rows))
            first_row += len(rows)
