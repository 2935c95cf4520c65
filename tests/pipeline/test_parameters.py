import math
import pickle
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from pipeline.parameters import InvalidInput, near, parameter, parameters, read


@dataclass(frozen=True, kw_only=True)
class Projector:
    """One parameter of each kind."""

    brightness: float = parameter(0.5, "share of full power", low=0, high=1)
    reels: int = parameter(3, "reels on the shelf", low=1)
    colour: bool = parameter(True, "whether films are in colour")
    format: str = parameter("35mm", "width of the film", choices=("16mm", "35mm", "70mm"))
    label: str = parameter("", "free text")
    delay: float | None = parameter(None, "seconds before the start; null for none", low=0)
    internal: int = 7

    def conflicts(self) -> Iterator[str]:
        if not self.colour and self.format == "70mm":
            yield "colour must be true where format is 70mm, got False"
        if self.reels > 10 and self.delay is not None:
            yield f"delay must be null where reels are above 10, got {self.delay}"


GOOD = {
    "brightness": 0.5,
    "reels": 3,
    "colour": True,
    "format": "35mm",
    "label": "",
    "delay": None,
}


def problems(**changed: Any) -> list[str]:
    with pytest.raises(InvalidInput) as raised:
        read(Projector, GOOD | changed, "projector.")
    return list(raised.value.problems)


def test_legal_values_become_settings() -> None:
    assert read(Projector, GOOD) == Projector()


def test_parameters_are_the_declared_fields_in_order() -> None:
    known = parameters(Projector)
    assert list(known) == ["brightness", "reels", "colour", "format", "label", "delay"]
    assert (known["brightness"].default, known["brightness"].interval) == (0.5, "[0, 1]")
    assert (known["reels"].interval, known["delay"].interval) == ("[1, inf)", "[0, inf)")
    assert [name for name, spec in known.items() if spec.optional] == ["delay"]
    assert known["delay"].kind is float
    assert known["format"].meaning == "width of the film"


def test_an_integer_is_a_number_and_becomes_one() -> None:
    brightness = read(Projector, GOOD | {"brightness": 1}).brightness
    assert brightness == 1
    assert type(brightness) is float


def test_bounds_are_legal() -> None:
    assert read(Projector, GOOD | {"brightness": 0.0, "reels": 1, "delay": 0}).delay == 0


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("brightness", 1.01, "must be in [0, 1], got 1.01"),
        ("brightness", -1e-9, "must be in [0, 1], got -1e-09"),
        ("brightness", math.nan, "must be a number in [0, 1], got nan"),
        ("brightness", math.inf, "must be a number in [0, 1], got inf"),
        ("brightness", True, "must be a number in [0, 1], got True"),
        ("brightness", "0.5", "must be a number in [0, 1], got '0.5'"),
        ("brightness", None, "must be a number in [0, 1], got None"),
        ("reels", 3.0, "must be an integer in [1, inf), got 3.0"),
        ("reels", False, "must be an integer in [1, inf), got False"),
        ("reels", 0, "must be in [1, inf), got 0"),
        ("colour", 1, "must be true or false, got 1"),
        ("colour", "true", "must be true or false, got 'true'"),
        ("format", "36mm", "must be one of 16mm, 35mm, 70mm, got '36mm'; did you mean 35mm?"),
        ("format", "VHS", "must be one of 16mm, 35mm, 70mm, got 'VHS'"),
        ("format", 35, "must be one of 16mm, 35mm, 70mm, got 35"),
        ("label", None, "must be text, got None"),
        ("delay", -1, "must be in [0, inf), got -1"),
        ("delay", "soon", "must be a number in [0, inf), got 'soon'"),
        ("delay", math.nan, "must be a number in [0, inf), got nan"),
    ],
)
def test_an_illegal_value_is_explained(name: str, value: object, problem: str) -> None:
    assert problems(**{name: value}) == [f"projector.{name} {problem}"]


def test_every_problem_is_named_at_once() -> None:
    asked = {name: value for name, value in GOOD.items() if name != "label"}
    with pytest.raises(InvalidInput) as raised:
        read(Projector, asked | {"reels": 0, "brightness": 2, "brigthness": 1, "internal": 3})
    assert str(raised.value).splitlines() == [
        "brigthness does not exist; did you mean brightness?",
        "internal does not exist; there are brightness, reels, colour, format, label, delay",
        "label is missing",
        "brightness must be in [0, 1], got 2",
        "reels must be in [1, inf), got 0",
    ]


def test_conflicts_are_named_together_once_every_value_is_legal() -> None:
    clash = {"colour": False, "format": "70mm", "reels": 11, "delay": 2}
    assert problems(**clash) == [
        "projector.colour must be true where format is 70mm, got False",
        "projector.delay must be null where reels are above 10, got 2.0",
    ]
    assert len(problems(**clash, brightness=2)) == 1


def test_a_near_name_is_pointed_at_and_a_long_list_is_not_shown() -> None:
    assert near("reel", ["reels"], "projector.") == "; did you mean projector.reels?"
    assert near("zzz", ["reels"]) == "; there are reels"
    assert near("zzz", []) == ""
    assert near("zzz", [f"reel{k}" for k in range(13)]) == ""


def test_a_problem_survives_the_way_between_processes() -> None:
    problem = InvalidInput(["a is missing", "b is missing"])
    again = pickle.loads(pickle.dumps(problem))  # noqa: S301 - our own
    assert (type(again), again.problems, str(again)) == (InvalidInput, problem.problems, str(problem))
