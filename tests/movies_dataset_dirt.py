"""The known dirt of The Movies Dataset, put into the rows of a dataset without changing what they say."""

import ast
from collections.abc import Sequence
from pathlib import Path

from movies_dataset_folders import FAR, METADATA, Line, broken, credit, film, rows_of, write_folder

from pipeline.dataset import Dataset

DROPPED = {
    ("movies", "whose id is no number"): 3,
    ("movies", "with more fields than the header"): 1,
    ("movies", "listed again under one id"): 2,
    ("credits", "whose id is no number"): 1,
    ("credits", "of movies that are not there"): 2,
    ("credits", "whose cast cannot be read"): 1,
    ("credits", "of a movie that has credits already"): 1,
    ("credits", "with more or fewer fields than the header"): 1,
    ("cast members", "without an id"): 1,
    ("links", "without a TMDB id"): 1,
    ("links", "to movies that are not there"): 1,
    ("links", "whose movieId is no number"): 1,
    ("links", "of a MovieLens id that is linked already"): 1,
    ("ratings", "of movies that are not there"): 3,
    ("ratings", "of a movie that the user rated again later"): 1,
}
MENDED = {
    ("movies", "broken over lines"): 1,
    ("movies", "without a title, the original one taken"): 1,
    ("cast members", "without a billing order, put last"): 1,
    ("links", "of several MovieLens ids to one movie"): 1,
}


def write_dirty_movies_dataset(folder: Path, dataset: Dataset, *, seed: int = 0) -> Path:
    """Write a dataset as `write_movies_dataset` does, with the dirt that `DROPPED` and `MENDED` count.

    It takes a dataset of three movies or more, the first with a cast.
    """
    rows = rows_of(dataset, seed)
    links, ratings = _dirty_links(rows.links, rows.ratings)
    return write_folder(folder, _dirty_films(rows.films), _dirty_casts(rows.casts), links, ratings)


def _dirty_films(films: Sequence[Line]) -> list[Line]:
    """Break one row over two lines, take titles away, shift columns and repeat rows."""
    first, second, third = (list(one) for one in films[:3])
    return [
        *(film(f"{year}-08-20", "Shifted") for year in (1997, 2012, 2014)),
        broken(first, "overview"),
        _titled(second, ""),
        _titled(third, ""),
        third,
        *films[3:],
        _titled(third, "Another"),
        [*film(FAR + 1, "Too long"), "more"],
    ]


def _titled(cells: Sequence[object], title: str) -> list[object]:
    place = METADATA.index("title")
    return [*cells[:place], title, *cells[place + 1 :]]


def _dirty_casts(casts: Sequence[Line]) -> list[Line]:
    """Take order and ids away, cut a cast short, repeat rows and name movies that are not there."""
    text, _, movie = casts[0]
    *others, last = ast.literal_eval(str(text))
    unordered = {key: value for key, value in last.items() if key != "order"}
    return [
        ["[{'id': 1, 'order'", "[]", movie],
        credit(movie, [*others, unordered, {"name": "Nobody", "order": 99}]),
        *casts[1:],
        credit(movie, [1]),
        credit("1997-08-20", [1]),
        credit(FAR, [1]),
        credit(FAR + 1, [1]),
        ["[]", FAR],
    ]


def _dirty_links(links: Sequence[Line], ratings: Sequence[Line]) -> tuple[list[Line], list[Line]]:
    """Link a movie twice, rated through both; write ids as pandas does, and link to nothing."""
    user, rated, stars, time = ratings[0]
    twin = 5 * FAR
    dirty = [
        *((ours, imdb, f"{theirs}.0") for ours, imdb, theirs in links),
        (twin, "0000001", int(str(rated)) - FAR),
        (twin + 1, "0000002", ""),
        (twin + 2, "0000003", FAR),
        ("none", "0000004", int(str(rated)) - FAR),
        (twin, "0000001", int(str(rated)) - FAR),
    ]
    earlier = (user, twin, 5.0 if stars == 0.5 else 0.5, int(str(time)) - 1)
    return dirty, [*ratings, earlier, *((user, unknown, 3.0, time) for unknown in (7, twin + 1, twin + 2))]
