"""Movies that may be one movie twice."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from pipeline.audit.looked import SEVERAL, Looked, Oddity, called, many
from pipeline.dataset import Dataset

EXAMPLES = 3  # pairs that are named


def same_titles(looked: Looked) -> Iterator[Oddity]:
    """Suspect movies of one title and year, whatever case it is written in."""
    data = looked.data
    named = np.flatnonzero(data.titles != "")
    texts = np.strings.lower(data.titles[named])
    order = np.lexsort((data.years[named], texts))
    texts, years = texts[order], data.years[named][order]
    again = np.flatnonzero((texts[1:] == texts[:-1]) & (years[1:] == years[:-1]))
    if len(again):
        pairs = np.stack([named[order[again]], named[order[again + 1]]], axis=1)
        said = f"{many(len(again), 'movie has', 'movies have')} title and year of another one"
        yield Oddity("same_titles", f"{said}, such as {_pairs(data, pairs)}: are they one movie?")


def same_raters(looked: Looked) -> Iterator[Oddity]:
    """Sum two random numbers of each rater by movie: equal sums are equal raters."""
    data, counts = looked.data, looked.counted.of_movie
    # Where most users rated a movie, most of them rated another one, too.
    several = np.flatnonzero((counts >= SEVERAL) & (counts < data.n_users / 2))
    draws = np.random.default_rng(0).integers(2**25, size=(2, data.n_users)).astype(np.float64)
    sums = [np.bincount(data.movies, draw[data.users], data.n_movies)[several] for draw in draws]
    order = np.lexsort(sums)
    again = np.flatnonzero(np.logical_and.reduce([one[order[1:]] == one[order[:-1]] for one in sums]))
    if len(again):
        pairs = np.stack([several[order[again]], several[order[again + 1]]], axis=1)
        said = f"{many(len(again), 'movie was', 'movies were')} rated by exactly the users of another one"
        yield Oddity("same_raters", f"{said}, such as {_pairs(data, pairs)}: are they one movie?")


def _pairs(data: Dataset, pairs: NDArray[np.intp]) -> str:
    """Name the first few pairs of movies (n, 2)."""
    shown = (f"{called(data, one)} and {called(data, other)}" for one, other in pairs[:EXAMPLES].tolist())
    return "; ".join(shown)
