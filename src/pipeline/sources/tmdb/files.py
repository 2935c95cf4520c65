"""The files of The Movies Dataset, found in a folder or in the zip file that Kaggle packs."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from pipeline.parameters import nearest
from pipeline.sources.grouplens.release import Layout, NotARelease, Release, listed

METADATA = "movies_metadata.csv"
CREDITS = "credits.csv"
RATINGS = ("ratings.csv", "ratings_small.csv")
LINKS = ("links.csv", "links_small.csv")
NEEDED = ((METADATA,), (CREDITS,), LINKS, RATINGS)  # one of each
MUST = ", ".join(" or ".join(names) for names in NEEDED)
COLUMNS = ("userId", "movieId", "rating", "timestamp")


@dataclass(frozen=True)
class Files:
    """Where the four files are that are read; keywords and the rest are left alone."""

    release: Release  # opens them; its layout is that of the ratings
    links: str

    @property
    def names(self) -> tuple[str, str, str, str]:
        return METADATA, CREDITS, self.links, self.release.layout.ratings

    @property
    def paths(self) -> list[Path]:
        """List what holds the content."""
        return self.release.holding(self.names)

    def open(self, name: str) -> AbstractContextManager[IO[bytes]]:
        """Open one of the files for reading.

        Raises:
            NotARelease: where it cannot be opened, or read to the end inside of the `with`.

        """
        return self.release.open(name)


def find_files(text: str, small: bool) -> Files:
    """Find the files at a path, relative to where the command is typed; ~ is the home folder.

    Args:
        text: path of a folder or zip file.
        small: take the small files of links and ratings where both are there; one that is alone is taken.

    Raises:
        NotARelease: where there is nothing, or not exactly one folder with all that is needed.

    """
    path, folders = listed(text, {name for names in NEEDED for name in names})
    whole = [folder for folder, there in folders.items() if not _missing(there)]
    if len(whole) != 1:
        raise NotARelease(_not_one(path, whole, list(folders.values())))
    there = folders[whole[0]]
    links, ratings = (_chosen(names, there, small) for names in (LINKS, RATINGS))
    layout = Layout("The Movies Dataset", ratings, METADATA, COLUMNS, ",", has_header=True)
    return Files(Release(path, whole[0] if path.is_file() else None, layout), links)


def _chosen(names: tuple[str, str], there: set[str], small: bool) -> str:
    preferred, other = reversed(names) if small else names
    return preferred if preferred in there else other


def _missing(there: set[str]) -> list[tuple[str, ...]]:
    return [names for names in NEEDED if not there & set(names)]


def _not_one(path: Path, whole: Sequence[str], folders: Sequence[set[str]]) -> str:
    must = f"must hold the files of The Movies Dataset once: {MUST}; {path}"
    if whole:
        return f"{must} has them in {' and '.join(folder or 'the top' for folder in whole)}"
    there = min(folders, key=lambda names: len(_missing(names)), default=set())
    missing = _missing(there)
    others = there - {name for names in NEEDED for name in names}
    similar = (nearest(name, others) for names in missing for name in names)
    lacks = ", ".join(" or ".join(names) for names in missing)
    return f"{must} lacks {lacks}{next(filter(None, similar), '')}"
