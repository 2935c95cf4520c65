import dataclasses

import numpy as np
import pytest
from tiny_data import checkerboard, only, users_of_ndcg

from pipeline.evaluation import evaluate
from pipeline.metrics import METRICS, Measurement
from pipeline.sensitivity import Effect, Knob, effect, knobs


def measured(rankings: list[int], **metrics: float | None) -> Measurement:
    """Measure users with these digests of their ten; metrics that are not named are 0.5."""
    users = users_of_ndcg(np.full(len(rankings), 0.5))
    per_user = dataclasses.replace(users, ranking=np.array(rankings, dtype=np.uint32))
    return Measurement(dict.fromkeys(METRICS, 0.5) | metrics, per_user)


CENTER = measured([1, 2, 3, 4])


def test_an_effect_is_what_changed() -> None:
    found = effect(CENTER, measured([1, 9, 3, 9], accuracy=0.6, ndcg=0.25, rmse=0.4))
    assert found == Effect(
        accuracy=pytest.approx(0.1),
        ndcg=pytest.approx(-0.25),
        rmse=pytest.approx(-0.1),
        users_changed=0.5,
        is_none=False,
    )


def test_the_same_configuration_has_no_effect() -> None:
    assert effect(CENTER, CENTER) == Effect(accuracy=0, ndcg=0, rmse=0, users_changed=0, is_none=True)


@pytest.mark.parametrize(
    "moved",
    [measured([1, 2, 3, 4], rmse=0.51), measured([1, 2, 3, 5]), measured([1, 2, 3, 4], ndcg=None)],
)
def test_another_metric_or_one_other_ranking_is_an_effect(moved: Measurement) -> None:
    assert not effect(CENTER, moved).is_none


def test_the_change_of_a_metric_that_is_not_defined_is_none() -> None:
    nothing_relevant = measured([1, 2, 3, 4], ndcg=None)
    assert effect(nothing_relevant, nothing_relevant) == Effect(
        accuracy=0, ndcg=None, rmse=0, users_changed=0, is_none=True
    )


def test_a_knob_is_summed_up_over_the_values_that_were_tried() -> None:
    moved = {0.1: measured([1, 2, 3, 9], accuracy=0.4), 0.7: measured([1, 2, 9, 9], accuracy=0.75)}
    (found,) = knobs(CENTER, {"genre_weight": moved})
    assert found == Knob(
        name="genre_weight",
        values=(0.1, 0.7),
        accuracy=(pytest.approx(-0.1), 0.25),
        ndcg=(0, 0),
        users_changed=0.5,
        is_dead=False,
    )


def test_a_knob_is_dead_where_none_of_its_values_has_an_effect() -> None:
    moved = {"dead": {1: CENTER, 2: CENTER}, "alive": {1: CENTER, 2: measured([1, 2, 3, 4], mae=0.4)}}
    assert {knob.name: knob.is_dead for knob in knobs(CENTER, moved)} == {"dead": True, "alive": False}


def test_of_a_knob_that_was_not_moved_nothing_is_known() -> None:
    (found,) = knobs(CENTER, {"genre_weight": {}})
    assert found == Knob("genre_weight", (), None, None, users_changed=0, is_dead=False)


def test_a_model_of_genres_alone_has_a_dead_cast_and_a_living_boost() -> None:
    def validation(**changed: float) -> Measurement:
        return evaluate(checkerboard(), only("genre_weight", **changed)).validation

    moved = {
        name: {value: validation(**{name: value}) for value in values}
        for name, values in {"cast_lead_weight": (0.0, 0.5), "genre_boost_high": (0.2, 0.4)}.items()
    }
    cast, boost = knobs(validation(), moved)
    assert cast.is_dead
    # Five stars stand against a mid-rank of 0.75: a boost brings them within a star, the order stays.
    assert (boost.is_dead, boost.accuracy, boost.users_changed) == (False, (1.0, 1.0), 0.0)
