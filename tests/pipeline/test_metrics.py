import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference_model import ndcg_and_recall
from tiny_data import held_out_of

from pipeline.metrics import (
    HeldOut,
    hits_per_user,
    mean_or_none,
    ranking_digests,
    ranking_metrics,
    ranking_per_user,
    rating_metrics,
    squares_per_user,
)

NONE = [-1] * 10


def ten(*movies: int) -> list[int]:
    return [*movies, *NONE][:10]


def undecided(predicted: np.ndarray, held_out: HeldOut) -> dict[str, float | None]:
    """Measure predictions that are answered as they are."""
    return rating_metrics(predicted, predicted, held_out)


def test_an_error_of_exactly_the_tolerance_is_a_hit() -> None:
    ratings = [(0, movie, stars) for movie, stars in enumerate([1, 2, 3, 4, 5])]
    held_out = held_out_of(ratings, n_users=1, n_movies=5)
    for shift in (0.2, -0.2):
        metrics = undecided(held_out.ratings + shift, held_out)
        assert metrics["accuracy"] == metrics["balanced_accuracy"] == 1
    for shift in (0.2 + 1e-8, -0.2 - 1e-8):
        assert undecided(held_out.ratings + shift, held_out)["accuracy"] == 0


def test_always_answering_four_stars_hits_three_levels_of_five() -> None:
    stars = [1, 2, 3, 4, 4, 4, 5, 5]
    held_out = held_out_of([(0, m, s) for m, s in enumerate(stars)], n_users=1, n_movies=8)
    metrics = undecided(np.full(8, 0.8), held_out)
    assert metrics["accuracy"] == 6 / 8
    assert metrics["balanced_accuracy"] == pytest.approx(3 / 5)
    assert metrics["mae"] == pytest.approx((3 + 2 + 1 + 0 + 1 + 1) / 8)
    assert metrics["rmse"] == pytest.approx(math.sqrt((9 + 4 + 1 + 0 + 1 + 1) / 8))


def test_answers_hit_and_predictions_err() -> None:
    held_out = held_out_of([(0, 0, 5), (0, 1, 3), (1, 0, 1)], n_users=2, n_movies=2)
    predicted, answered = np.array([0.7, 0.6, 0.5]), np.array([0.8, 0.8, 0.2])
    metrics = rating_metrics(predicted, answered, held_out)
    assert (metrics["accuracy"], metrics["balanced_accuracy"]) == (1, 1)
    assert metrics["mae"] == pytest.approx((1.5 + 0 + 1.5) / 3)
    assert metrics["rmse"] == pytest.approx(math.sqrt((1.5**2 + 0 + 1.5**2) / 3))
    other = rating_metrics(answered, predicted, held_out)
    assert other["accuracy"] == pytest.approx(1 / 3)
    assert other["mae"] == pytest.approx((1 + 1 + 0) / 3)


def test_errors_are_in_stars_of_the_scale() -> None:
    held_out = held_out_of([(0, 0, 10), (0, 1, 5)], n_users=1, n_movies=2, stars=10)
    metrics = undecided(np.array([0.5, 0.5]), held_out)
    assert (metrics["mae"], metrics["rmse"]) == pytest.approx((2.5, math.sqrt(12.5)))


def test_with_one_rating_level_balanced_accuracy_is_accuracy() -> None:
    held_out = held_out_of([(0, 0, 5), (1, 0, 5), (1, 1, 5)], n_users=3, n_movies=2)
    metrics = undecided(np.array([1.0, 0.5, 0.9]), held_out)
    assert metrics["accuracy"] == metrics["balanced_accuracy"] == pytest.approx(2 / 3)
    assert held_out.per_user_and_level().tolist() == [[1], [2], [0]]


def test_ratings_and_hits_are_counted_by_user_and_level() -> None:
    held_out = held_out_of([(0, 0, 5), (0, 1, 1), (2, 0, 5), (2, 1, 5)], n_users=3, n_movies=2)
    assert held_out.per_user_and_level().tolist() == [[1, 1], [0, 0], [0, 2]]
    assert hits_per_user(np.array([0.0, 0.1, 0.9, 0.2]), held_out).tolist() == [[1, 0], [0, 0], [0, 1]]


def test_squared_errors_are_added_up_by_user_in_stars() -> None:
    held_out = held_out_of([(0, 0, 10), (0, 1, 5), (2, 0, 5)], n_users=4, n_movies=2, stars=10)
    assert squares_per_user(np.array([0.8, 0.4, 0.5]), held_out) == pytest.approx([2**2 + 1, 0, 0, 0])


def test_a_ranking_by_hand() -> None:
    held_out = held_out_of([(0, 3, 4), (0, 5, 5), (0, 7, 3)], n_users=1, n_movies=20)
    ndcg, recall = ranking_per_user(np.array([ten(5, 7, 3)]), held_out)
    # Hits at ranks 1 and 3 of the two that are relevant; three stars are not.
    assert ndcg == pytest.approx([(1 + 1 / 2) / (1 + 1 / math.log2(3))])
    assert recall.tolist() == [1]


def test_four_of_five_stars_are_relevant_and_less_is_not() -> None:
    held_out = held_out_of([(0, 0, 4), (1, 0, 3.5)], n_users=2, n_movies=1)
    ndcg, _ = ranking_per_user(np.array([ten(0), ten(0)]), held_out)
    np.testing.assert_array_equal(ndcg, [1, np.nan])


def test_more_relevant_movies_than_ten_can_be_ranked_ideally() -> None:
    held_out = held_out_of([(0, m, 5) for m in range(25)], n_users=1, n_movies=30)
    ndcg, recall = ranking_per_user(np.arange(10)[None, :], held_out)
    assert ndcg == pytest.approx([1])
    assert recall.tolist() == [10 / 25]


def test_users_without_a_relevant_movie_or_without_any_rating_do_not_count() -> None:
    held_out = held_out_of([(0, 0, 5), (1, 1, 2)], n_users=3, n_movies=4)
    ndcg, recall = ranking_per_user(np.array([ten(0), ten(1), ten(2)]), held_out)
    np.testing.assert_array_equal([ndcg, recall], [[1, np.nan, np.nan]] * 2)
    metrics = ranking_metrics(np.array([ten(0), ten(1), ten(2)]), ndcg, recall, held_out)
    # Movie 2 was shown to a user of whom nothing is held out.
    assert metrics == {"ndcg": 1, "recall": 1, "coverage": 2 / 4}


def test_where_nobody_has_a_relevant_movie_there_is_no_ranking_metric() -> None:
    held_out = held_out_of([(0, 0, 1)], n_users=1, n_movies=1)
    best = np.array([ten(0)])
    assert ranking_metrics(best, *ranking_per_user(best, held_out), held_out) == {
        "ndcg": None,
        "recall": None,
        "coverage": 1,
    }
    assert mean_or_none(np.array([np.nan])) is None


def test_a_place_left_empty_is_not_the_last_movie_of_the_user_before() -> None:
    held_out = held_out_of([(0, 3, 5), (1, 0, 5)], n_users=2, n_movies=4)
    ndcg, _ = ranking_per_user(np.array([NONE, NONE]), held_out)
    assert ndcg.tolist() == [0, 0]


def test_digests_are_equal_where_the_ten_and_their_order_are_equal() -> None:
    first, other, again, swapped = ranking_digests(np.array([ten(3, 1), ten(3), ten(3, 1), ten(1, 3)]))
    assert first == again
    assert len({first, other, swapped}) == 3
    assert first.dtype == np.uint32


def test_a_digest_is_the_same_on_every_machine() -> None:
    assert ranking_digests(np.arange(10)[None, :]).tolist() == [0x8DEF7902]
    assert ranking_digests(np.empty((0, 10), dtype=np.intp)).tolist() == []


@st.composite
def rankings(draw: st.DrawFn) -> tuple[list[list[int]], HeldOut]:
    n_users, n_movies = draw(st.integers(1, 4)), draw(st.integers(1, 15))
    best = [ten(*draw(st.permutations(range(n_movies)))[: draw(st.integers(0, 10))]) for _ in range(n_users)]
    pairs = st.tuples(st.integers(0, n_users - 1), st.integers(0, n_movies - 1))
    drawn = draw(st.lists(pairs, min_size=1, max_size=40, unique=True))
    ratings = [(user, movie, draw(st.sampled_from([1, 3, 3.5, 4, 4.5, 5]))) for user, movie in drawn]
    return best, held_out_of(ratings, n_users=n_users, n_movies=n_movies)


@given(rankings())
@settings(max_examples=100, deadline=None)
def test_rankings_agree_with_a_plain_loop(drawn: tuple[list[list[int]], HeldOut]) -> None:
    best, held_out = drawn
    rows = list(
        zip(held_out.users.tolist(), held_out.movies.tolist(), held_out.ratings.tolist(), strict=True)
    )
    relevant = [{m for u, m, y in rows if u == user and y > 0.79} for user in range(held_out.n_users)]
    expected = np.array([ndcg_and_recall(b, r) for b, r in zip(best, relevant, strict=True)])
    ndcg, recall = ranking_per_user(np.array(best), held_out)
    np.testing.assert_allclose(np.column_stack([ndcg, recall]), expected, rtol=0, atol=1e-12)
    metrics = ranking_metrics(np.array(best), ndcg, recall, held_out)
    shown = {m for user in {u for u, _, _ in rows} for m in best[user] if m >= 0}
    assert metrics["coverage"] == len(shown) / held_out.n_movies


@given(rankings(), st.lists(st.floats(0, 1), min_size=40, max_size=40))
@settings(max_examples=100, deadline=None)
def test_rating_metrics_agree_with_a_plain_loop(
    drawn: tuple[list[list[int]], HeldOut], scores: list[float]
) -> None:
    held_out = drawn[1]
    pairs = list(zip(scores, held_out.ratings.tolist(), strict=False))
    hits = [abs(score - y) <= 0.2 + 1e-9 for score, y in pairs]
    levels = sorted({y for _, y in pairs})
    shares = [
        np.mean([hit for hit, (_, y) in zip(hits, pairs, strict=True) if y == level]) for level in levels
    ]
    metrics = undecided(np.array(scores[: len(pairs)]), held_out)
    assert metrics["accuracy"] == pytest.approx(sum(hits) / len(hits), abs=1e-12)
    assert metrics["balanced_accuracy"] == pytest.approx(sum(shares) / len(levels), abs=1e-12)
    errors = [5 * abs(score - y) for score, y in pairs]
    assert metrics["mae"] == pytest.approx(sum(errors) / len(errors), abs=1e-12)
    assert metrics["rmse"] == pytest.approx(math.sqrt(sum(e * e for e in errors) / len(errors)), abs=1e-12)
