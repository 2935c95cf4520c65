"""A user's own CSV, JSON Lines or Parquet files: ratings and movies, maybe casts."""

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.dataset import Dataset
from pipeline.parameters import InvalidInput, near, nearest, parameter, section
from pipeline.sources.catalogue import FROM_TITLES
from pipeline.sources.content import digest_of
from pipeline.sources.intake import Intake
from pipeline.sources.means import Means
from pipeline.sources.own.chunks import Chunk
from pipeline.sources.own.settings import CastNames, Layout, MovieNames, RatingNames, problems_of_casts
from pipeline.sources.own.tables import read_dataset
from pipeline.sources.readers import reader_for

ENDINGS = (".csv", ".tsv", ".txt", ".jsonl", ".ndjson", ".parquet")
FRAMES = "pipeline.sources.own.frames"  # knows polars
FOLDER = "path must be the folder of your files"


@dataclass(frozen=True, kw_only=True)
class RatingsFile(RatingNames):
    """Where the ratings are."""

    file: str = parameter("ratings.csv", "file in the folder; .csv, .jsonl or .parquet")

    def conflicts(self) -> Iterator[str]:
        yield from super().conflicts()
        yield from _unknown_ending(self.file)


@dataclass(frozen=True, kw_only=True)
class MoviesFile(MovieNames):
    """Where the movies are."""

    file: str = parameter("movies.csv", "file in the folder")

    def conflicts(self) -> Iterator[str]:
        yield from super().conflicts()
        yield from _unknown_ending(self.file)


@dataclass(frozen=True, kw_only=True)
class CastFile(CastNames):
    """Where the casts are."""

    file: str | None = parameter(None, "file in the folder, one actor of one movie a row; null = none")

    def conflicts(self) -> Iterator[str]:
        yield from super().conflicts()
        yield from () if self.file is None else _unknown_ending(self.file)


@dataclass(frozen=True, kw_only=True)
class Csv:
    """Where the files lie, and what their columns mean."""

    path: str | None = parameter(None, "folder of the files")
    ratings: RatingsFile = section(RatingsFile)
    movies: MoviesFile = section(MoviesFile)
    cast: CastFile = section(CastFile)
    scale: float | None = parameter(None, "maximum of the ratings; null = found", low=1e-6, high=1e6)
    franchises_from_titles: bool = parameter(True, FROM_TITLES)

    def conflicts(self) -> Iterator[str]:
        if self.path is None:
            yield f"{FOLDER}, got None"
        elif not _folder(self.path).is_dir():
            yield f"{FOLDER}, got {_folder(self.path)}{_meant(_folder(self.path))}"
        yield from problems_of_casts(self.movies, self.cast.file, "file")


def _unknown_ending(file: str) -> Iterator[str]:
    if not file.lower().endswith(ENDINGS):
        yield f"file must end in one of {', '.join(ENDINGS)}, got {file!r}"


def _folder(path: str) -> Path:
    return Path(path).expanduser().absolute()


def _meant(folder: Path) -> str:
    """Name the folder that probably was meant, or that it is a file."""
    if folder.is_file():
        return f", a file; did you mean {folder.parent}?"
    there = [one.name for one in folder.parent.iterdir()] if folder.parent.is_dir() else []
    return nearest(folder.name, there, f"{folder.parent}/")


def identity(settings: Csv, cache: Path) -> object:
    """Name the columns and the content, wherever it lies."""
    folder = _folder(str(settings.path))
    asked = {"ratings": settings.ratings.file, "movies": settings.movies.file, "cast": settings.cast.file}
    files = {key: name for key, name in asked.items() if name is not None}
    missing = [line for key, name in files.items() for line in _missing(folder, key, name)]
    if missing:
        raise InvalidInput(missing)
    try:
        digests = [digest_of(folder / name, cache) for name in files.values()]
    except OSError as error:
        raise InvalidInput(f"data.path must hold files that can be read, {error}") from error
    return [{**dataclasses.asdict(settings), "path": None}, digests]


def _missing(folder: Path, key: str, place: str) -> Iterator[str]:
    """Say that a file is not there."""
    if not (folder / place).is_file():
        there = [one.name for one in folder.iterdir() if one.is_file()] if folder.is_dir() else []
        meant = near(place, there, f"data.{key}.file=")
        yield f"data.{key}.file must be a file in {folder}, got {place!r}{meant}"


def build(settings: Csv, means: Means) -> tuple[Dataset, Intake]:
    """Read the files.

    Raises:
        InvalidInput: where a file, a column or a value is not as it must be.

    """
    layout = _layout(settings)
    files = Files(_folder(str(settings.path)), reader_for("csv", FRAMES))
    megabytes = (files.folder / layout.ratings_at).stat().st_size / 1e6
    means.announce(f"reading {layout.ratings_at} of {files.folder} ({megabytes:,.1f} MB, once) …")
    try:
        return read_dataset("csv", files, layout, is_ordered=True)
    except OSError as error:
        raise InvalidInput(f"data.path must hold files that can be read, {error}") from error


def _layout(settings: Csv) -> Layout:
    return Layout(
        ratings=settings.ratings,
        ratings_at=settings.ratings.file,
        movies=settings.movies,
        movies_at=settings.movies.file,
        cast=settings.cast,
        cast_at=settings.cast.file,
        scale=settings.scale,
        franchises_from_titles=settings.franchises_from_titles,
    )


@dataclass(frozen=True)
class Files:
    """The files of a folder as tables."""

    folder: Path
    reader: Any  # module that knows polars

    def problems(self, key: str, place: str, columns: dict[str, str]) -> list[str]:
        there = self.reader.columns_of(self.folder / place)
        wrong = {name: column for name, column in columns.items() if there.count(column) != 1}
        return [
            f"data.{key}.{name} must be {_wanted(place, column, there)}" for name, column in wrong.items()
        ]

    def name(self, place: str) -> str:
        return place

    def chunks(self, place: str, columns: Sequence[str]) -> Iterator[Chunk]:
        found: Iterator[Chunk] = self.reader.read_frames(self.folder / place, columns)
        return found


def _wanted(place: str, column: str, there: Sequence[str]) -> str:
    if column in there:
        return f"a column that is there once in {place}, got {column!r}"
    return f"a column of {place}, got {column!r}{near(column, there)}"
