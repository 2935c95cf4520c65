"""MovieLens-100K, with casts and sequels from Freebase, as the RecBole 1.2.1 wheel ships it."""

import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from pipeline.dataset import Dataset
from pipeline.parameters import InvalidInput
from pipeline.sources.assemble import (
    billing_matrix,
    distinct,
    franchise_numbers,
    genre_matrix,
    numbers,
    ordered,
    rating_order,
)
from pipeline.sources.fetch import movielens_wheel
from pipeline.sources.intake import Intake
from pipeline.sources.means import Means

STARS = 5.0
FOLDER = "recbole/dataset_example/ml-100k"
SEQUELS = ("film.film.sequel", "film.film.prequel")
NOTES = (
    "casts and franchises come from a file that links most movies to another film",
    "there is no billing order: a cast is ranked by its actors' film counts",
)


@dataclass(frozen=True, kw_only=True)
class MovieLens100K:
    """The data set is what it is: there is nothing to set."""

    def conflicts(self) -> Iterator[str]:
        return iter(())


@dataclass(frozen=True)
class Files:
    """The rows of each file, header left out."""

    ratings: list[list[str]]  # user, movie, stars, seconds since 1970
    movies: list[list[str]]  # movie, title, year, genres with a space between
    links: list[list[str]]  # movie, Freebase entity
    graph: list[list[str]]  # head entity, relation, tail entity


def build(_settings: MovieLens100K, means: Means) -> tuple[Dataset, Intake]:
    with zipfile.ZipFile(movielens_wheel(means.cache, means.announce)) as wheel:
        files = read_files(wheel)
    read = {"ratings": len(files.ratings), "movies": len(files.movies)}
    return parse(files), Intake(read, notes=NOTES)


def read_files(wheel: zipfile.ZipFile) -> Files:
    return Files(*(_rows(wheel, ending) for ending in ("inter", "item", "link", "kg")))


def _rows(wheel: zipfile.ZipFile, ending: str) -> list[list[str]]:
    text = wheel.read(f"{FOLDER}/ml-100k.{ending}").decode("utf-8")
    return [line.split("\t") for line in text.split("\n")[1:] if line]


def parse(files: Files) -> Dataset:
    """Make the dataset of the files' rows.

    The graph has no billing order: a film's cast is ranked by the number of catalogue films of the actor,
    descending, ties by actor id.

    The .link file is followed as it stands, and it is wrong (RUCAIBox/RecSysDatasets#130): its numbers are
    those of MovieLens' later releases, so that most movies get the cast and the franchise of another film.
    313 is Titanic here, yet is linked to The Swan Princess, which is 313 there.

    Raises:
        InvalidInput: where a user rated a movie twice.

    """
    user_ids = ordered(row[0] for row in files.ratings)
    movie_ids = ordered(row[0] for row in files.movies)
    movie_of = numbers(movie_ids)
    catalogue = sorted(files.movies, key=lambda row: movie_of[row[0]])
    titled = [title_and_year(title, year) for _, title, year, _ in catalogue]
    genre_names, genres = genre_matrix([row[3].split() for row in catalogue])
    film_of = {entity: movie_of[movie] for movie, entity in files.links if movie in movie_of}
    users, movies, stars, times = _rating_columns(files.ratings, numbers(user_ids), movie_of)
    return Dataset(
        name="movielens_100k",
        users=users,
        movies=movies,
        ratings=stars / STARS,
        timestamps=times,
        stars=STARS,
        user_ids=user_ids,
        movie_ids=movie_ids,
        titles=np.array([title for title, _ in titled], dtype=np.str_),
        years=np.array([year for _, year in titled], dtype=np.int32),
        genre_names=genre_names,
        genres=genres,
        billing=_billing(files.graph, film_of, len(movie_ids)),
        franchises=_franchises(files.graph, film_of, len(movie_ids)),
    )


def title_and_year(title: str, year: str) -> tuple[str, int]:
    """Mend the two rows of the file that carry no year: `unkonwn, unkonwn` and `Land Before … (1995), V`."""
    if title == "unkonwn":
        return "unknown", 0
    misplaced = re.fullmatch(r"(.+) \((\d{4})\)", title)
    if not year.isdecimal() and misplaced:
        return misplaced[1], int(misplaced[2])
    return title, int(year) if year.isdecimal() else 0


def _rating_columns(
    rows: Sequence[Sequence[str]], user_of: dict[str, int], movie_of: dict[str, int]
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float64], NDArray[np.int64]]:
    """Return user, movie, stars and time of each rating, in the order of a Dataset."""
    users = np.array([user_of[row[0]] for row in rows], dtype=np.int32)
    movies = np.array([movie_of[row[1]] for row in rows], dtype=np.int32)
    stars = np.array([float(row[2]) for row in rows])
    times = np.array([int(float(row[3])) for row in rows], dtype=np.int64)
    repeated = len(rows) - len(distinct(users.astype(np.int64) * len(movie_of) + movies))
    if repeated:
        raise InvalidInput(f"a user may rate a movie once, got {repeated} repeated ratings in ml-100k.inter")
    order = rating_order(users, movies, times)
    return users[order], movies[order], stars[order], times[order]


def _billing(graph: Sequence[Sequence[str]], film_of: dict[str, int], n_movies: int) -> sparse.csr_array:
    """Return the casts (n_movies, n_actors), busiest actor of the catalogue first."""
    credited = sorted(
        {
            (film_of[head], tail)
            for head, relation, tail in graph
            if relation == "film.film.actor" and head in film_of
        }
    )
    actor_ids, actors = np.unique([actor for _, actor in credited], return_inverse=True)
    movies = np.array([movie for movie, _ in credited], dtype=np.int64)
    films = np.bincount(actors, minlength=len(actor_ids))
    order = np.lexsort((actors, -films[actors]))
    return billing_matrix(movies[order], actors[order], (n_movies, len(actor_ids)))


def _franchises(graph: Sequence[Sequence[str]], film_of: dict[str, int], n_movies: int) -> NDArray[np.int32]:
    """Number the connected components over sequels and prequels, films outside the catalogue included."""
    pairs = [(head, tail) for head, relation, tail in graph if relation in SEQUELS]
    films, ends = np.unique(np.array(pairs, dtype=np.str_).reshape(-1, 2), return_inverse=True)
    heads, tails = ends.reshape(-1, 2).T
    shape = (len(films), len(films))
    edges = sparse.coo_array((np.ones(len(heads)), (heads, tails)), shape=shape)
    _, component = sparse.csgraph.connected_components(edges, directed=False)
    groups = np.full(n_movies, -1, dtype=np.int64)
    for film, number in zip(films, component, strict=True):
        if film in film_of:
            groups[film_of[film]] = number
    return franchise_numbers(groups)
