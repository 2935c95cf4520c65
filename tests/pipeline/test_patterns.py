"""What users and movies share beyond all else: a few patterns in the errors."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from pipeline.patterns import PATTERNS, main_patterns


def patterns(errors: np.ndarray) -> np.ndarray:
    of_users, of_movies = main_patterns(sparse.csr_array(errors))
    return of_users @ of_movies.T


def test_one_pattern_is_found_as_it_is() -> None:
    errors = np.outer([1.0, -1.0, 2.0], [0.5, 0.0, -0.5, 1.0])
    np.testing.assert_allclose(patterns(errors), errors, atol=1e-12)


def test_nothing_foretold_wrongly_has_no_pattern() -> None:
    np.testing.assert_array_equal(patterns(np.zeros((4, 6))), np.zeros((4, 6)))


def test_of_many_patterns_the_strongest_are_kept() -> None:
    strengths = np.array([9.0, 8, 7, 6, 5, 1, 1, 1])
    expected = np.where(np.arange(8) < PATTERNS, strengths, 0)
    np.testing.assert_allclose(patterns(np.diag(strengths)), np.diag(expected), atol=1e-6)


def test_they_are_the_truncated_singular_value_decomposition() -> None:
    errors = np.random.default_rng(3).normal(size=(60, 90)) + 3 * np.outer(np.arange(60) % 2, np.ones(90))
    errors[:, :10] *= 5
    strengths = np.linalg.svd(errors, compute_uv=False)
    best = np.sqrt((strengths[PATTERNS:] ** 2).sum())
    # A subspace iteration may stop a little short of the best approximation of this rank.
    assert best - 1e-9 <= np.linalg.norm(errors - patterns(errors)) <= 1.001 * best


@given(st.integers(1, 6), st.integers(1, 6), st.integers(0, 99))
def test_a_few_users_or_movies_have_all_their_patterns(users: int, movies: int, seed: int) -> None:
    errors = np.random.default_rng(seed).normal(size=(users, movies))
    found = patterns(errors)
    assert np.isfinite(found).all()
    if min(users, movies) <= PATTERNS:
        np.testing.assert_allclose(found, errors, atol=1e-9)
