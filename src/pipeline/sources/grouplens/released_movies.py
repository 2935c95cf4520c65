"""The movies of a GroupLens release with all that is told of them: links, credits, franchises, tags."""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pipeline.parameters import InvalidInput
from pipeline.sources.catalogue import Catalogue
from pipeline.sources.franchises.by_title import with_franchises
from pipeline.sources.grouplens.credits import FILES, with_credits
from pipeline.sources.grouplens.links import read_links
from pipeline.sources.grouplens.movie_files import read_movies
from pipeline.sources.grouplens.release import LINKS, TAGS, NotARelease, Place, Release
from pipeline.sources.grouplens.tags import read_tags
from pipeline.sources.intake import Tally
from pipeline.sources.movie import Movie


@dataclass(frozen=True)
class Told:
    """Where it is told, and what of it is wanted."""

    release: Release
    credits: Place | None = None  # casts and collections
    tag_users: int | None = None  # who must have given a movie a tag; None where tags are not read
    franchises_from_titles: bool = False

    @property
    def files(self) -> list[tuple[str, Path]]:
        """List what holds all content that is read, each with the key that named it."""
        layout = self.release.layout
        names = [layout.ratings, layout.movies]
        names += [LINKS] if self.release.has(LINKS) else []
        names += [TAGS] if self.tag_users is not None else []
        files = [("data.path", file) for file in self.release.holding(names)]
        return files + [
            ("data.credits", file) for file in (self.credits.holding(FILES) if self.credits else ())
        ]


def catalogue_of(told: Told, tally: Tally) -> Catalogue:
    """Read the movies.

    Raises:
        InvalidInput: where a file cannot be read or is not as it must be.

    """
    with readable("data.path"):
        listed = _movies(told.release)
        tally.read("movies", len(listed))
        ids = {movie.id for movie in listed}
        links = _links(told.release, ids, tally)
    if told.credits is not None:
        with readable("data.credits"):
            listed = with_credits(listed, links, told.credits, tally)
    if told.franchises_from_titles:
        listed = with_franchises(listed, tally)  # before tags are genres, which tell films apart here
    if told.tag_users is not None:
        with readable("data.path"):
            listed = _with_tags(listed, told.release, told.tag_users, tally)
    return Catalogue.of(listed)


@contextmanager
def readable(key: str) -> Iterator[None]:
    """Say which key named a file that cannot be read."""
    try:
        yield
    except NotARelease as error:
        raise InvalidInput(f"{key} {error}") from error
    except OSError as error:
        raise InvalidInput(f"{key} must hold files that can be read, {error}") from error


def _movies(release: Release) -> list[Movie]:
    with release.open(release.layout.movies) as file:
        movies = read_movies(file.read(), release.layout.movies)
    rows = zip(movies.ids.tolist(), movies.titles, movies.years, movies.genres, strict=True)
    return [
        Movie(id=str(number), title=title, year=year, genres=genres) for number, title, year, genres in rows
    ]


def _links(release: Release, movie_ids: set[str], tally: Tally) -> dict[str, str]:
    if not release.has(LINKS):
        return {}
    with release.open(LINKS) as file:
        return read_links(file, movie_ids, tally)


def _with_tags(movies: Sequence[Movie], release: Release, users: int, tally: Tally) -> list[Movie]:
    """Add tags to genres; a tag that is a genre but for its capitals is that genre."""
    place_of = {movie.id: place for place, movie in enumerate(movies)}
    with release.open(TAGS) as file:
        tags_of = read_tags(file, place_of, users, tally)
    genre_of = {genre.lower(): genre for movie in movies for genre in movie.genres}
    tagged = [
        dataclasses.replace(movie, genres=_joined(movie.genres, tags_of.get(place, ()), genre_of))
        for place, movie in enumerate(movies)
    ]
    distinct = {tag for tags in tags_of.values() for tag in tags}
    tally.note(
        f"{len(distinct):,} tags of {users:,} users or more count as genres, of {len(tags_of):,} movies"
    )
    return tagged


def _joined(genres: Sequence[str], tags: Sequence[str], genre_of: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*genres, *(genre_of.get(tag, tag) for tag in tags)]))
