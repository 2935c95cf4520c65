"""The movies of a source, their casts and franchises, laid out as the arrays of a Dataset."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from pipeline.dataset import Dataset
from pipeline.sources.assemble import (
    RatingColumns,
    billing_matrix,
    franchise_numbers,
    genre_matrix,
    numbers,
    ordered,
)
from pipeline.sources.franchises.by_title import with_franchises
from pipeline.sources.intake import Tally
from pipeline.sources.movie import Movie

__all__ = ["FROM_TITLES", "Catalogue", "Movie"]

FROM_TITLES = "give movies without a collection the franchise that their titles tell"


@dataclass(frozen=True)
class Catalogue:
    """Movies in the order of a Dataset."""

    movies: Sequence[Movie] = field(repr=False)
    ids: NDArray[np.str_]  # (n_movies,)

    @staticmethod
    def of(
        movies: Sequence[Movie], *, franchises_from_titles: bool = False, tally: Tally | None = None
    ) -> "Catalogue":
        """Put movies, whose ids must differ, in order.

        Args:
            movies: in any order.
            franchises_from_titles: give those that have no collection the one that their titles tell.
            tally: takes a note of how many were found by their titles.

        """
        if franchises_from_titles:
            movies = with_franchises(movies, tally)
        ids = ordered(movie.id for movie in movies)
        by_id = {movie.id: movie for movie in movies}
        return Catalogue([by_id[str(movie_id)] for movie_id in ids], ids)

    def dataset(self, name: str, ratings: RatingColumns, user_ids: NDArray[np.str_], stars: float) -> Dataset:
        """Join the movies with ratings of them.

        Args:
            name: of the source.
            ratings: in a Dataset's order.
            user_ids: (n_users,) as the source writes them.
            stars: the scale's maximum.

        """
        genre_names, genres = genre_matrix([movie.genres for movie in self.movies])
        actors = ordered(actor for movie in self.movies for actor in movie.cast)
        actor_of = numbers(actors)
        credited = np.array(
            [actor_of[actor] for movie in self.movies for actor in movie.cast], dtype=np.int64
        )
        owners = np.repeat(np.arange(len(self.movies)), [len(movie.cast) for movie in self.movies])
        return Dataset(
            name=name,
            users=ratings.users,
            movies=ratings.movies,
            ratings=ratings.ratings,
            timestamps=ratings.timestamps,
            stars=stars,
            user_ids=user_ids,
            movie_ids=self.ids,
            titles=np.array([movie.title for movie in self.movies], dtype=np.str_),
            years=np.array([movie.year for movie in self.movies], dtype=np.int32),
            genre_names=genre_names,
            genres=genres,
            billing=billing_matrix(owners, credited, (len(self.movies), len(actors))),
            franchises=franchise_numbers(self._collections()),
        )

    def _collections(self) -> NDArray[np.int64]:
        """Number the collections (n_movies,), -1 where a movie has none."""
        named = [movie.collection for movie in self.movies]
        number_of = {name: number for number, name in enumerate(dict.fromkeys(named)) if name is not None}
        return np.array([-1 if name is None else number_of[name] for name in named], dtype=np.int64)
