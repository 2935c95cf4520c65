"""What answers users: a version with its catalogue, by the ids of the source; fast, and flat in memory."""

from collections import OrderedDict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from deployment.catalogue import Catalogue
from deployment.reasons import Reason, reasons_of
from pipeline.fitted import DIGITS, FittedRecommender
from pipeline.ranking import top_movies

# What is kept of users at most, in movies of all of them together: 24 bytes each, 50 MB.
KEPT_MOVIES = 2**21
# Of so many of a user's best movies the parts are kept, too; who asks for more waits for them.
EXPLAINED = 50
# One at a time, of all models of a process: the linear algebra of two at once would get in each other's way.
_COMPUTING = Lock()


@dataclass(frozen=True)
class Recommended:
    """One movie for one user."""

    movie_id: str
    title: str  # empty where unknown
    year: int | None
    score: float  # what ranks, in [0, 1]
    predicted_stars: float  # the rating that is expected
    reasons: tuple[Reason, ...]  # the parts of the score, the largest first


@dataclass(frozen=True)
class Prediction:
    """What a rating is foretold to be, in [0, 1]."""

    expected: float
    answered: float  # what accuracy is measured on


@dataclass(frozen=True, eq=False)
class _Kept:
    """All that is known of one user, by movie or in the order of what is recommended."""

    ranked: NDArray[np.int32]  # (n,) the movies that are not rated, the best first
    scores: NDArray[np.float32]  # (n_movies,)
    expected: NDArray[np.float64]  # (n_movies,) as measured: a float32 of 0.6 is not within 0.2 of 0.4
    answered: NDArray[np.float64]  # (n_movies,)
    parts: Mapping[str, NDArray[np.float64]]  # name of the part to those of the best EXPLAINED


class ServedModel:
    """A model fitted on all ratings and the newcomer; whoever is unknown is answered as the newcomer.

    It may be asked by many threads at once. What it answers depends on the version and the question alone.
    """

    def __init__(self, model: FittedRecommender, catalogue: Catalogue) -> None:
        self.model, self.catalogue = model, catalogue
        self._most = max(16, KEPT_MOVIES // max(1, model.n_movies))
        self._kept: OrderedDict[int, _Kept] = OrderedDict()
        self._looking_up = Lock()

    def knows(self, user_id: str) -> bool:
        """Say whether the model was fitted on ratings of this user."""
        return self._is_known(self._user(user_id))

    def is_at_hand(self, user_id: str, n: int, *, without: Collection[str] = ()) -> bool:
        """Say whether recommending takes no more than looking up, so that it need not wait for a thread."""
        return self._user(user_id) in self._kept and n + len(without) <= EXPLAINED

    def recommended(self, user_id: str, n: int, *, without: Collection[str] = ()) -> list[Recommended]:
        """Recommend the n best movies, the best first; fewer where fewer are left.

        Args:
            user_id: as the source writes it.
            n: how many.
            without: ids of movies to leave out beside those that the model knows the user has rated.

        """
        user = self._user(user_id)
        kept = self._of(user)
        places = list(self._offered(kept, n, without))
        movies = kept.ranked[places]
        reasons = self._reasons(user, kept, places)
        return [self._told(kept, int(movie), told) for movie, told in zip(movies, reasons, strict=True)]

    def position(self, user_id: str, movie_id: str, n: int, *, without: Collection[str] = ()) -> int | None:
        """Return the place of a movie among the n recommended, 1 the best; None where it is not there."""
        movie, kept = self.catalogue.movies.get(movie_id), self._of(self._user(user_id))
        for position, place in enumerate(self._offered(kept, n, without), start=1):
            if kept.ranked[place] == movie:
                return position
        return None

    def predicted(self, user_id: str, movie_id: str) -> Prediction | None:
        """Foretell a rating; None where the model was fitted on it, or does not know the movie."""
        user, movie = self._user(user_id), self.catalogue.movies.get(movie_id)
        if movie is None or movie in self._rated(user):
            return None
        kept = self._of(user)
        return Prediction(float(kept.expected[movie]), float(kept.answered[movie]))

    def _user(self, user_id: str) -> int:
        return self.catalogue.users.get(user_id, self.catalogue.newcomer)

    def _rated(self, user: int) -> NDArray[np.int32]:
        """List the movies that the model was fitted on ratings of."""
        ratings = self.model.features.ratings
        return np.asarray(ratings.indices[ratings.indptr[user] : ratings.indptr[user + 1]])

    def _is_known(self, user: int) -> bool:
        return len(self._rated(user)) > 0

    def _offered(self, kept: _Kept, n: int, without: Collection[str]) -> Iterator[int]:
        """List the places of the n that are recommended in the user's ranking."""
        left_out = {self.catalogue.movies.get(movie_id) for movie_id in without}
        best = kept.ranked[: n + len(left_out)].tolist()
        return islice((place for place, movie in enumerate(best) if movie not in left_out), n)

    def _told(self, kept: _Kept, movie: int, reasons: tuple[Reason, ...]) -> Recommended:
        return Recommended(
            movie_id=str(self.catalogue.movie_ids[movie]),
            title=str(self.catalogue.titles[movie]),
            year=int(self.catalogue.years[movie]) or None,
            score=float(kept.scores[movie]),
            predicted_stars=float(kept.expected[movie]) * self.catalogue.stars,
            reasons=reasons,
        )

    def _of(self, user: int) -> _Kept:
        """Look up what is known of a user, or work it out."""
        with self._looking_up:
            if user in self._kept:
                self._kept.move_to_end(user)
                return self._kept[user]
        with _COMPUTING:
            computed = self._computed(user)
        with self._looking_up:
            self._kept[user] = computed
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return computed

    def _computed(self, user: int) -> _Kept:
        model, users = self.model, np.array([user])
        scores = model.score_block(users)
        predicted = model.rating_block(users, scores)[0].astype(np.float64)
        decided = model.decided(predicted.round(DIGITS))
        # Ranking overwrites the scores of what was rated.
        ranked = top_movies(scores.copy(), model.n_movies, model.features.ratings[users])[0]
        ranked = ranked[ranked >= 0].astype(np.int32)
        return _Kept(
            ranked=ranked,
            scores=scores[0],
            expected=decided.mean,
            answered=decided.answer,
            parts=self._parts(user, ranked[:EXPLAINED]),
        )

    def _reasons(self, user: int, kept: _Kept, places: list[int]) -> list[tuple[Reason, ...]]:
        """Tell the reasons of some places of a user's ranking."""
        parts = kept.parts
        if places and places[-1] >= EXPLAINED:
            with _COMPUTING:
                parts = self._parts(user, kept.ranked)
        known = self._is_known(user)
        return [
            reasons_of({name: float(values[place]) for name, values in parts.items()}, known=known)
            for place in places
        ]

    def _parts(self, user: int, movies: NDArray[np.int32]) -> dict[str, NDArray[np.float64]]:
        """Break the scores of some movies down: name of the part to (len(movies),)."""
        return {name: values[0, movies] for name, values in self.model.parts(np.array([user])).items()}
