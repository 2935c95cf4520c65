"""The parts of a score in words that the user understands whose score it is."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Reason:
    """One part of a score: what it is called in the model, in words, and what it adds."""

    part: str
    words: str
    points: float  # all of a movie's reasons add up to its score before it is clipped to [0, 1]


@dataclass(frozen=True)
class Words:
    """How a part is told: where it speaks for the movie, against it, and to whom nothing is known of."""

    speaks_for: str
    speaks_against: str
    to_a_newcomer: str


WORDS: Mapping[str, Words] = {
    "genre": Words("genres you like", "genres you do not like", "genres, before your taste is known"),
    "genre_boost": Words(
        "very close to the genres you like",
        "far from the genres you like",
        "genres, before your taste is known",
    ),
    "cast": Words(
        "actors of movies you rated", "actors of movies you rated", "actors, before your taste is known"
    ),
    "franchise": Words("of a series you know", "of a series you know", "series, before you rated any"),
    "rating": Words("how high you rate movies", "how low you rate movies", "how high everybody rates movies"),
    "popularity": Words("how popular it is", "how popular it is", "how popular it is"),
    "preference": Words(
        "genres you rate above your mean",
        "genres you rate below your mean",
        "genres, before your taste is known",
    ),
    "prediction": Words("the rating expected of you", "the rating expected of you", "the rating expected"),
    "liked_together": Words(
        "liked by those who like what you like",
        "not liked by those who like what you like",
        "liked together, before you liked any",
    ),
    "liked_next": Words(
        "often liked after what you rated last",
        "seldom liked after what you rated last",
        "liked next, before you rated any",
    ),
}


def reasons_of(parts: Mapping[str, float], *, known: bool) -> tuple[Reason, ...]:
    """Tell the parts of a score, the largest first; those that add nothing are left out.

    Args:
        parts: name of the part to what it adds.
        known: whether there are ratings of the user that the model was fitted on.

    """
    told = [
        Reason(name, _told(name, points, known=known), points) for name, points in parts.items() if points
    ]
    return tuple(sorted(told, key=lambda reason: -reason.points))


def _told(name: str, points: float, *, known: bool) -> str:
    words = WORDS[name]
    if not known:
        return words.to_a_newcomer
    return words.speaks_for if points > 0 else words.speaks_against
