"""A GroupLens release on disk, a folder or a zip file, recognised by the files that it holds."""

import lzma
import zipfile
import zlib
from collections.abc import Container, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from pipeline.parameters import nearest

# What reading raises where a file may not be read, or a zip file is damaged.
UNREADABLE = (OSError, EOFError, NotImplementedError, zipfile.BadZipFile, zlib.error, lzma.LZMAError)
NAMED = 8  # files that a message names of those that are there


class NotARelease(ValueError):
    """What lies at a path cannot be read as a release; one line that follows the name of the setting."""


@dataclass(frozen=True)
class Layout:
    """How a generation of releases is written."""

    name: str  # of the releases themselves
    ratings: str  # file of ratings, one a row
    movies: str  # file of movies, one a row
    columns: tuple[str, str, str, str]  # of the ratings, as GroupLens names them: user, movie, rating, time
    separator: str  # between the columns of ratings
    has_header: bool


LAYOUTS = (
    Layout("ml-100k", "u.data", "u.item", ("user id", "item id", "rating", "timestamp"), "\t", False),
    Layout(
        "ml-1m, ml-10m",
        "ratings.dat",
        "movies.dat",
        ("UserID", "MovieID", "Rating", "Timestamp"),
        "::",
        False,
    ),
    Layout(
        "ml-latest-small, ml-20m, ml-25m, ml-32m",
        "ratings.csv",
        "movies.csv",
        ("userId", "movieId", "rating", "timestamp"),
        ",",
        True,
    ),
)


LINKS, TAGS = "links.csv", "tags.csv"  # which the later releases have beside ratings and movies


@dataclass(frozen=True)
class Place:
    """A folder, or one of a zip file."""

    path: Path
    folder: str | None  # inside the zip file; None where the path is a folder

    @contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        """Open one of its files for reading.

        Raises:
            NotARelease: where it cannot be opened, or read to the end inside of the `with`.

        """
        try:
            if self.folder is None:
                with (self.path / name).open("rb") as file:
                    yield file
            else:
                with zipfile.ZipFile(self.path) as archive, _member(archive, f"{self.folder}{name}") as file:
                    yield file
        except UNREADABLE as error:
            raise NotARelease(f"must hold files that can be read, {name} in {self.path}: {error}") from error

    def holding(self, names: Sequence[str]) -> list[Path]:
        """List what holds the content of files."""
        return [self.path] if self.folder is not None else [self.path / name for name in names]


@dataclass(frozen=True)
class Release(Place):
    """Where the files are that are read; genome scores and the rest are left alone."""

    layout: Layout
    names: frozenset[str] = frozenset()  # of the files that are there

    def has(self, name: str) -> bool:
        """Say whether a file is there that only later releases have."""
        return name in self.names and self.layout.has_header


def recognised(text: str) -> Release:
    """Find the release at a path, relative to where the command is typed; ~ is the home folder.

    Raises:
        NotARelease: where there is nothing, or not exactly one release.

    """
    path, folders = listed(text, _expected())
    found = [
        Release(path, folder if path.is_file() else None, layout, frozenset(names))
        for folder, names in folders.items()
        for layout in LAYOUTS
        if {layout.ratings, layout.movies} <= names
    ]
    if len(found) != 1:
        raise NotARelease(_not_one(path, found, folders))
    return found[0]


def listed(text: str, expected: Container[str]) -> tuple[Path, Mapping[str, set[str]]]:
    """List names of files at a path by folder: all folders of a zip file ("ml-1m/"), of a folder itself ("").

    Args:
        text: path, relative to where the command is typed; ~ is the home folder.
        expected: names of files; a path to one of them probably means its folder.

    Raises:
        NotARelease: where there is no folder and no zip file.

    """
    path = Path(text).expanduser().absolute()
    try:
        if not path.exists():
            raise NotARelease(f"must be a folder or zip file that exists, got {path}{_meant(path)}")
        return path, _listed(path, expected)
    except UNREADABLE as error:
        raise NotARelease(f"must be a folder or zip file that can be read, {path}: {error}") from error


def _member(archive: zipfile.ZipFile, name: str) -> IO[bytes]:
    """Open a file of a zip file, unless it is encrypted or packed in a way that Python does not know."""
    try:
        return archive.open(name)
    except RuntimeError as error:
        raise zipfile.BadZipFile(str(error)) from error


def _listed(path: Path, expected: Container[str]) -> Mapping[str, set[str]]:
    if path.is_dir():
        return {"": {f"{one.name}/" if one.is_dir() else one.name for one in path.iterdir()}}
    if not zipfile.is_zipfile(path):
        meant = f"; did you mean {path.parent}?" if path.name in expected else ""
        raise NotARelease(f"must be a folder or zip file, {path} is neither{meant}")
    with zipfile.ZipFile(path) as archive:
        members = [PurePosixPath(name) for name in archive.namelist() if not name.endswith("/")]
    folders: dict[str, set[str]] = {}
    for member in members:
        inside = "" if member.parent == PurePosixPath(".") else f"{member.parent}/"
        folders.setdefault(inside, set()).add(member.name)
    return folders


def _meant(path: Path) -> str:
    """Name what probably was meant: like the first part of the path that is not there."""
    missing = next(part for part in (*reversed(path.parents), path) if not part.exists())
    there = [one.name for one in missing.parent.iterdir()] if missing.parent.is_dir() else []
    return nearest(missing.name, there, f"{missing.parent}/")


def _expected() -> list[str]:
    return [name for layout in LAYOUTS for name in (layout.ratings, layout.movies)]


def _not_one(path: Path, found: list[Release], folders: Mapping[str, set[str]]) -> str:
    pairs = [f"{layout.ratings} and {layout.movies} ({layout.name})" for layout in LAYOUTS]
    must = f"must hold the files of one GroupLens release: {', or '.join(pairs)}; {path} holds"
    if found:
        return f"{must} {' and '.join((one.folder or '') + one.layout.ratings for one in found)}"
    names = sorted(f"{folder}{name}" for folder, inside in folders.items() for name in inside)
    listed = ", ".join(names[:NAMED]) + (", …" if len(names) > NAMED else "")
    inside = {PurePosixPath(name).name for name in names}
    similar = (nearest(name, set(_expected()) - inside) for name in sorted(inside - set(_expected())))
    return f"{must} {listed or 'nothing'}{next(filter(None, similar), '')}"
