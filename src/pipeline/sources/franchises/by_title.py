"""Franchises that the titles of movies tell, for sources whose movies come without.

Films of a series are known by a number behind its name ("Toy Story 2"), or by a subtitle behind it
("Alien: Resurrection"). What is found is rather too little than too much: "Aliens" and "Batman Returns" say
nothing that "Killers" and "Dave Returns" do not say.
"""

import dataclasses
from collections import Counter
from collections.abc import Iterator, Sequence

from pipeline.sources.assemble import ordered
from pipeline.sources.franchises.following import links_of
from pipeline.sources.franchises.series import Film, Series
from pipeline.sources.intake import Tally
from pipeline.sources.movie import Movie

MOST = 50  # films that titles may put into one franchise; more of them are numbers in place of titles


def with_franchises(movies: Sequence[Movie], tally: Tally | None = None) -> list[Movie]:
    """Give movies that have no collection the one that their titles tell, and note how many there are.

    A film joins the collection of the films that it follows; two collections are never made one. A series
    without a collection is named after its first film. The same title in another year is a remake, and no
    franchise by itself. A movie that stands alone stays without.
    """
    films = _films(movies)
    groups = _Groups([film.movie.collection for film in films])
    for one, other in _links(films):
        groups.join(one, other)
    named = {film.movie.id: name for film, name in zip(films, groups.names(films), strict=True)}
    told = {movie.id: named[movie.id] for movie in movies if movie.collection is None and named[movie.id]}
    films_of = Counter(told.values())
    found = {movie_id: name for movie_id, name in told.items() if films_of[name] <= MOST}
    if tally is not None and found:
        count = len(set(found.values()))
        tally.note(f"{_many(len(found), 'movie')} in {_many(count, 'franchise')} by their titles")
    return [
        dataclasses.replace(movie, collection=found[movie.id]) if movie.id in found else movie
        for movie in movies
    ]


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}{'s' if count != 1 else ''}"


def _films(movies: Sequence[Movie]) -> list[Film]:
    """Put movies in the order of their years, then ids, so that their own order does not matter."""
    by_id = {movie.id: movie for movie in movies}
    in_order = [by_id[str(movie_id)] for movie_id in ordered(by_id)]
    in_order.sort(key=lambda movie: movie.year)
    return [Film.of(number, movie) for number, movie in enumerate(in_order)]


def _links(films: Sequence[Film]) -> Iterator[tuple[int, int]]:
    """Give pairs of films of one franchise, series by series."""
    series: dict[str, Series] = {}
    for film in films:
        for key in film.series:
            series.setdefault(key, Series(key))
    for film in films:
        for key in film.keys & series.keys():
            series[key].add(film)
    for key in sorted(series):
        yield from links_of(series[key])


class _Groups:
    """Films by franchise, joined pair by pair."""

    def __init__(self, collections: Sequence[str | None]) -> None:
        self._parent = list(range(len(collections)))
        self._collection = list(collections)  # of the group that a film leads
        leaders: dict[str, int] = {}
        for film, collection in enumerate(collections):
            if collection is not None:
                self._parent[film] = leaders.setdefault(collection, film)

    def join(self, one: int, other: int) -> None:
        """Make two groups one, unless both are known to be collections of their own; the first film leads."""
        first, second = sorted((self._leader(one), self._leader(other)))
        known = {self._collection[first], self._collection[second]} - {None}
        if first != second and len(known) < 2:
            self._parent[second] = first
            self._collection[first] = next(iter(known), None)

    def names(self, films: Sequence[Film]) -> list[str | None]:
        """Name the group of each film; None for one that is alone."""
        leaders = [self._leader(film) for film in range(len(films))]
        has_others = {leader for film, leader in enumerate(leaders) if film != leader}
        return [
            self._collection[leader] or (_name(films[leader]) if leader in has_others else None)
            for leader in leaders
        ]

    def _leader(self, film: int) -> int:
        while self._parent[film] != film:
            self._parent[film] = self._parent[self._parent[film]]
            film = self._parent[film]
        return film


def _name(film: Film) -> str:
    """Name a franchise after its first film; the id keeps it apart from every other one."""
    return f"{film.movie.title} and what follows it (by title, {film.movie.id})"
