import numpy as np
import pytest
from tiny_data import users_of

from pipeline import resampling
from pipeline.intervals import paired_differences
from pipeline.resampling import resamples, terms_of


def drawn(n_users: int, n_resamples: int, seed: int) -> np.ndarray:
    return np.concatenate(list(resamples(n_users, n_resamples, seed)))


def test_a_resample_has_as_many_users_as_there_are() -> None:
    counts = drawn(7, 500, 0)
    assert counts.shape == (500, 7)
    assert (counts.sum(axis=1) == 7).all()
    # Each user is left out of (6/7)^7 = 34% of the resamples; 500 make that sure to 2%.
    np.testing.assert_allclose((counts == 0).mean(axis=0), (6 / 7) ** 7, atol=0.08)


def test_resamples_depend_on_the_seed_and_not_on_the_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    at_once = drawn(7, 20, 3)
    assert not np.array_equal(at_once, drawn(7, 20, 4))
    monkeypatch.setattr(resampling, "CELLS", 22)
    blocks = list(resamples(7, 20, 3))
    assert [len(block) for block in blocks] == [3] * 6 + [2]
    np.testing.assert_array_equal(np.concatenate(blocks), at_once)


def test_more_users_than_cells_are_drawn_one_resample_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resampling, "CELLS", 5)
    assert [block.shape for block in resamples(7, 2, 0)] == [(1, 7)] * 2


def test_metrics_count_users_as_often_as_they_were_drawn() -> None:
    ratings = np.array([[2, 0], [1, 1], [0, 0]])
    ndcg = np.array([0.5, 1, np.nan])
    all_hit = users_of(ratings, ratings, ndcg)
    first_level = users_of(ratings, ratings * [1, 0], ndcg / 2)
    counts = np.array([[3, 0, 0], [1, 2, 0], [0, 0, 3]], dtype=float)
    found = {m: terms_of([all_hit, first_level], m).over(counts).tolist() for m in ("accuracy", "ndcg")}
    # The third resample holds nobody who counts.
    assert found["accuracy"] == [[1, 1], [1, 4 / 6], [0, 0]]
    assert found["ndcg"] == [[0.5, 0.25], [pytest.approx(2.5 / 3), pytest.approx(1.25 / 3)], [0, 0]]
    # The first resample holds no rating of the second level.
    assert terms_of([first_level], "balanced_accuracy").over(counts).tolist() == [[1], [0.5], [0]]
    assert terms_of([first_level], "accuracy").over_everybody().tolist() == [3 / 4]


def test_many_users_are_drawn_in_bundles_that_keep_their_sums(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(3)
    ratings = rng.integers(0, 5, (50, 2))
    one, other = (
        users_of(ratings, rng.binomial(ratings, chance), np.full(50, np.nan)) for chance in (0.5, 0.7)
    )
    alone = terms_of([one, other], "accuracy")
    monkeypatch.setattr(resampling, "MOST_UNITS", 8)
    bundled = terms_of([one, other], "accuracy")
    assert (len(alone.sizes), len(bundled.sizes)) == (50, 8)
    assert bundled.n_users == alone.n_users == (ratings.sum(axis=1) > 0).sum()
    np.testing.assert_allclose(bundled.over_everybody(), alone.over_everybody())
    np.testing.assert_array_equal(bundled.gains.sum(axis=0), alone.gains.sum(axis=0))


def test_intervals_of_bundles_are_as_wide_as_those_of_users(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(4)
    ratings = rng.integers(1, 9, (6000, 1))
    taste = rng.beta(3, 2, (6000, 1))
    one, other = (users_of(ratings, rng.binomial(ratings, taste), np.full(6000, np.nan)) for _ in range(2))
    widths = []
    for most in (6000, 1500):
        monkeypatch.setattr(resampling, "MOST_UNITS", most)
        (found,) = paired_differences([other], one, "accuracy", n_resamples=1999)
        widths.append(found.high - found.low)
    assert widths[1] == pytest.approx(widths[0], rel=0.1)


def test_what_was_ranked_for_other_users_is_not_compared() -> None:
    ratings = np.ones((3, 1))
    one = users_of(ratings, ratings, np.array([0.5, np.nan, 0.5]))
    other = users_of(ratings, ratings, np.array([0.5, 0.5, np.nan]))
    with pytest.raises(ValueError, match="on the same held-out ratings only"):
        terms_of([one, other], "ndcg")
