"""What earns its place, and what needs a reason to stay."""

from collections.abc import Sequence

import numpy as np
import pytest
from tiny_data import users_of_ndcg

from earning import COSTS, DEAD, NOT_MOVED, WITHIN_NOISE, Models, misnamed, reason, unexplained, verdict
from hyperparameters_page import ends
from moves import TOLD, Move, Surroundings
from pipeline.hyperparameters import Phase1
from pipeline.metrics import Measurement
from pipeline.parameters import parameters
from pipeline.sensitivity import Effect
from presets import Tried


def move(
    name: str, accuracy: float = 0, ndcg: float = 0, told: Sequence[str] = (), value: object = 1
) -> Move:
    is_none = not (accuracy or ndcg)
    return Move(name, value, Effect(accuracy, ndcg, 0.0, 0.0, is_none), frozenset(told))


def about(*moves: Move, aims: Sequence[str] = tuple(TOLD)) -> list[Surroundings]:
    center = Tried(Phase1(), Measurement({}, users_of_ndcg(np.zeros(1))))
    return [Surroundings("as shipped", aims, None, center, moves)]


@pytest.mark.parametrize(
    ("moves", "words"),
    [
        ([move("x", accuracy=0.1, told=["accuracy"]), move("x", ndcg=-0.1, told=["ndcg"])], "gains accuracy"),
        ([move("x", accuracy=0.1, ndcg=0.1, told=TOLD.keys())], "gains accuracy and NDCG@10"),
        ([move("x", accuracy=0.1), move("x", ndcg=-0.1, told=["ndcg"])], COSTS),
        ([move("x", accuracy=0.1), move("x")], WITHIN_NOISE),
        ([move("x"), move("x")], DEAD),
        ([move("y", accuracy=0.1, told=["accuracy"])], NOT_MOVED),
    ],
)
def test_a_verdict_is_what_users_can_tell(moves: Sequence[Move], words: str) -> None:
    assert verdict("x", about(*moves)) == words


def test_a_gain_in_what_a_configuration_was_not_tuned_for_does_not_count() -> None:
    gain = move("x", accuracy=0.1, told=["accuracy"])
    assert verdict("x", about(gain, aims=["ndcg"])) == WITHIN_NOISE


def test_what_gains_nothing_needs_a_reason_or_another_model_where_it_gains() -> None:
    names, gain = list(parameters(Phase1)), {"accuracy": 0.1, "told": ["accuracy"]}
    dead: Models = {"phase1": about(move("cast_weight"), *(move(name, **gain) for name in names[2:]))}
    assert list(unexplained(dead, {"genre_weight": "x"})) == ["cast_weight (dead in phase1)"]
    assert reason("cast_weight", "phase1", dead, {"cast_weight": "y"}) == "y"
    both = {**dead, "phase2": about(move("cast_weight", **gain))}
    assert reason("cast_weight", "phase1", both, {}) == "gains in model=phase2"
    assert reason("cast_weight", "phase2", both, {}) == ""


def test_every_reason_is_one_of_a_hyperparameter() -> None:
    assert list(misnamed()) == []
    assert list(misnamed({"cast_wieght": "x"})) == ["cast_wieght does not exist; did you mean cast_weight?"]


def test_the_value_of_a_gain_is_given() -> None:
    moves = [move("x", accuracy=-0.1, told=["accuracy"]), move("x", accuracy=0.05, value="linear")]
    assert ends(moves, "accuracy") == "-0.1000* +0.0500 at linear"
    assert ends(moves, "ndcg") == "0"
    assert ends([move("x", ndcg=-0.2)], "ndcg") == "-0.2000"
