"""What a source knows of a movie, before its movies are numbered and laid out."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Movie:
    """What a source knows of a movie."""

    id: str
    title: str = ""
    year: int = 0  # 0 where unknown
    genres: Sequence[str] = ()
    # Actors by id or name, the first-billed first; one named twice keeps the first place.
    cast: Sequence[str] = ()
    collection: str | None = None  # franchise by id or name
