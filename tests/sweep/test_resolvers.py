from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.parameters import InvalidInput
from project import ROOT, shown_path
from sweep.resolvers import around, in_project, trial_folder


@pytest.mark.parametrize(
    ("value", "radius", "count", "expected"),
    [
        (0.4, 0.1, 3, "0.36,0.4,0.44"),
        (0.4, 0.2, 5, "0.32,0.36,0.4,0.44,0.48"),
        (-0.2, 0.1, 3, "-0.22,-0.2,-0.18"),
        (0.4, 0.1, 1, "0.4"),
        (5, 0.2, 3, "4,5,6"),
        (5, 0.05, 3, "5"),
        (0.0, 0.5, 5, "0.0"),
    ],
)
def test_a_grid_lies_around_its_value(value: float, radius: float, count: int, expected: str) -> None:
    assert around(value, radius, count) == expected


@given(st.floats(-1, 1).filter(lambda v: abs(v) > 1e-3), st.floats(0.01, 1), st.integers(2, 9))
def test_a_grid_is_ascending_and_reaches_both_ends(value: float, radius: float, count: int) -> None:
    listed = [float(v) for v in around(value, radius, count).split(",")]
    assert listed == sorted(set(listed))
    reach = abs(value) * radius
    assert listed[0] == pytest.approx(value - reach, rel=1e-5, abs=1e-12)
    assert listed[-1] == pytest.approx(value + reach, rel=1e-5, abs=1e-12)


@pytest.mark.parametrize(("value", "radius"), [("much", 0.1), (0.4, "far"), (None, 0.1), (True, 0.1)])
def test_what_is_no_number_is_refused_under_its_name(value: object, radius: object) -> None:
    with pytest.raises(InvalidInput, match=r"^(search\.radius|the value to search around) must be a number"):
        around(value, radius, 3)  # type: ignore[arg-type]


def test_folders_are_relative_to_the_project_unless_they_are_absolute() -> None:
    assert in_project("outputs") == str(ROOT / "outputs")
    assert in_project("/elsewhere") == "/elsewhere"
    assert shown_path(ROOT / "outputs" / "r" / "001") == "outputs/r/001"
    assert shown_path(Path("/elsewhere/r")) == "/elsewhere/r"


def test_trials_count_from_1_in_three_digits() -> None:
    assert [trial_folder(job) for job in (0, 9, 999)] == ["001", "010", "1000"]
