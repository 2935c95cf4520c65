"""Casts and collections of The Movies Dataset, for movies of a GroupLens release that are linked to TMDB."""

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path

from pipeline.parameters import nearest
from pipeline.sources.grouplens.release import NotARelease, Place, listed
from pipeline.sources.intake import Tally
from pipeline.sources.movie import Movie
from pipeline.sources.tmdb.casts import read_casts
from pipeline.sources.tmdb.files import CREDITS, METADATA
from pipeline.sources.tmdb.movies import read_metadata

FILES = (METADATA, CREDITS)


def place_of_credits(text: str) -> Place:
    """Find the two files at a path, a folder or a zip file.

    Raises:
        NotARelease: where there is nothing, or not exactly one folder that holds both.

    """
    path, folders = listed(text, FILES)
    found = [folder for folder, names in folders.items() if set(FILES) <= names]
    if len(found) != 1:
        raise NotARelease(_not_one(path, found, folders))
    return Place(path, found[0] if path.is_file() else None)


def _not_one(path: Path, found: Sequence[str], folders: Mapping[str, set[str]]) -> str:
    must = f"must hold {METADATA} and {CREDITS} of The Movies Dataset once; {path}"
    if found:
        return f"{must} has them in {' and '.join(folder or 'the top' for folder in found)}"
    there = {name for names in folders.values() for name in names}
    missing = [name for name in FILES if name not in there]
    similar = next(filter(None, (nearest(name, there) for name in missing)), "")
    return f"{must} lacks {' and '.join(missing)}{similar}" if missing else f"{must} has them in two folders"


def with_credits(
    movies: Sequence[Movie], links: Mapping[str, str], place: Place, tally: Tally
) -> list[Movie]:
    """Give movies the casts, the first-billed first, and the collections of the films that they are.

    Args:
        movies: of the release.
        links: TMDB id of each movie that has one.
        place: where the two files are.
        tally: counts what is read, dropped and mended of the two files, their movies as films.

    Raises:
        NotARelease: where a file cannot be opened or read.
        InvalidInput: where its first row does not name the columns that are needed.

    """
    own = Tally()
    with place.open(METADATA) as file:
        films = read_metadata(file, METADATA, own)
    with place.open(CREDITS) as file:
        casts = read_casts(file, CREDITS, own, set(links.values()))
    tally.add(own.closed(), {"movies": "films"})  # most of them are not of the release
    found = [_with_credits_of(movie, links.get(movie.id, ""), films, casts) for movie in movies]
    cast = sum(bool(movie.cast) for movie in found)
    collected = sum(movie.collection is not None for movie in found)
    tally.note(f"{cast:,} of {len(found):,} movies have a cast in data.credits, {collected:,} a collection")
    return found


def _with_credits_of(
    movie: Movie, film: str, films: Mapping[str, Movie], casts: Mapping[str, Sequence[str]]
) -> Movie:
    collection = films[film].collection if film in films else None
    return dataclasses.replace(movie, cast=casts.get(film, ()), collection=collection)
