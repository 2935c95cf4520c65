"""Names in one value: casts and genres in every form that they are kept in."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.sources.own.people import CAST, LIST, cast_in, genres_in
from pipeline.sources.own.values import Unreadable

TWO = ["Al Pacino", "Val Kilmer"]
PLAYS = [{"name": "Al Pacino", "character": "Hanna"}, {"name": "Val Kilmer", "character": "Chris"}]
CREW = {"name": "Michael Mann", "job": "Director"}


@pytest.mark.parametrize(
    "value",
    [
        "Al Pacino, Val Kilmer",
        "Al Pacino|Val Kilmer",
        "Al Pacino; Val Kilmer",
        " Al Pacino ,, Val Kilmer, Al Pacino",
        TWO,
        json.dumps(TWO),
        str(TWO),
        PLAYS,
        json.dumps(PLAYS),
        str(PLAYS),
        json.dumps([CREW, *PLAYS]),
        json.dumps([*PLAYS, {"name": "Ann", "department": "Editing"}]),
        json.dumps(
            [{"name": "Al Pacino", "job": "Actor"}, {"name": "Val Kilmer", "department": "Acting"}, CREW]
        ),
        json.dumps([{**PLAYS[1], "order": 1}, {**PLAYS[0], "order": 0}]),
        {"cast": PLAYS, "crew": [CREW]},
        json.dumps({"crew": [CREW], "cast": PLAYS}),
        json.dumps({"cast": TWO, "crew": ["Michael Mann"]}),
        json.dumps({"cast": "Al Pacino, Val Kilmer"}),
    ],
)
def test_a_cast_is_found_in_its_order_without_the_crew(value: Any) -> None:
    assert cast_in(value) == TWO


@pytest.mark.parametrize("value", [None, "", " ", [], "[]", "{}", json.dumps({"crew": [CREW]}), [CREW]])
def test_a_cast_may_be_nobody(value: Any) -> None:
    assert cast_in(value) == []


@pytest.mark.parametrize("value", [7, 1.5, "[1, 2]", "[unquoted", "{'cast': 7}", '[{"id": 3}]', [None]])
def test_a_value_without_names_is_refused(value: Any) -> None:
    with pytest.raises(Unreadable, match="names") as refused:
        cast_in(value)
    assert str(refused.value) == CAST


@pytest.mark.parametrize(
    ("value", "separator", "genres"),
    [
        ("Crime|Drama", "|", ["Crime", "Drama"]),
        ("Crime, Drama", ",", ["Crime", "Drama"]),
        ("Crime, Drama", "|", ["Crime, Drama"]),
        ('["Crime", "Drama"]', "|", ["Crime", "Drama"]),
        ("['Crime', \"Drama\"]", "|", ["Crime", "Drama"]),
        (["Crime", "Drama", "Crime"], "|", ["Crime", "Drama"]),
        ('[{"id": 1, "name": "Crime"}]', "|", ["Crime"]),
        ("(no genres listed)", "|", []),
        (None, "|", []),
        ("", "|", []),
    ],
)
def test_genres_are_lists_or_text_between_separators(value: Any, separator: str, genres: list[str]) -> None:
    assert genres_in(value, separator) == genres


def test_genres_that_are_no_names_are_refused() -> None:
    with pytest.raises(Unreadable) as refused:
        genres_in("[1]", "|")
    assert str(refused.value) == LIST


NAMES = st.lists(st.text(st.characters(categories=("L",)), min_size=1, max_size=8), unique=True)


@given(NAMES)
def test_names_are_the_same_in_every_form(names: list[str]) -> None:
    forms: list[Any] = [names, json.dumps(names), str(names), "|".join(names), ",".join(names)]
    forms += [json.dumps([{"name": name, "order": place} for place, name in enumerate(names)][::-1])]
    assert [cast_in(form) for form in forms] == [names] * len(forms)
