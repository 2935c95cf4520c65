"""The films whose titles name the same series, and what makes it likely that two of them are related."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from pipeline.sources.franchises.sequels import FREE, Numbered, numbered
from pipeline.sources.movie import Movie
from pipeline.sources.titles import Name, key_of, names_of

LONGEST = 300  # characters of a title that is read
GENERATION = 40  # years after which a name is another film's: Father of the Bride, 1950 and 1995
ALIKE = 0.5  # genres that two films share, of all that either has, where a subtitle alone relates them
ANIMATED, FACTUAL, ANY = "Animation", "Documentary", "Drama"
AND_THE = " and the"  # Harry Potter and the …
DESCRIBES = re.compile(r"[\s:–—-]+(A|An)\s", re.IGNORECASE)  # Killer: A Journal of Murder


@dataclass(frozen=True)
class Head:
    """What stands in front of a subtitle."""

    article: str  # of the whole name
    is_described: bool  # by the subtitle, as films are that stand alone: FairyTale: A True Story


@dataclass(frozen=True, eq=False)
class Film:
    """A movie, and what its names say of series."""

    number: int  # its place among the films, by year
    movie: Movie
    titles: dict[str, str]  # article of each of its names, by key
    numbered: dict[str, Numbered]  # by series
    heads: dict[str, Head]  # by key
    genres: frozenset[str]

    @staticmethod
    def of(number: int, movie: Movie) -> "Film":
        names = names_of(movie.title) if len(movie.title) <= LONGEST else []
        titles = {name.key: name.article for name in names if name.key}
        counted = {one.series: one for name in names for one in numbered(name)}
        heads = {key: head for name in names for key, head in _heads(name) if key not in counted}
        return Film(number, movie, titles, counted, heads, frozenset(movie.genres))

    @property
    def series(self) -> set[str]:
        """Name the series that the film may be a later part of."""
        return {*self.numbered, *self.heads}

    @property
    def keys(self) -> set[str]:
        return {*self.titles, *self.series}

    @property
    def year(self) -> int:
        return self.movie.year


def _heads(name: Name) -> Iterator[tuple[str, Head]]:
    for head in name.heads:
        key = key_of(head)
        if key and key not in FREE:
            yield key, Head(name.article, DESCRIBES.match(name.text, len(head)) is not None)
    if key := _up_to_and_the(name.key):
        yield key, Head(name.article, is_described=False)


def _up_to_and_the(key: str) -> str:
    """Cut "harry potter and the goblet of fire" behind "and the", where two words or more stand in front."""
    before, mark, _ = key.partition(f"{AND_THE} ")
    return f"{before}{AND_THE}" if mark and " " in before else ""


@dataclass(eq=False)
class Series:
    """The films whose titles name a series, each list by year."""

    key: str
    bases: list[Film] = field(default_factory=list)  # of this very title
    counted: list[Film] = field(default_factory=list)  # with a number behind it
    subtitled: list[Film] = field(default_factory=list)  # with a subtitle behind it

    def add(self, film: Film) -> None:
        if self.key in film.numbered:
            self.counted.append(film)
        elif self.key in film.titles:
            self.bases.append(film)
        elif self.key in film.heads:
            self.subtitled.append(film)

    @property
    def is_telling(self) -> bool:
        """Say whether the name is more than one word, which may stand for anything: Killer, Mission."""
        return " " in self.key

    def number_of(self, film: Film) -> float:
        return film.numbered[self.key].number

    def alike(self, one: Film, other: Film) -> bool:
        """Say whether a subtitle may relate two films: most of their genres are the same."""
        if not fit(one, other) or FACTUAL in one.genres | other.genres:
            return False
        if not one.genres or not other.genres:
            return self.is_telling
        shared = one.genres & other.genres
        says_something = self.is_telling or shared != {ANY}
        return says_something and len(shared) >= ALIKE * len(one.genres | other.genres)


def fit(one: Film, other: Film) -> bool:
    """Say whether two films may be of one franchise: both drawn, or both played and of one generation."""
    if one.genres and other.genres and (ANIMATED in one.genres) != (ANIMATED in other.genres):
        return False
    return ANIMATED in one.genres or apart(one, other) < GENERATION


def apart(one: Film, other: Film) -> int:
    """Return the years between two films, 0 where one is unknown."""
    return abs(one.year - other.year) if one.year and other.year else 0
