"""Nothing of what is predicted reaches what predicts it, by whichever protocol the ratings are split."""

import dataclasses
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from same_bits import assert_same_bits
from scipy import sparse
from tiny_data import datasets, legal_hyperparameters, only, splits, tiny

from pipeline.dataset import Dataset
from pipeline.evaluation import Problem, evaluate, measure
from pipeline.features import Features, features_of
from pipeline.hyperparameters import MODELS, Phase1
from pipeline.metrics import RELEVANT
from pipeline.recommender import Recommender
from pipeline.references import REFERENCES, best_dampings, references
from pipeline.sources.assemble import rating_order
from pipeline.split import SPLITS, SplitSettings, split_ratings

by_every_protocol = pytest.mark.parametrize("protocol", SPLITS.values(), ids=SPLITS)
LEARNT = ("train", "train_and_validation")


def scrambled(dataset: Dataset, rows: np.ndarray, seed: int) -> Dataset:
    """Give the ratings of a mask to movies drawn at random, with the opposite of their stars."""
    movies, ratings = dataset.movies.copy(), dataset.ratings.copy()
    movies[rows] = np.random.default_rng(seed).integers(dataset.n_movies, size=int(rows.sum()))
    ratings[rows] = 1 - ratings[rows]
    return dataclasses.replace(dataset, movies=movies, ratings=ratings)


def one_a_moment(dataset: Dataset) -> Dataset:
    """Draw ratings of one moment apart: it is their number that decides which part the moment begins."""
    n = dataset.n_ratings
    return dataclasses.replace(dataset, timestamps=dataset.timestamps * n + np.arange(n))


def moved(dataset: Dataset, row: int, time: int) -> Dataset:
    """Let one rating be given at another time."""
    times = dataset.timestamps.copy()
    times[row] = time
    order = rating_order(dataset.users, dataset.movies, times)
    in_order = {name: getattr(dataset, name)[order] for name in ("users", "movies", "ratings")}
    return dataclasses.replace(dataset, timestamps=times[order], **in_order)


def with_genre(dataset: Dataset, movies: np.ndarray) -> Dataset:
    """Give these movies a genre of their own."""
    mark = np.zeros((dataset.n_movies, 1), dtype=dataset.genres.dtype)
    mark[movies] = 1
    genres = sparse.csr_array(sparse.hstack([dataset.genres, mark]))
    return dataclasses.replace(dataset, genres=genres, genre_names=np.append(dataset.genre_names, "planted"))


def liked_in_test(problem: Problem) -> np.ndarray:
    return np.unique(problem.test.movies[problem.test.ratings >= RELEVANT])


def of_ratings(features: Features) -> dict[str, Any]:
    """Leave out what the genres of the catalogue are part of."""
    return {name: value for name, value in vars(features).items() if name != "genres"}


def problem(dataset: Dataset, asked: SplitSettings) -> Problem:
    return Problem(dataset, split_ratings(dataset, asked))


def drawn(data: st.DataObject, protocol: type[SplitSettings]) -> tuple[Dataset, SplitSettings]:
    dataset = data.draw(datasets(at_least=6))
    return dataset, data.draw(splits(protocol, dataset))


@by_every_protocol
@given(st.data(), st.integers(0, 99))
@settings(max_examples=40, deadline=None)
def test_whatever_is_rated_later_what_is_fitted_stays_the_same_to_the_last_bit(
    protocol: type[SplitSettings], data: st.DataObject, seed: int
) -> None:
    dataset, asked = drawn(data, protocol)
    recommender = Recommender(data.draw(recipes(dataset)))
    for learnt in LEARNT:
        fit = getattr(problem(dataset, asked), learnt)
        other = scrambled(dataset, ~fit, seed)
        fit_again = getattr(problem(other, asked), learnt)
        assert_same_bits(recommender.fit(dataset, fit), recommender.fit(other, fit_again))


@by_every_protocol
@given(st.data(), st.integers(0, 99))
@settings(max_examples=30, deadline=None)
def test_whatever_is_rated_after_validation_what_selects_stays_the_same_to_the_last_bit(
    protocol: type[SplitSettings], data: st.DataObject, seed: int
) -> None:
    dataset, asked = drawn(data, protocol)
    known = problem(dataset, asked)
    other = problem(scrambled(dataset, ~known.train_and_validation, seed), asked)
    assert_same_selection(known, other, data.draw(recipes(dataset)))


@by_every_protocol
@given(st.data(), st.integers(1, 10**6))
@settings(max_examples=30, deadline=None)
def test_a_test_rating_that_is_given_later_changes_nothing_that_selects(
    protocol: type[SplitSettings], data: st.DataObject, delay: int
) -> None:
    dataset = one_a_moment(data.draw(datasets(at_least=6)))
    asked = data.draw(splits(protocol, dataset))
    known = problem(dataset, asked)
    row = data.draw(st.sampled_from(np.flatnonzero(known.split.test)))
    other = problem(moved(dataset, row, int(dataset.timestamps.max()) + delay), asked)
    assert_same_selection(known, other, data.draw(recipes(dataset)))


def recipes(dataset: Dataset) -> st.SearchStrategy[Phase1]:
    """Draw legal hyperparameters of any model."""
    return st.one_of(*(legal_hyperparameters(dataset, model) for model in MODELS.values()))


def assert_same_selection(known: Problem, other: Problem, hyperparameters: Phase1) -> None:
    """Compare what chooses a configuration, and what stands beside it."""
    assert known.dataset.fingerprint != other.dataset.fingerprint
    assert_same_bits(evaluate(known, hyperparameters).validation, evaluate(other, hyperparameters).validation)
    for one, same in zip(references(known).values(), references(other).values(), strict=True):
        assert_same_bits(one["validation"], same["validation"])


@by_every_protocol
@given(st.data(), st.integers(0, 99))
@settings(max_examples=30, deadline=None)
def test_what_is_measured_are_models_that_never_saw_what_they_predict(
    protocol: type[SplitSettings], data: st.DataObject, seed: int
) -> None:
    known = problem(*drawn(data, protocol))
    asked = data.draw(recipes(known.dataset))
    learnt = {"validation": known.split.train, "test": known.split.train | known.split.validation}
    for part, fit in learnt.items():
        blind = Recommender(asked).fit(scrambled(known.dataset, ~fit, seed), fit)
        assert_same_bits(getattr(evaluate(known, asked), part), measure(blind, getattr(known, part)))


@by_every_protocol
@pytest.mark.parametrize("name", REFERENCES)
@given(st.data(), st.integers(0, 99))
@settings(max_examples=30, deadline=None)
def test_a_reference_knows_only_what_it_is_fitted_on(
    protocol: type[SplitSettings], name: str, data: st.DataObject, seed: int
) -> None:
    known = problem(*drawn(data, protocol))
    for learnt, part in zip(LEARNT, (known.validation, known.test), strict=True):
        fit = getattr(known, learnt)
        other = Problem(scrambled(known.dataset, ~fit, seed), known.split)
        with pytest.MonkeyPatch.context() as patch:
            # Validation chooses the dampings, as it chooses a configuration; what they damp it may not touch.
            patch.setattr("pipeline.references.best_dampings", lambda _: (2, 4))
            assert_same_bits(REFERENCES[name](known, fit, part), REFERENCES[name](other, fit, part))


@by_every_protocol
@given(st.data(), st.integers(0, 99))
@settings(max_examples=30, deadline=None)
def test_the_dampings_of_the_bias_are_chosen_without_the_test(
    protocol: type[SplitSettings], data: st.DataObject, seed: int
) -> None:
    known = problem(*drawn(data, protocol))
    other = Problem(scrambled(known.dataset, ~known.train_and_validation, seed), known.split)
    assert best_dampings(known) == best_dampings(other)


@by_every_protocol
@given(st.data(), st.integers(0, 99))
@settings(max_examples=30, deadline=None)
def test_a_genre_that_marks_what_the_test_likes_is_weighed_by_what_is_fitted_alone(
    protocol: type[SplitSettings], data: st.DataObject, seed: int
) -> None:
    """A catalogue may be known before; which of its genres a user likes may not."""
    dataset, asked = drawn(data, protocol)
    known = problem(dataset, asked)
    planted = with_genre(dataset, liked_in_test(known))
    without_ratings = scrambled(planted, ~known.train, seed)
    assert_same_bits(features_of(planted, known.train), features_of(without_ratings, known.train))
    assert_same_bits(
        of_ratings(features_of(planted, known.train)), of_ratings(features_of(dataset, known.train))
    )


@by_every_protocol
def test_a_genre_that_marks_what_the_test_likes_lifts_no_movie(protocol: type[SplitSettings]) -> None:
    # Trained are dramas; of the two comedies the test likes movie 4, and nobody has rated it before.
    ratings = [(0, 0, 5, 0), (0, 1, 5, 1), (0, 2, 4, 2), (0, 3, 2, 3), (0, 4, 5, 4)]
    dataset = tiny(ratings, genres=["d", "d", "d", "c", "c"])
    known = problem(dataset, protocol())
    assert liked_in_test(known).tolist() == [4]
    planted = problem(with_genre(dataset, liked_in_test(known)), protocol())
    scores = Recommender(only("genre_weight")).fit(planted.dataset, planted.train).score_block(np.array([0]))
    assert scores[0, 4] == scores[0, 3]


@by_every_protocol
def test_a_real_future_changes_neither_what_is_fitted_nor_what_selects(
    protocol: type[SplitSettings], movielens: Dataset
) -> None:
    known = problem(movielens, protocol())
    other = problem(scrambled(movielens, ~known.train, 0), protocol())
    after = problem(scrambled(movielens, ~known.train_and_validation, 0), protocol())
    for model in MODELS.values():
        assert_same_bits(*(Recommender(model()).fit(each.dataset, each.train) for each in (known, other)))
        assert_same_selection(known, after, model())


@by_every_protocol
def test_a_rating_that_leaks_is_noticed(protocol: type[SplitSettings]) -> None:
    dataset = tiny([(0, m, 1 + m % 4, m) for m in range(10)], genres=["a", "b"] * 5)
    known = problem(dataset, protocol())
    leaked = known.train.copy()
    leaked[np.flatnonzero(~leaked)[0]] = True
    other = Problem(dataset, dataclasses.replace(known.split, train=leaked))
    for assertion in (
        lambda: assert_same_bits(*(features_of(dataset, each.train) for each in (known, other))),
        lambda: assert_same_bits(evaluate(known, Phase1()).validation, evaluate(other, Phase1()).validation),
    ):
        with pytest.raises(AssertionError):
            assertion()
