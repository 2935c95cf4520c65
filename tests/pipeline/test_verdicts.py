from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny_data import users_of_ndcg

from pipeline.intervals import paired_differences
from pipeline.verdicts import WIDTHS, Agreement, agreement, holm, noise_floor

p_values = st.lists(st.floats(0, 1), max_size=12)


def test_the_smallest_of_four_p_values_counts_four_times() -> None:
    # By hand: 0.005 * 4, 0.01 * 3, 0.03 * 2, and 0.04 * 1 is not below the one before.
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])


def test_one_p_value_stays_and_none_are_none() -> None:
    assert holm([0.04]).tolist() == [0.04]
    assert holm([]).tolist() == []


@given(p_values)
def test_adjusted_p_values_keep_their_order_and_are_never_smaller_nor_above_1(raw: list[float]) -> None:
    adjusted = holm(raw)
    assert (adjusted >= raw).all()
    assert (adjusted <= 1).all()
    assert (np.diff(adjusted[np.argsort(raw, kind="stable")]) >= 0).all()


@given(p_values)
def test_holm_is_between_no_correction_and_bonferroni(raw: list[float]) -> None:
    assert (holm(raw) <= np.minimum(np.array(raw) * len(raw), 1)).all()


@given(p_values, st.randoms())
def test_p_values_are_adjusted_whatever_their_order(raw: list[float], random: Random) -> None:
    places = list(range(len(raw)))
    random.shuffle(places)
    np.testing.assert_array_equal(holm([raw[place] for place in places]), holm(raw)[places])


def test_the_noise_floor_is_the_median_half_width_of_the_intervals() -> None:
    rng = np.random.default_rng(0)
    winner = rng.normal(0.5, 0.2, 400)
    behind = ((0, 0.1), (0, 0.2), (-0.5, 0.3))
    others = [winner + rng.normal(mean, spread, 400) for mean, spread in behind]
    configurations = [users_of_ndcg(one) for one in (others[0], winner, *others[1:])]
    found = noise_floor(configurations, 1, "ndcg")
    assert found is not None
    assert (found.n_compared, found.n_indistinguishable) == (3, 2)
    # The middle one of three: 1.96 standard errors of its differences.
    assert found.smallest_difference == pytest.approx(1.96 * 0.2 / np.sqrt(400), rel=0.1)
    (middle,) = paired_differences([configurations[2]], configurations[1], "ndcg", n_resamples=WIDTHS)
    assert found.smallest_difference == pytest.approx((middle.high - middle.low) / 2)


def test_configurations_that_measure_the_same_say_nothing_of_the_noise() -> None:
    rng = np.random.default_rng(1)
    ndcg = rng.normal(0.5, 0.2, 100)
    winner, other = users_of_ndcg(ndcg), users_of_ndcg(ndcg + rng.normal(-0.5, 0.1, 100))
    alone, among = (noise_floor([winner, other, *[winner] * n], 0, "ndcg") for n in (0, 9))
    assert alone is not None
    assert among is not None
    assert among.smallest_difference == pytest.approx(alone.smallest_difference, rel=1e-12)
    assert (alone.n_indistinguishable, among.n_indistinguishable) == (0, 9)


def test_there_is_no_noise_floor_without_anything_to_compare() -> None:
    one = users_of_ndcg(np.array([0.2, 0.4]))
    assert noise_floor([one], 0, "ndcg") is None
    same = noise_floor([one, one], 1, "ndcg")
    assert same is not None
    assert (same.smallest_difference, same.n_indistinguishable) == (None, 1)


def test_two_protocols_agree_as_far_as_they_order_pairs_alike() -> None:
    # Of the six pairs all but the two worst are ordered alike.
    assert agreement([1, 2, 3, 4], [20, 10, 30, 40]) == Agreement(
        tau=pytest.approx((5 - 1) / 6), same_winner=True, n_configurations=4
    )
    assert agreement([1, 2, 3], [3, 2, 1]) == Agreement(tau=-1, same_winner=False, n_configurations=3)


def test_winners_that_tie_are_the_same_where_they_share_a_configuration() -> None:
    shared, apart = agreement([1, 3, 3], [1, 2, 5]), agreement([3, 1, 3], [1, 5, 1])
    assert shared is not None
    assert apart is not None
    assert shared.same_winner
    assert not apart.same_winner
    # tau-b: two pairs agree, one ties under the first protocol.
    assert shared.tau == pytest.approx(2 / np.sqrt(2 * 3))


def test_a_protocol_that_finds_all_equal_has_no_order_to_agree_with() -> None:
    assert agreement([1, 1], [1, 2]) == Agreement(tau=None, same_winner=True, n_configurations=2)


def test_fewer_than_two_configurations_have_no_order() -> None:
    assert agreement([], []) is agreement([1], [2]) is None


def test_protocols_of_other_configurations_are_not_compared() -> None:
    with pytest.raises(ValueError, match="the same configurations are needed under both, got 2 and 3"):
        agreement([1, 2], [1, 2, 3])
