import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.sources.franchises.sequels import Numbered, Sign, numbered
from pipeline.sources.titles import names_of

SURE, UNSURE, YEAR = Sign.SURE, Sign.UNSURE, Sign.YEAR


def read(title: str) -> set[Numbered]:
    return {one for name in names_of(title) for one in numbered(name)}


@pytest.mark.parametrize(
    ("title", "series", "number", "sign"),
    [
        ("Toy Story 2", "toy story", 2, SURE),
        ("Rocky III", "rocky", 3, SURE),
        ("Rocky V", "rocky", 5, UNSURE),
        ("Halloween 5: The Revenge of Michael Myers", "halloween", 5, UNSURE),
        ("Friday the 13th Part VIII: Jason Takes Manhattan", "friday the 13th", 8, SURE),
        ("Land Before Time III, The", "land before time", 3, SURE),
        ("Karate Kid, Part II, The", "karate kid", 2, SURE),
        ("Godfather: Part II, The", "godfather", 2, SURE),
        ("Hot Shots! Part Deux", "hot shots", 2, SURE),
        ("Kill Bill: Vol. 2", "kill bill", 2, SURE),
        ("It: Chapter Two", "it", 2, SURE),
        ("Star Wars: Episode IV - A New Hope", "star wars", 4, SURE),
        ("Naked Gun 2 1/2: The Smell of Fear, The", "naked gun", 2.5, SURE),
        ("Lion King 1½, The", "lion king", 1.5, SURE),
        ("D2: The Mighty Ducks", "mighty ducks", 2, SURE),
        ("Jaws 3-D", "jaws", 3, UNSURE),
        ("Apollo 13", "apollo", 13, UNSURE),
        ("Malcolm X", "malcolm", 10, UNSURE),
        ("Blues Brothers 2000", "blues brothers", 2000, YEAR),
        ("Airport '77", "airport", 1977, YEAR),
    ],
)
def test_a_title_names_series_and_number(title: str, series: str, number: float, sign: Sign) -> None:
    assert read(title) == {Numbered(series, number, sign)}


@pytest.mark.parametrize(
    "title",
    [
        "Seven", "2001: A Space Odyssey", "12 Angry Men", "8 1/2", "I, Robot", "Fahrenheit 9/11", "Se7en",
        "Born on the Fourth of July", "Twelve Monkeys", "Richard III", "Henry VIII", "Catch-22", "Part 2",
        "II", "Dracula II", "Blade IIX", "Love and a .45", "U-571", "Rocky 12345", "X 1/0", "",
    ],
)  # fmt: skip
def test_a_title_without_a_number_of_a_series_names_none(title: str) -> None:
    assert read(title) == set()


def test_a_part_of_a_part_belongs_to_both() -> None:
    found = {one.series for one in read("Twilight Saga: Breaking Dawn - Part 2, The")}
    assert found == {"twilight saga breaking dawn", "breaking dawn"}


@given(st.text(max_size=20) | st.lists(st.sampled_from(list("IVX 12/½:-'´DPart.٣²"))).map("".join))
@example("a ٣")
@example("a 1/0")
def test_whatever_a_title_holds_its_series_have_names_and_numbers(title: str) -> None:
    for one in read(title):
        assert any(letter.isalpha() for letter in one.series)
        assert 0 <= one.number < 10_000
