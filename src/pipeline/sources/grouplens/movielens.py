"""Any GroupLens release, ml-100k to ml-32m, as a folder or the zip file it comes in."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipeline.dataset import Dataset
from pipeline.parameters import parameter
from pipeline.sources.catalogue import FROM_TITLES
from pipeline.sources.content import digest_of
from pipeline.sources.grouplens.credits import place_of_credits
from pipeline.sources.grouplens.release import LAYOUTS, LINKS, TAGS, NotARelease, Release, recognised
from pipeline.sources.grouplens.released_movies import Told, catalogue_of, readable
from pipeline.sources.intake import Intake, Tally
from pipeline.sources.means import Means
from pipeline.sources.readers import reader_for

RATINGS_READER = "pipeline.sources.grouplens.rating_files"
LATER = LAYOUTS[-1].name  # releases that have links and tags


@dataclass(frozen=True, kw_only=True)
class MovieLens:
    """Where the release lies, and what is made of it; what it is, its files say."""

    path: str | None = parameter(None, "folder or zip file of a GroupLens release")
    franchises_from_titles: bool = parameter(True, FROM_TITLES)
    credits: str | None = parameter(
        None, "folder or zip file of The Movies Dataset, for casts and collections through links.csv"
    )
    tag_users: int | None = parameter(
        None,
        "users who must have given a movie a tag for it to count as a genre; null = tags are not read",
        low=1,
        high=1_000_000,
    )

    def conflicts(self) -> Iterator[str]:
        if self.path is None:
            yield "path must be the folder or zip file of a GroupLens release, got None"
            return
        try:
            release = recognised(self.path)
        except NotARelease as error:
            yield f"path {error}"
            return
        if self.credits is not None:
            yield from _conflicts_of_credits(self.credits, release)
        if self.tag_users is not None and not release.has(TAGS):
            yield f"tag_users must be null without {TAGS} ({LATER} have one), got {self.tag_users}"


def _conflicts_of_credits(path: str, release: Release) -> Iterator[str]:
    if not release.has(LINKS):
        yield f"credits must be null without {LINKS} ({LATER} have one), got {path!r}"
        return
    try:
        place_of_credits(path)
    except NotARelease as error:
        yield f"credits {error}"


def identity(settings: MovieLens, cache: Path) -> object:
    """Name the layout, all content that is read, wherever it lies, and what is made of it."""
    told = _told(settings)
    digests = []
    for key, file in told.files:
        with readable(key):
            digests.append([key, digest_of(file, cache)])
    return [told.release.layout.name, digests, settings.franchises_from_titles, settings.tag_users]


def build(settings: MovieLens, means: Means) -> tuple[Dataset, Intake]:
    """Read movies and ratings, and what else the release and the credits tell of the movies.

    Raises:
        InvalidInput: where a file cannot be read or is not as it must be, with file, row and column.

    """
    told = _told(settings)
    release, reader, tally = told.release, reader_for("movielens", RATINGS_READER), Tally()
    megabytes = sum(file.stat().st_size for _, file in told.files) / 1e6
    means.announce(f"reading {release.layout.ratings} of {release.path} ({megabytes:,.1f} MB, once) …")
    catalogue = catalogue_of(told, tally)
    with readable("data.path"), release.open(release.layout.ratings) as file:
        user_ids, columns = reader.read_ratings(file, release.layout, catalogue.ids.astype(np.int64))
    tally.read("ratings", len(columns.users))
    return catalogue.dataset("movielens", columns, user_ids.astype(np.str_), reader.STARS), tally.closed()


def _told(settings: MovieLens) -> Told:
    with readable("data.path"):
        release = recognised(str(settings.path))
    with readable("data.credits"):
        place = None if settings.credits is None else place_of_credits(settings.credits)
    return Told(release, place, settings.tag_users, settings.franchises_from_titles)
