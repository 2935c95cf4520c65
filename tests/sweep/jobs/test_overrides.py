"""What is read of an override by ourselves is what Hydra reads, and all else is left to it."""

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser
from hypothesis import given
from hypothesis import strategies as st

from sweep.jobs.overrides import read_overrides

GROUPS = ("model", "db")


@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers())
def test_a_number_is_read_as_hydra_reads_it(number: float) -> None:
    line = f"model.genre_weight={number}"
    theirs = OverridesParser.create().parse_override(line).value()
    found = read_overrides([line], GROUPS)
    assert found is not None
    ours = found.values["model.genre_weight"]
    assert (ours, type(ours)) == (theirs, type(theirs))


@pytest.mark.parametrize(
    "text", ["007", "+1", "1_000", ".5", "1.", "1e5", "-0", "0x1f", "1 2", "inf", "nan", ""]
)
def test_whatever_looks_like_a_number_is_read_as_hydra_reads_it(text: str) -> None:
    theirs = OverridesParser.create().parse_override(f"seed={text}").value()
    found = read_overrides([f"seed={text}"], GROUPS)
    assert found is not None
    assert repr(found.values["seed"]) == repr(theirs)


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("parent='1_001'", "1_001"),
        ("parent=null", None),
        ("reuse=false", False),
        ('model.calibration="a, b"', "a, b"),
    ],
)
def test_single_values_are_read(line: str, value: object) -> None:
    found = read_overrides([line], GROUPS)
    assert found is not None
    assert list(found.values.values()) == [value]


def test_choices_keep_their_order_and_the_last_value_of_a_key_holds() -> None:
    found = read_overrides(["seed=1", "model=phase2", "seed=2", "db=sqlite"], GROUPS)
    assert found is not None
    assert found.choices == ("model=phase2", "db=sqlite")
    assert found.values == {"seed": 2}


@pytest.mark.parametrize(
    "line",
    [
        "+seed=1",
        "++seed=1",
        "~seed",
        "seed=${outputs}",
        "seed=???",
        "seed=[1,2]",
        "seed={a: 1}",
        "seed=1,2",
        "model.cast_weight=interval(0,1)",
        "model@other=phase1",
        "model=null",
        "model={genre_weight: 1}",
        "group/part=one",
        "hydra.job.chdir=true",
        "hydra/launcher=basic",
    ],
)
def test_what_is_more_than_a_value_or_a_choice_is_left_to_hydra(line: str) -> None:
    assert read_overrides(["seed=1", line], GROUPS) is None
