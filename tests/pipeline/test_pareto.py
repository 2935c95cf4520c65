import math
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from pipeline.pareto import pareto_front

# Few levels, so that configurations tie and repeat.
numbers = st.sampled_from([0.0, 0.1, 0.2, 0.3, math.nan])
shapes = st.tuples(st.integers(0, 12), st.integers(2, 4))
configurations = hnp.arrays(np.float64, shapes, elements=numbers)


def dominates(one: np.ndarray, other: np.ndarray) -> bool:
    pairs = list(zip(one, other, strict=True))
    return all(a >= b for a, b in pairs) and any(a > b for a, b in pairs)


def test_what_is_ahead_in_one_number_is_a_choice() -> None:
    values = np.array([[0.7, 0.02], [0.6, 0.09], [0.6, 0.08], [0.5, 0.05], [0.7, 0.01]])
    assert pareto_front(values).tolist() == [True, True, False, False, False]


def test_equal_configurations_are_all_kept() -> None:
    assert pareto_front(np.array([[1.0, 2.0], [0.0, 0.0], [1.0, 2.0]])).tolist() == [True, False, True]


def test_what_is_the_best_in_every_number_is_the_only_choice() -> None:
    assert pareto_front(np.array([[1.0, 2.0, 3.0], [1.0, 2.0, 2.9], [0.0, 2.0, 3.0]])).sum() == 1


def test_a_configuration_with_an_undefined_number_is_no_choice_and_no_rival() -> None:
    assert pareto_front(np.array([[math.nan, 9.0], [0.1, 0.1]])).tolist() == [False, True]


@pytest.mark.parametrize(("n", "marked"), [(0, []), (1, [True])])
def test_fewer_than_two_configurations_are_not_dominated(n: int, marked: list[bool]) -> None:
    assert pareto_front(np.zeros((n, 2))).tolist() == marked


@given(configurations)
def test_the_front_is_what_no_other_dominates(values: np.ndarray) -> None:
    expected = [
        not np.isnan(one).any() and not any(dominates(other, one) for other in values) for one in values
    ]
    assert pareto_front(values).tolist() == expected


@given(configurations)
def test_every_defined_configuration_is_on_the_front_or_behind_one_that_is(values: np.ndarray) -> None:
    front = pareto_front(values)
    for one in values[~front & ~np.isnan(values).any(axis=1)]:
        assert any(dominates(choice, one) for choice in values[front])


@given(configurations, st.randoms())
def test_the_front_does_not_depend_on_the_order(values: np.ndarray, random: Random) -> None:
    places = list(range(len(values)))
    random.shuffle(places)
    np.testing.assert_array_equal(pareto_front(values[places]), pareto_front(values)[places])
