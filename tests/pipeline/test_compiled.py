"""The kernels give what numpy gives, to the last bit."""

import dataclasses
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from same_bits import assert_same_bits
from scipy import sparse
from tiny_data import legal_hyperparameters, problems

from pipeline import kernels
from pipeline.dataset import Dataset
from pipeline.evaluation import Evaluation, Problem, evaluate
from pipeline.hyperparameters import MODELS, Phase1, Phase3
from pipeline.kernels import Budget, compiled, csr
from pipeline.likeness import likeness
from pipeline.movie_process import movie_processes
from pipeline.ranking import top_movies
from pipeline.rating_model import COMPONENTS, LANES, fit_rating_model
from pipeline.rating_process import Variances
from pipeline.recommender import Recommender
from pipeline.sources import Synthetic
from pipeline.sources.synthetic import build
from pipeline.split import PerUserTimeline, split_ratings

pytest.importorskip("numba")
of_every_model = pytest.mark.parametrize("model", MODELS)


@contextmanager
def working(with_kernels: bool) -> Iterator[None]:
    """Let kernels do all the work, however little, or none of it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernels, "SMALL", 0)
        budget = Budget(0 if with_kernels else sys.maxsize)
        patch.setattr(kernels, "budget", lambda: budget)
        yield


def twin(problem: Problem) -> Problem:
    """Copy a problem so that nothing that is kept of the one is found for the other."""
    dataset = dataclasses.replace(problem.dataset)
    dataset.__dict__["fingerprint"] = f"the twin of {problem.dataset.fingerprint}"
    return Problem(dataset, problem.split)


def both_ways(problem: Problem, hyperparameters: Phase1) -> list[Evaluation]:
    found = []
    for with_kernels, of in ((False, problem), (True, twin(problem))):
        with working(with_kernels):
            found.append(evaluate(of, hyperparameters))
    return found


@pytest.fixture(scope="module")
def city() -> Dataset:
    return build(Synthetic(users=300, movies=200, ratings=9000))[0]


@of_every_model
@given(st.data())
@settings(max_examples=40, deadline=None)
def test_a_few_users_are_measured_alike(model: str, data: st.DataObject) -> None:
    problem = data.draw(problems(PerUserTimeline))
    assert_same_bits(*both_ways(problem, data.draw(legal_hyperparameters(problem.dataset, MODELS[model]))))


@of_every_model
def test_many_users_are_measured_alike(model: str, city: Dataset) -> None:
    problem = Problem(city, split_ratings(city, PerUserTimeline()))
    assert_same_bits(*both_ways(problem, MODELS[model]()))


@of_every_model
def test_all_scores_and_ratings_are_alike(model: str, city: Dataset) -> None:
    problem = Problem(city, split_ratings(city, PerUserTimeline()))
    found = []
    for with_kernels, of in ((False, problem), (True, twin(problem))):
        with working(with_kernels):
            fitted = Recommender(MODELS[model]()).fit(of.dataset, of.train)
            scores = fitted.score_block(np.arange(city.n_users))
            found.append((scores, fitted.ratings_of(of.validation)))
    assert_same_bits(*({"scores": scores, "ratings": ratings} for scores, ratings in found))


@given(st.data())
@settings(max_examples=100, deadline=None)
def test_ties_are_ranked_alike(data: st.DataObject) -> None:
    shape = data.draw(st.integers(1, 3)), data.draw(st.integers(1, 120))
    levels = data.draw(st.sampled_from([2, 5, 1000]))
    rng = np.random.default_rng(data.draw(st.integers(0, 10**6)))
    scores = (rng.integers(-1, levels, size=shape) / levels).astype(np.float32)
    n = data.draw(st.integers(0, 15))
    found = []
    for with_kernels in (False, True):
        with working(with_kernels):
            found.append(top_movies(scores, n))
    np.testing.assert_array_equal(*found)


@given(st.integers(0, 10**6), st.integers(1, 3 * LANES))
@settings(max_examples=60, deadline=None)
def test_a_regression_is_the_same(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    components = dict(zip(COMPONENTS, rng.normal(size=(len(COMPONENTS), n)), strict=True))
    users, y = rng.integers(0, 3, size=n).astype(np.int32), rng.random(n)
    found = []
    for with_kernels in (False, True):
        with working(with_kernels):
            found.append(fit_rating_model(components, users, y, n_users=4, alpha=0.5))
    assert_same_bits(*found)


@given(st.integers(0, 10**6), st.integers(1, 20), st.integers(1, 17))
@settings(max_examples=60, deadline=None)
def test_the_processes_of_movies_are_the_same(seed: int, n_users: int, k: int) -> None:
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(n_users, k))
    ratings = sparse.random_array((5, n_users), density=0.5, rng=rng, format="csr")
    movies, users = ratings.nonzero()
    found = []
    for with_kernels in (False, True):
        with working(with_kernels):
            fitted = movie_processes(features, ratings)
            found.append({"fitted": fitted, "without": fitted.without(users, movies, ratings.data)})
    assert_same_bits(*found)


def test_the_kernel_of_the_rating_process_is_symmetric_to_the_last_bit(city: Dataset) -> None:
    kernel = Variances.of(Phase3()).of_movies(likeness(city, np.arange(city.n_ratings) % 3 > 0))
    np.testing.assert_array_equal(kernel, kernel.T)


def test_a_process_begins_with_numpy_and_changes_over_when_much_is_done(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    budget = Budget(100)
    monkeypatch.setattr(kernels, "SMALL", 10)
    monkeypatch.setattr(kernels, "budget", lambda: budget)
    assert [compiled(60) is None for _ in range(3)] == [True, False, False]
    # What is small enough stays with numpy, and brings no import nearer.
    assert compiled(9) is None


def test_while_kernels_are_still_to_be_compiled_numpy_does_more(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    assert kernels.budget.__wrapped__().left == kernels.COMPILING
    (tmp_path / "kernels").mkdir()
    (tmp_path / "kernels" / "rank.nbi").touch()
    assert kernels.budget.__wrapped__().left == kernels.IMPORT


def test_without_numba_numpy_does_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernels, "find_spec", lambda name: None)
    assert kernels._kernels.__wrapped__() is None


def test_kernels_always_meet_the_same_types(city: Dataset) -> None:
    """Others would be compiled anew, which takes seconds."""
    matrix = Recommender(Phase1()).fit(city, np.ones(city.n_ratings, dtype=bool)).features.ratings
    matrix.indptr, matrix.indices = matrix.indptr.astype(np.int64), matrix.indices.astype(np.int64)
    assert [array.dtype for array in csr(matrix)] == [np.int64, np.int32, np.float32]
