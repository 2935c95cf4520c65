"""Which columns of a user's own tables hold what; the same words for files and for databases."""

from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.parameters import parameter


@dataclass(frozen=True, kw_only=True)
class RatingNames:
    """Columns of the table of ratings."""

    user: str | None = parameter("user_id", "column; null = all ratings are of one user")
    movie: str = parameter("movie_id", "column, of ids as in the table of movies")
    rating: str = parameter("rating", "column of numbers, true/false or up/down; empty = not rated")
    timestamp: str | None = parameter("timestamp", "column of seconds since 1970 or dates; null = none")

    @property
    def columns(self) -> dict[str, str]:
        """Give the names of the columns that are there, by their key."""
        return _given(user=self.user, movie=self.movie, rating=self.rating, timestamp=self.timestamp)

    def conflicts(self) -> Iterator[str]:
        return _empty(self.columns)


@dataclass(frozen=True, kw_only=True)
class MovieNames:
    """Columns of the table of movies; null = not known."""

    id: str = parameter("movie_id", "column of ids, each once")
    title: str | None = parameter("title", "column")
    year: str | None = parameter(None, "column; null = taken off the title, as in Heat (1995)")
    genres: str | None = parameter("genres", "column of names between separators, or of lists")
    separator: str = parameter("|", "between genres")
    cast: str | None = parameter(None, "column of all names of a movie, the first-billed first")
    collection: str | None = parameter(None, "column that names the franchise")

    @property
    def columns(self) -> dict[str, str]:
        """Give the names of the columns that are there, by their key."""
        return _given(
            id=self.id,
            title=self.title,
            year=self.year,
            genres=self.genres,
            cast=self.cast,
            collection=self.collection,
        )

    def conflicts(self) -> Iterator[str]:
        yield from _empty({**self.columns, "separator": self.separator})


@dataclass(frozen=True, kw_only=True)
class CastNames:
    """Columns of the table of casts, one actor of one movie a row."""

    movie: str = parameter("movie_id", "column, of ids as in the table of movies")
    actor: str = parameter("actor_id", "column of ids or names")
    position: str | None = parameter(None, "column of billing positions; null = none")

    @property
    def columns(self) -> dict[str, str]:
        """Give the names of the columns that are there, by their key."""
        return _given(movie=self.movie, actor=self.actor, position=self.position)

    def conflicts(self) -> Iterator[str]:
        return _empty(self.columns)


@dataclass(frozen=True)
class Layout:
    """What to read, and from which tables: files, or tables of a database."""

    ratings: RatingNames
    ratings_at: str
    movies: MovieNames
    movies_at: str
    cast: CastNames
    cast_at: str | None  # None where no table has casts
    scale: float | None
    franchises_from_titles: bool


def problems_of_casts(movies: MovieNames, cast_at: str | None, key: str) -> Iterator[str]:
    """Refuse casts in two places."""
    if cast_at is not None and movies.cast is not None:
        yield f"movies.cast must be null where cast.{key} is given, got {movies.cast!r}"


def _given(**columns: str | None) -> dict[str, str]:
    return {key: column for key, column in columns.items() if column is not None}


def _empty(columns: dict[str, str]) -> Iterator[str]:
    yield from (f"{key} must be a name, got ''" for key, column in columns.items() if not column.strip())
