import pytest

from pipeline.sources.titles import title_and_year


@pytest.mark.parametrize(
    ("text", "title", "year"),
    [
        ("Toy Story (1995)", "Toy Story", 1995),
        ("Seven (a.k.a. Se7en) (1995)", "Seven (a.k.a. Se7en)", 1995),
        ("Babylon 5", "Babylon 5", 0),
        ("2001: A Space Odyssey (1968)", "2001: A Space Odyssey", 1968),
        ("1984 (Nineteen Eighty-Four) (1984)", "1984 (Nineteen Eighty-Four)", 1984),
        (" Elephant Man, The (1980) ", "Elephant Man, The", 1980),
        ("Land Before Time III, The (1995) (V)", "Land Before Time III, The", 1995),
        ("Fawlty Towers (1975-1979)", "Fawlty Towers", 1975),
        ("Death Note: Desu nôto (2006–2007)", "Death Note: Desu nôto", 2006),
        ("Diplomatic Immunity (2009– )", "Diplomatic Immunity", 2009),
        ("Moonlight", "Moonlight", 0),
        ("(500) Days of Summer (2009)", "(500) Days of Summer", 2009),
        ("Paris, Texas (1984)(TV)", "Paris, Texas", 1984),
        ("unknown", "unknown", 0),
        ("(1995)", "(1995)", 0),
        ("Room (19955)", "Room (19955)", 0),
        ("", "", 0),
    ],
)
def test_the_year_is_taken_off_the_end_of_a_title(text: str, title: str, year: int) -> None:
    assert title_and_year(text) == (title, year)
