import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_data import datasets, masks, tiny

from pipeline.likeness import Likeness, likeness

KERNELS = ("genre", "era", "neighbour")


def of(rows: list[tuple[int, int, float, int]], genres: list[str], years: list[int]) -> Likeness:
    return likeness(tiny(rows, genres=genres, years=years), np.ones(len(rows), dtype=bool))


@given(st.data())
@settings(max_examples=80, deadline=None)
def test_every_kernel_is_symmetric_positive_and_at_most_1(data: st.DataObject) -> None:
    dataset = data.draw(datasets())
    found = likeness(dataset, data.draw(masks(dataset)))
    for kernel in (*(getattr(found, name) for name in KERNELS), found.users @ found.users.T):
        np.testing.assert_allclose(kernel, kernel.T, rtol=0, atol=1e-6)
        assert np.linalg.eigvalsh(kernel.astype(np.float64)).min() > -1e-5
        assert np.abs(kernel).max() < 1 + 1e-5


@given(st.data())
@settings(max_examples=40, deadline=None)
def test_whether_ratings_are_high_plays_no_part(data: st.DataObject) -> None:
    dataset = data.draw(datasets())
    train = data.draw(masks(dataset))
    rows = zip(dataset.users, dataset.movies, dataset.timestamps, strict=True)
    others = tiny(
        [(int(u), int(m), 5.0, int(t)) for u, m, t in rows],
        genres=["a"] * dataset.n_movies,
        n_users=dataset.n_users,
    )
    one, other = likeness(dataset, train), likeness(others, train)
    np.testing.assert_array_equal(one.neighbour, other.neighbour)
    np.testing.assert_array_equal(one.users, other.users)


def test_genres_are_alike_by_what_they_share() -> None:
    found = of([(0, 0, 5, 0)], ["ab", "ab", "a", "c", ""], []).genre
    half = np.sqrt(0.5)
    expected = [
        [1, 1, half, 0, 0],
        [1, 1, half, 0, 0],
        [half, half, 1, 0, 0],
        [0, 0, 0, 1, 0],
        [0, 0, 0, 0, 0],
    ]
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_years_are_alike_by_their_distance_and_an_unknown_one_is_like_none() -> None:
    found = of([(0, 0, 5, 0)], ["a"] * 4, [1990, 1998, 1990, 0]).era
    near = np.exp(-0.5)
    expected = [[1, near, 1, 0], [near, 1, near, 0], [1, near, 1, 0], [0, 0, 0, 0]]
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_movies_are_alike_by_their_raters_and_users_by_their_movies() -> None:
    # Users 0 and 1 both rate movies 0 and 1, user 1 movie 2 besides.
    rows = [(0, 0, 5, 0), (0, 1, 5, 0), (1, 0, 1, 0), (1, 1, 1, 0), (1, 2, 1, 0)]
    found = of(rows, ["a"] * 4, [])
    both, one = 2 / 7, 1 / np.sqrt(7 * 6)
    expected = [[1, both, one, 0], [both, 1, one, 0], [one, one, 1, 0], [0, 0, 0, 1]]
    np.testing.assert_allclose(found.neighbour, expected, atol=1e-6)
    of_users = 2 / np.sqrt((2 + 5) * (3 + 5))
    np.testing.assert_allclose(found.users @ found.users.T, [[1, of_users], [of_users, 1]], atol=1e-6)


@pytest.mark.parametrize(("n_users", "kept"), [(3, 3), (16, 16), (40, 16)])
def test_of_many_users_the_main_directions_are_kept(n_users: int, kept: int) -> None:
    rng = np.random.default_rng(0)
    cells = [(u, m) for u in range(n_users) for m in range(20) if rng.random() < 0.5]
    dataset = tiny([(u, m, 3, 0) for u, m in cells], genres=["a"] * 20, n_users=n_users)
    found = likeness(dataset, np.ones(dataset.n_ratings, dtype=bool)).users
    assert found.shape == (n_users, kept)
    # What is left out is less than any direction that is kept.
    lengths = (found**2).sum(axis=0)
    assert (lengths >= 0).all()
    assert lengths.sum() <= n_users + 1e-6
    if kept == n_users:
        assert lengths.sum() == pytest.approx(n_users, rel=1e-6)
