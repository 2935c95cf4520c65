import dataclasses
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_data import legal_hyperparameters

from pipeline.hyperparameters import (
    COMPONENT_WEIGHTS,
    MODELS,
    POPULARITY_WEIGHTS,
    WEIGHT_GROUPS,
    Phase1,
    Phase2,
    Phase3,
)
from pipeline.parameters import InvalidInput, parameters, read


def values(**changed: float) -> dict[str, float]:
    return dataclasses.asdict(Phase1()) | changed


@pytest.mark.parametrize("model", MODELS.values())
def test_the_shipped_defaults_are_legal_and_already_normalised(model: type[Phase1]) -> None:
    shipped = model()
    assert read(model, dataclasses.asdict(shipped)) == shipped
    assert shipped.normalised() == shipped


@pytest.mark.parametrize(
    ("before", "model", "added"),
    [
        (
            Phase1,
            Phase2,
            "user_preference_weight preference_half_life_days franchise_depth_scale "
            "rating_prediction_weight rating_prediction_alpha",
        ),
        (
            Phase2,
            Phase3,
            "collaborative_weight collaborative_regularization collaborative_half_life "
            "sequence_weight sequence_half_life popularity_discount "
            "taste_level_variance taste_genre_variance taste_era_variance taste_neighbour_variance "
            "taste_drift_variance taste_drift_half_life movie_level_variance movie_neighbour_variance "
            "pattern_weight calibration",
        ),
    ],
)
def test_a_phase_has_all_of_the_one_before_in_its_order_with_its_defaults_and_then_its_own(
    before: type[Phase1], model: type[Phase1], added: str
) -> None:
    first, second = parameters(before), parameters(model)
    assert list(second)[: len(first)] == list(first)
    assert {name: second[name] for name in first} == first
    assert list(second)[len(first) :] == added.split()


@pytest.mark.parametrize(
    ("model", "name"), [(model, name) for model, kind in MODELS.items() for name in parameters(kind)]
)
def test_every_hyperparameter_has_a_meaning_and_a_default_within_finite_bounds(model: str, name: str) -> None:
    spec = parameters(MODELS[model])[name]
    assert spec.meaning
    if spec.kind is str:
        assert spec.default in spec.choices
        return
    assert spec.low <= spec.default <= spec.high
    assert (spec.high - spec.low) < float("inf")


@given(st.one_of(*(legal_hyperparameters(model=model) for model in MODELS.values())))
@settings(max_examples=200, deadline=None)
def test_normalised_weights_sum_to_1_and_stay_as_they_are(asked: Phase1) -> None:
    used = asked.normalised()
    assert type(used) is type(asked)
    for group in WEIGHT_GROUPS:
        assert sum(getattr(used, name) for name in group) == pytest.approx(1, abs=1e-9)
    assert used.normalised() == used
    assert list(used.conflicts()) == []
    assert read(type(asked), dataclasses.asdict(used)) == used


@given(st.one_of(*(legal_hyperparameters(model=model) for model in MODELS.values())))
@settings(max_examples=50, deadline=None)
def test_normalising_keeps_proportions_and_all_else(asked: Phase1) -> None:
    used = asked.normalised()
    for group in WEIGHT_GROUPS:
        total = sum(getattr(asked, name) for name in group)
        for name in group:
            assert getattr(used, name) * total == pytest.approx(getattr(asked, name), rel=1e-9, abs=1e-300)
    for name in set(parameters(type(asked))) - {*COMPONENT_WEIGHTS, *POPULARITY_WEIGHTS}:
        assert getattr(used, name) == getattr(asked, name)


@pytest.mark.parametrize(
    ("changed", "conflicts"),
    [
        (
            {"genre_threshold_low": 0.6},
            ["genre_threshold_low must be at most genre_threshold_medium (0.5), got 0.6"],
        ),
        (
            {"genre_threshold_high": 0.4},
            ["genre_threshold_medium must be at most genre_threshold_high (0.4), got 0.5"],
        ),
        (
            {"cast_lead_threshold": 16},
            ["cast_lead_threshold must be at most cast_supporting_threshold (15), got 16"],
        ),
        (
            dict.fromkeys(POPULARITY_WEIGHTS, 0.0),
            ["popularity_rating_weight must be above 0 where popularity_count_weight are all 0, got 0"],
        ),
        (
            dict.fromkeys(COMPONENT_WEIGHTS, 0.0) | {"genre_threshold_low": 0.6},
            [
                "genre_threshold_low must be at most genre_threshold_medium (0.5), got 0.6",
                "genre_weight must be above 0 where cast_weight, franchise_weight, rating_weight, "
                "popularity_weight are all 0, got 0",
            ],
        ),
    ],
)
def test_every_conflict_is_named(changed: dict[str, float], conflicts: list[str]) -> None:
    with pytest.raises(InvalidInput, match="^" + re.escape("\n".join(f"model.{c}" for c in conflicts)) + "$"):
        read(Phase1, values(**changed), "model.")


def test_equal_thresholds_and_a_single_weight_are_legal() -> None:
    thresholds = dict.fromkeys(
        ("genre_threshold_low", "genre_threshold_medium", "genre_threshold_high"), 0.5
    ) | {"cast_lead_threshold": 15}
    weights = dict.fromkeys((*COMPONENT_WEIGHTS, *POPULARITY_WEIGHTS), 0.0)
    alone = {"cast_weight": 0.2, "popularity_count_weight": 0.1}
    used = read(Phase1, values(**thresholds, **(weights | alone))).normalised()
    assert (used.cast_weight, used.popularity_count_weight) == (1, 1)
