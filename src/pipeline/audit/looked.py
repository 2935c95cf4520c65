"""What suspicions are drawn from, and the words that they share."""

from dataclasses import dataclass

from pipeline.audit import Audit, moment
from pipeline.audit.counted import Counted
from pipeline.dataset import Dataset
from pipeline.sources.intake import Intake

SEVERAL = 5  # ratings, below which equal ones, or the same raters, are chance


@dataclass(frozen=True)
class Oddity:
    """One thing that may be wrong."""

    kind: str
    said: str
    is_grave: bool = False  # what is learnt of such data, or measured on it, is not to be believed


@dataclass(frozen=True, eq=False)
class Looked:
    """What suspicions are drawn from."""

    counted: Counted
    audit: Audit
    intake: Intake | None  # None of data that was made in memory
    now: int  # seconds since 1970

    @property
    def data(self) -> Dataset:
        return self.counted.dataset


def many(count: int, one: str, several: str) -> str:
    """Count in words that go with the number."""
    return f"{count:,} {one if count == 1 else several}"


def called(data: Dataset, movie: int) -> str:
    """Name a movie by title and id."""
    title, movie_id = str(data.titles[movie]), str(data.movie_ids[movie])
    return f"{title!r} (id {movie_id})" if title else f"movie {movie_id!r}"


def when(seconds: int) -> str:
    """Write a time, however late."""
    return f"{moment(seconds).replace('T', ' ')} UTC"
