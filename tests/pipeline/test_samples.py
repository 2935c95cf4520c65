"""Whose rankings are measured: a fixed sample, and what it leaves open."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from same_bits import assert_same_bits
from tiny_data import NO_BOOST, checkerboard, legal_hyperparameters, problems, tiny, users_of

from pipeline.dataset import Dataset
from pipeline.evaluation import Problem, evaluate
from pipeline.hyperparameters import MODELS, Phase1
from pipeline.metrics import RATING_METRICS, PerUser
from pipeline.references import references
from pipeline.samples import drawing_order, first_drawn, ranking_sample
from pipeline.split import PerUserTimeline, Split, split_ratings

IDS = np.array([str(number) for number in range(500)])
EVERYBODY = np.ones(500, dtype=bool)


def measured_on(ndcg: list[float]) -> PerUser:
    """Make users of whom some are ranked, and all have a held-out rating; NaN for those who are not."""
    values = np.array(ndcg)
    one = np.ones((len(values), 1))
    per_user = users_of(one, one, values)
    return dataclasses.replace(per_user, ranking=np.where(np.isnan(values), 0, 7).astype(np.uint32))


def test_a_smaller_sample_is_part_of_a_larger_one() -> None:
    order = drawing_order(IDS)
    samples = [set(first_drawn(order, EVERYBODY, n).tolist()) for n in (10, 50, 200)]
    assert [len(one) for one in samples] == [10, 50, 200]
    assert samples[0] < samples[1] < samples[2]


def test_who_is_drawn_hangs_on_ids_alone_and_not_on_numpys_state() -> None:
    np.random.seed(1)
    first = IDS[first_drawn(drawing_order(IDS), EVERYBODY, 50)]
    np.random.seed(2)
    turned = IDS[::-1]
    again = turned[first_drawn(drawing_order(turned), EVERYBODY, 50)]
    assert set(first) == set(again)


def test_who_joins_takes_the_place_of_the_last_drawn_alone() -> None:
    joined = np.append(IDS, ["new", "newer"])
    before = set(IDS[first_drawn(drawing_order(IDS), EVERYBODY, 50)])
    after = set(joined[first_drawn(drawing_order(joined), np.ones(502, dtype=bool), 50)])
    assert len(before - after) == len(after - before) <= 2
    assert after - before <= {"new", "newer"}


def test_only_users_with_held_out_ratings_are_drawn_and_all_of_them_where_they_are_few() -> None:
    asked = np.arange(500) % 100 == 3
    assert first_drawn(drawing_order(IDS), asked, 50).tolist() == [3, 103, 203, 303, 403]


def test_a_sample_of_everybody_leaves_nothing_open() -> None:
    sample = ranking_sample(measured_on([0.0, 1.0, 0.5]))
    assert sample is not None
    assert sample.is_everybody
    assert sample.ndcg == pytest.approx((0.5, 0.5))


def test_the_interval_is_that_of_a_mean_of_a_sample_without_replacement() -> None:
    sample = ranking_sample(measured_on([0.2, 0.4, 0.6, 0.8, *[np.nan] * 12]))
    assert sample is not None
    assert (sample.users, sample.of) == (4, 16)
    # Variance of the four: 0.2 / 3; a quarter of everybody was asked.
    half = 1.959964 * np.sqrt(0.2 / 3 / 4 * (1 - 4 / 16))
    assert sample.ndcg == pytest.approx((0.5 - half, 0.5 + half))


def test_one_user_alone_says_next_to_nothing_and_nobody_nothing() -> None:
    alone = ranking_sample(measured_on([0.5, np.nan]))
    assert alone is not None
    assert alone.ndcg == (0, 1)
    assert ranking_sample(measured_on([np.nan, np.nan])) is None


def test_of_a_hundred_samples_about_95_hold_what_everybody_gives() -> None:
    rng = np.random.default_rng(5)
    everybody = rng.beta(0.3, 3, 2000)
    inside = 0
    for _ in range(400):
        values = np.full(2000, np.nan)
        drawn = rng.choice(2000, 300, replace=False)
        values[drawn] = everybody[drawn]
        sample = ranking_sample(measured_on(values.tolist()))
        assert sample is not None
        assert sample.ndcg is not None
        inside += sample.ndcg[0] <= everybody.mean() <= sample.ndcg[1]
    assert 0.92 <= inside / 400 <= 0.98


def test_coverage_is_that_of_the_users_who_are_asked() -> None:
    # Ten of forty movies are shown to the one user who is asked, all of them to everybody.
    board = checkerboard(40)
    asked = Problem(board.dataset, board.split, 1)
    covered = evaluate(asked, Phase1(**{**dataclasses.asdict(Phase1()), **NO_BOOST})).validation.metrics
    assert covered["coverage"] == 10 / 40


@pytest.mark.parametrize("model", MODELS)
@given(st.data())
@settings(max_examples=8, deadline=None)
def test_a_sample_changes_nothing_but_who_is_ranked(model: str, data: st.DataObject) -> None:
    problem = data.draw(problems(PerUserTimeline))
    hyperparameters = data.draw(legal_hyperparameters(problem.dataset, MODELS[model]))
    n = data.draw(st.integers(1, 5))
    sampled = Problem(problem.dataset, problem.split, n)
    found, all_of = evaluate(sampled, hyperparameters), evaluate(problem, hyperparameters)
    beside, beside_all = references(sampled), references(problem)
    for part in ("validation", "test"):
        drawn = getattr(sampled, part).sample
        assert len(drawn) == min(n, getattr(problem, part).asked.sum())
        pairs = [(getattr(found, part), getattr(all_of, part))]
        pairs += [(beside[name][part], beside_all[name][part]) for name in beside]
        for one, other in pairs:
            assert [one.metrics[m] for m in RATING_METRICS] == [other.metrics[m] for m in RATING_METRICS]
            for name in ("ndcg", "recall", "ranking"):
                ours, theirs = (getattr(of.per_user, name) for of in (one, other))
                np.testing.assert_array_equal(ours[drawn], theirs[drawn])
                rest = np.delete(ours, drawn)
                assert not rest.any() if name == "ranking" else np.isnan(rest).all()


def test_a_sample_as_large_as_the_dataset_is_everybody(movielens: Dataset) -> None:
    split = split_ratings(movielens, PerUserTimeline())
    whole, sampled = Problem(movielens, split), Problem(movielens, split, movielens.n_users)
    assert_same_bits(evaluate(whole, Phase1()), evaluate(sampled, Phase1()))


def test_a_user_without_held_out_ratings_is_never_asked() -> None:
    dataset = tiny([(0, 0, 5, 0), (1, 0, 5, 0), (1, 1, 5, 1)], genres=["a", "a"])
    part = dataset.timestamps == 1
    problem = Problem(dataset, Split(~part, part, part), 2)
    assert problem.validation.ranked.tolist() == [1]
