import pytest

from pipeline.sources.titles import key_of, names_of, title_and_year


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


@pytest.mark.parametrize(
    ("title", "names"),
    [
        ("Godfather, The", [("the", "Godfather")]),
        ("The Godfather", [("the", "Godfather")]),
        ("Haine, La", [("la", "Haine")]),
        ("Die Hard", [("", "Die Hard")]),
        ("Girls Town", [("", "Girls Town")]),
        ("Seven (a.k.a. Se7en)", [("", "Seven"), ("", "Se7en")]),
        (
            "City of Lost Children, The (Cité des enfants perdus, La)",
            [("the", "City of Lost Children"), ("la", "Cité des enfants perdus")],
        ),
        ("Seven Samurai (The Magnificent Seven) (Shichinin no samurai)",
         [("", "Seven Samurai"), ("the", "Magnificent Seven"), ("", "Shichinin no samurai")]),
        ("(500) Days of Summer", [("", "(500) Days of Summer")]),
        ("", [("", "")]),
    ],
)  # fmt: skip
def test_a_title_holds_the_names_of_a_movie_their_articles_apart(
    title: str, names: list[tuple[str, str]]
) -> None:
    assert [(name.article, name.text) for name in names_of(title)] == names


def test_what_stands_in_front_of_subtitles_is_told() -> None:
    (name,) = names_of("Mission: Impossible - Fallout")
    assert name.heads == ("Mission", "Mission: Impossible")
    assert names_of("Face/Off")[0].heads == names_of("Spider-Man")[0].heads == ()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Fast & Furious", "Fast and Furious"),
        ("Boy's Life", "Boys Life"),
        ("'Crocodile' Dundee", "Crocodile Dundee"),
        ("Pokémon", "POKEMON"),
        ("Spider-Man", "Spider Man"),
        ("Airplane!", "Airplane"),
    ],
)
def test_one_name_has_one_key_however_it_is_spelled(one: str, other: str) -> None:
    assert key_of(one) == key_of(other)


def test_names_that_differ_have_keys_that_differ() -> None:
    names = ["Se7en", "Seven", "Alien", "Aliens", "七人の侍", "七人の敵", "The", "Thing"]
    assert len({key_of(name) for name in names}) == len(names)
