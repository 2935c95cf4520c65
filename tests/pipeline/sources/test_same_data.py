"""MovieLens-100K in the layouts of others holds the same ratings, and gives the same numbers."""

from pathlib import Path

import pytest
from movies_dataset_folders import write_movies_dataset
from releases import STYLES, rows_of, write_release
from same_bits import assert_same_bits

from pipeline.audit import ratings_fingerprint
from pipeline.dataset import Dataset
from pipeline.evaluation import Problem, evaluate
from pipeline.hyperparameters import Phase1
from pipeline.sources import MovieLens, MoviesDataset, load
from pipeline.split import PerUserTimeline, split_ratings

# A release has no casts, and its franchises are told by titles.
WITHOUT = Phase1(cast_weight=0, franchise_weight=0)


def released(style: str, movielens: Dataset, home: Path) -> Dataset:
    folder = write_release(home / style, style, *rows_of(movielens))
    return load(MovieLens(path=str(folder)), home / "cache", lambda _line: None)


def metrics(dataset: Dataset, hyperparameters: Phase1) -> list[float | None]:
    measured = evaluate(Problem(dataset, split_ratings(dataset, PerUserTimeline())), hyperparameters)
    return [*measured.validation.metrics.values(), *measured.test.metrics.values()]


@pytest.mark.parametrize("style", STYLES)
def test_a_release_holds_the_same_ratings_and_gives_the_same_numbers(
    style: str, movielens: Dataset, tmp_path: Path
) -> None:
    found = released(style, movielens, tmp_path)
    assert ratings_fingerprint(found) == ratings_fingerprint(movielens)
    assert_same_bits(metrics(found, WITHOUT), metrics(movielens, WITHOUT))


def test_the_movies_dataset_holds_the_same_ratings_and_gives_the_same_numbers_with_casts_and_collections(
    movielens: Dataset, tmp_path: Path
) -> None:
    folder = write_movies_dataset(tmp_path / "films", movielens)
    asked = MoviesDataset(path=str(folder), franchises_from_titles=False)
    found = load(asked, tmp_path / "cache", lambda _line: None)
    assert ratings_fingerprint(found) == ratings_fingerprint(movielens)
    assert_same_bits(metrics(found, Phase1()), metrics(movielens, Phase1()))
