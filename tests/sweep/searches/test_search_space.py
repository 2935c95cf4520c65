"""Draws become overrides, and what was recorded finds its place among the draws again."""

import dataclasses
from typing import Any

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser
from hypothesis import given
from hypothesis import strategies as st

from pipeline.hyperparameters import COMPONENT_WEIGHTS, Phase1, Phase3
from pipeline.parameters import read
from project import CONF
from sweep.searches.search_space import SearchSpace

SHIPPED = dataclasses.asdict(Phase1())


def space_of(*lines: str, **composed: Any) -> SearchSpace:
    return SearchSpace.of("phase1", SHIPPED | composed, OverridesParser.create().parse_overrides(list(lines)))


def shipped_space() -> SearchSpace:
    text = (CONF / "space" / "phase1.yaml").read_text(encoding="utf-8").splitlines()
    return space_of(*(line.replace(": ", "=", 1) for line in text if line.startswith("model.")))


def used(space: SearchSpace, draw: dict[str, Any]) -> dict[str, Any]:
    """Say what the model uses of a draw, as it is recorded."""
    lines = [line.removeprefix("model.").split("=") for line in space.overrides(draw)]
    asked = {name: type(SHIPPED[name])(float(value)) for name, value in lines}
    return dataclasses.asdict(read(Phase1, {**space.composed, **asked}).normalised())


@given(st.data())
def test_what_was_drawn_and_recorded_is_placed_where_it_uses_the_same_values(data: st.DataObject) -> None:
    space = shipped_space()
    draw = {
        key: data.draw(st.integers(d.low, d.high) if isinstance(d.low, int) else st.floats(d.low, d.high))
        for key, d in space.distributions.items()
    }
    recorded = used(space, draw)
    placed = space.place(recorded)
    assert placed is not None
    again = used(space, placed)
    assert again == pytest.approx(recorded, abs=1e-9)


def test_the_shipped_configuration_has_its_place_in_the_shipped_space() -> None:
    space = shipped_space()
    assert used(space, space.current()) == pytest.approx(SHIPPED, abs=1e-9)
    assert space.place(SHIPPED) == pytest.approx(space.current(), abs=1e-9)


def test_an_experiment_outside_a_range_has_no_place_and_one_on_its_edge_has() -> None:
    space = space_of("model.genre_boost_high=interval(0.1, 0.2)")
    assert space.place(SHIPPED | {"genre_boost_high": 0.25}) is None
    assert space.place(SHIPPED | {"genre_boost_high": 0.2 + 1e-12}) == {"model.genre_boost_high": 0.2}


def test_an_experiment_that_differs_in_what_today_is_fixed_has_no_place() -> None:
    space = space_of("model.genre_boost_high=interval(0, 0.3)", genre_boost_low=-0.1)
    assert space.place(SHIPPED) is None
    assert space.place(SHIPPED | {"genre_boost_low": -0.1}) is not None


def test_the_policy_of_an_experiment_is_no_difference() -> None:
    space = space_of("model.genre_boost_high=interval(0, 0.3)")
    assert space.place(SHIPPED | {"accuracy_threshold": 0.7}) is not None


def test_a_listed_value_is_found_among_the_choices() -> None:
    space = space_of("model.cast_lead_threshold=choice(3, 5)", "model.genre_boost_high=choice(0.1, 0.15)")
    assert space.place(SHIPPED) == {"model.cast_lead_threshold": 5, "model.genre_boost_high": 0.15}
    assert space.place(SHIPPED | {"cast_lead_threshold": 4}) is None


def test_texts_are_placed_by_what_they_say() -> None:
    shipped = dataclasses.asdict(Phase3())
    swept = OverridesParser.create().parse_overrides(
        ["model.calibration=choice('linear',tolerance)", "model.sequence_weight=interval(0, 1)"]
    )
    space = SearchSpace.of("phase3", shipped, swept)
    assert space.place(shipped) == {
        "model.calibration": "tolerance",
        "model.sequence_weight": shipped["sequence_weight"],
    }
    assert space.place(shipped | {"calibration": "linear"})["model.calibration"] == "linear"
    assert space.place(shipped | {"calibration": "none"}) is None
    assert space.described()["calibration"] == {"choices": ["linear", "tolerance"]}
    assert space.overrides({"model.calibration": "linear"}) == ["model.calibration=linear"]


def test_an_experiment_with_another_text_than_today_is_fixed_has_no_place() -> None:
    shipped = dataclasses.asdict(Phase3())
    swept = OverridesParser.create().parse_overrides(["model.sequence_weight=interval(0, 1)"])
    space = SearchSpace.of("phase3", shipped, swept)
    assert space.place(shipped) == {"model.sequence_weight": shipped["sequence_weight"]}
    assert space.place(shipped | {"calibration": "linear"}) is None


def test_weights_listed_as_they_are_typed_are_found_from_their_recorded_shares() -> None:
    """0.5 for the genre beside 0.15, 0.05, 0.3 and 0.1 is recorded as 0.5 / 1.1."""
    space = space_of("model.genre_weight=choice(0.4, 0.5)")
    recorded = used(space, {"model.genre_weight": 0.5})
    assert recorded["genre_weight"] == pytest.approx(0.5 / 1.1)
    assert space.place(recorded) == {"model.genre_weight": 0.5}


def test_drawn_weights_share_what_a_fixed_one_leaves() -> None:
    lines = [f"model.{name}=tag(simplex, interval(0, 1))" for name in COMPONENT_WEIGHTS[1:]]
    space = space_of(*lines, genre_weight=0.6)
    recorded = used(space, dict.fromkeys([f"model.{name}" for name in COMPONENT_WEIGHTS[1:]], 0.5))
    assert [recorded[name] for name in COMPONENT_WEIGHTS] == pytest.approx([0.6, 0.1, 0.1, 0.1, 0.1])
    assert space.place(recorded) is not None
    assert space.place(SHIPPED) is None  # its genre weight is 0.4


def test_ranges_are_described_by_hyperparameter() -> None:
    space = space_of(
        "model.cast_lead_threshold=interval(1, 10)",
        "model.genre_boost_high=choice(0.1,0.2)",
        "model.genre_weight=tag(log, interval(0.1, 1))",
    )
    assert space.described() == {
        "cast_lead_threshold": {"low": 1, "high": 10},
        "genre_weight": {"low": 0.1, "high": 1.0, "log": True},
        "genre_boost_high": {"choices": [0.1, 0.2]},
    }
