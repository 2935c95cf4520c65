"""Franchises by title, on titles and genres as MovieLens writes them."""

import dataclasses
import re
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.dataset import Dataset
from pipeline.sources.catalogue import Catalogue
from pipeline.sources.franchises.by_title import with_franchises
from pipeline.sources.intake import Tally
from pipeline.sources.movie import Movie
from pipeline.sources.titles import title_and_year

# Each with year, then genres, "|" between. Movies of one tuple are a franchise by their titles.
FRANCHISES = [
    ("Toy Story (1995)", "Toy Story 2 (1999)"),
    ("Blade (1998)", "Blade II (2002)"),
    ("Die Hard (1988)", "Die Hard 2: Die Harder (1990)"),
    ("Rocky (1976)", "Rocky III (1982)", "Rocky IV (1985)", "Rocky V (1990)"),
    ("Best of the Best 2 (1993)", "Best of the Best 3: No Turning Back (1995)"),
    ("Godfather, The (1972)", "Godfather: Part II, The (1974)"),
    ("The Crow (1994) Action|Thriller", "The Crow: City of Angels (1996) Action|Thriller"),
    ("Karate Kid, The (1984)", "Karate Kid, Part II, The (1986)"),
    ("Hot Shots! (1991)", "Hot Shots! Part Deux (1993)"),
    ("Boys Life (1995)", "Boy's Life 2 (1997)"),
    ("It (2017)", "It: Chapter Two (2019)"),
    ("Kill Bill: Vol. 1 (2003)", "Kill Bill: Vol. 2 (2004)"),
    ("Friday the 13th Part 3: 3D (1982)", "Friday the 13th Part VIII: Jason Takes Manhattan (1989)"),
    ("Halloween (1978)", "Halloween 4: The Return of Michael Myers (1988)", "Halloween 5 (1989)"),
    ("Homeward Bound: The Incredible Journey (1993)", "Homeward Bound II: Lost in San Francisco (1996)"),
    (
        "Naked Gun: From the Files of Police Squad!, The (1988)",
        "Naked Gun 2 1/2: The Smell of Fear, The (1991)",
        "Naked Gun 33 1/3: The Final Insult (1994)",
    ),
    ("Jaws (1975)", "Jaws 2 (1978)", "Jaws 3-D (1983)"),
    ("Lion King, The (1994) Animation", "Lion King 1½, The (2004) Animation"),
    ("Mighty Ducks, The (1992)", "D2: The Mighty Ducks (1994)", "D3: The Mighty Ducks (1996)"),
    ("First Blood (Rambo: First Blood) (1982)", "Rambo: First Blood Part II (1985)", "Rambo III (1988)"),
    ("Fast and the Furious, The (2001)", "2 Fast 2 Furious (Fast and the Furious 2, The) (2003)"),
    ("Blues Brothers, The (1980) Action|Musical", "Blues Brothers 2000 (1998) Action|Musical"),
    ("Carrie (1976)", "Rage: Carrie 2, The (1999)"),
    ("Psycho (1960)", "Psycho II (1983)"),
    ("Bambi (1942) Animation", "Bambi II (2006) Animation"),
    ("Mission: Impossible (1996) Action", "Mission: Impossible II (2000) Action"),
    (
        "Mission: Impossible III (2006) Action",
        "Mission: Impossible IV (2011) Action",
        "Mission: Impossible - Fallout (2018) Action",
    ),
    (
        "Star Wars: Episode IV - A New Hope (a.k.a. Star Wars) (1977)",
        "Star Wars: Episode V - The Empire Strikes Back (1980)",
        "Star Wars: Episode I - The Phantom Menace (1999)",
        "Star Wars: Episode II - Attack of the Clones (2002)",
    ),
    (
        "Star Trek: The Motion Picture (1979) Action|Adventure|Sci-Fi",
        "Star Trek II: The Wrath of Khan (1982) Action|Sci-Fi",
        "Star Trek VI: The Undiscovered Country (1991) Action|Sci-Fi",
        "Star Trek: Generations (1994) Action|Sci-Fi",
    ),
    ("Alien (1979) Action|Horror|Sci-Fi", "Alien: Resurrection (1997) Action|Horror|Sci-Fi"),
    ("Candyman (1992) Horror", "Candyman: Farewell to the Flesh (1995) Horror"),
    ("Ace Ventura: Pet Detective (1994) Comedy", "Ace Ventura: When Nature Calls (1995) Comedy"),
    (
        "Lord of the Rings: The Fellowship of the Ring, The (2001) Adventure|Fantasy",
        "Lord of the Rings: The Two Towers, The (2002) Adventure|Fantasy",
    ),
    ("Three Colors: Blue (1993) Drama", "Three Colors: White (1994) Comedy|Drama"),
    (
        "Harry Potter and the Sorcerer's Stone (a.k.a. Harry Potter and the Philosopher's Stone) (2001)",
        "Harry Potter and the Chamber of Secrets (2002)",
        "Harry Potter and the Goblet of Fire (2005)",
        "Harry Potter and the Deathly Hallows: Part 1 (2010)",
        "Harry Potter and the Deathly Hallows: Part 2 (2011)",
    ),
    (
        "Pirates of the Caribbean: The Curse of the Black Pearl (2003)",
        "Pirates of the Caribbean: Dead Man's Chest (2006)",
    ),
]
STRANGERS = [
    ("Seven (a.k.a. Se7en) (1995)", "Seven Samurai (The Magnificent Seven) (Shichinin no samurai) (1954)"),
    ("2001: A Space Odyssey (1968)", "2010 (1984)", "2001 (1990)"),
    ("Apollo (1970)", "Apollo 13 (1995)", "Apollo 18 (2011)"),
    ("12 Angry Men (1957)", "Angry Men (1950)"),
    ("Babylon (1980)", "Babylon 5 (1993)"),
    ("Ocean's Eleven (a.k.a. Ocean's 11) (1960)", "Ocean's Eleven (2001)"),
    ("Monkeys (1990)", "Twelve Monkeys (a.k.a. 12 Monkeys) (1995)"),
    ("Malcolm (1986)", "Malcolm X (1992)", "American History (1990)", "American History X (1998)"),
    ("Henry V (1944)", "Henry V (1989)", "Henry IV (1990)", "Henry VIII (1991)", "Henry (1980)"),
    ("I (1990)", "I, Robot (2004)", "Robot (2000)"),
    ("Mr. (1990)", "Mr. 3000 (2004)"),
    ("Fahrenheit (2000)", "Fahrenheit 9/11 (2004)", "Fahrenheit 451 (1966)"),
    ("District (2000)", "District 9 (2009)", "District 13 (Banlieue 13) (2004)"),
    ("Area (2000)", "Area 51 (2015)"),
    ("Born on the Fourth of July (1989)", "July (1980)"),
    ("Ali G Indahouse: The Movie (2002) Comedy", "Ali G (2001) Comedy"),
    ("Batman (1989) Action", "Batman: Mask of the Phantasm (1993) Action|Animation"),
    ("Dracula (1979) Horror", "Dracula: Dead and Loving It (1995) Horror", "Dracula II (1990) Horror"),
    ("Kids (1995) Comedy", "Kids in the Hall: Brain Candy (1996) Comedy"),
    ("Killer (Bulletproof Heart) (1994) Thriller", "Killer: A Journal of Murder (1995) Thriller"),
    ("Mission, The (1986) Action", "Mission: Impossible (1996) Action"),
    ("Daniel (1983) Drama", "Daniel: The Wizard (2004) Drama"),
    ("Robin Hood: Men in Tights (1993) Comedy", "Robin Hood: Prince of Thieves (1991) Action"),
    ("Love & Human Remains (1993)", "Love & Basketball (2000)", "Love and Other Catastrophes (1996)"),
    ("Father of the Bride (1950)", "Father of the Bride Part II (1995)"),
    ("Death Race (2008)", "Death Race 2000 (1975)"),
    ("Scarlet Letter, The (1926)", "Scarlet Letter, The (1995)", "Scarlet Letter, The (1995)"),
    ("Alien (1979)", "Aliens (1986)", "Batman (1989)", "Batman Returns (1992)"),
    ("8 1/2 (1963)", "8 (2000)", "9 1/2 Weeks (1986)"),
    ("Beauty and the Beast (1991)", "Beauty (2000)", "Beauty and the Devil (1950)"),
    ("Fear: A Story (1990) Horror", "Fear: Another Story (1991) Horror"),
    ("Nirvana: Live! (1992) Documentary", "Nirvana: X (1994) Documentary"),
    ("Jungle Book, The (1994) Adventure", "Jungle Book 2, The (2003) Animation"),
    ("Elizabeth (1998)", "Elizabeth I (2005)"),
    ("x" * 5000 + " (1990)", "x" * 5000 + " 2 (1995)"),
]  # fmt: skip


def listed(texts: Sequence[str], first_id: int = 1) -> list[Movie]:
    """Make movies of "Title (year) Genre|Genre"."""
    movies = []
    for number, text in enumerate(texts, start=first_id):
        titled, genres = re.fullmatch(r"(.*?\(\d{4}\))(?: (\S+))?", text).groups()  # type: ignore[union-attr]
        title, year = title_and_year(titled)
        movies.append(
            Movie(id=str(number), title=title, year=year, genres=genres.split("|") if genres else ())
        )
    return movies


ALL = listed([text for franchise in (*FRANCHISES, *STRANGERS) for text in franchise])


def collections(movies: Sequence[Movie]) -> list[str | None]:
    return [movie.collection for movie in with_franchises(movies)]


def partition(movies: Sequence[Movie]) -> set[frozenset[str]]:
    """Give the ids of each franchise."""
    groups: dict[str, set[str]] = {}
    for movie in with_franchises(movies):
        if movie.collection is not None:
            groups.setdefault(movie.collection, set()).add(movie.id)
    return {frozenset(ids) for ids in groups.values()}


@pytest.mark.parametrize("titles", FRANCHISES, ids=lambda titles: titles[0])
def test_films_of_one_franchise_are_found_by_their_titles(titles: tuple[str, ...]) -> None:
    found = collections(listed(titles))
    assert None not in found
    assert len(set(found)) == 1


@pytest.mark.parametrize("titles", STRANGERS, ids=lambda titles: titles[0][:40])
def test_films_that_only_share_words_are_no_franchise(titles: tuple[str, ...]) -> None:
    assert set(collections(listed(titles))) == {None}


def test_a_sequel_follows_the_remake_that_it_was_made_after() -> None:
    films = listed(
        ["Father of the Bride (1980)", "Father of the Bride (1991)", "Father of the Bride Part II (1995)"]
    )
    assert partition(films) == {frozenset({"2", "3"})}
    films = listed(["Halloween (1978)", "Halloween II (1981)", "Halloween (2007)", "Halloween II (2009)"])
    assert partition(films) == {frozenset({"1", "2"}), frozenset({"3", "4"})}
    films = listed(["Taxi (1998)", "Taxi 2 (2000)", "Taxi 3 (2003)", "Taxi (2004)", "Taxi 4 (2007)"])
    assert partition(films) == {frozenset({"1", "2", "3", "5"})}


def test_a_film_follows_one_that_is_drawn_as_it_is() -> None:
    films = [
        "Jungle Book, The (1967) Animation",
        "Jungle Book, The (1994) Adventure",
        "Jungle Book 2, The (2003) Animation",
    ]
    assert partition(listed(films)) == {frozenset({"1", "3"})}


def test_years_and_genres_that_are_not_known_are_no_obstacle() -> None:
    titles = ["Grease", "Grease 2", "Ace Ventura: Pet Detective", "Ace Ventura: When Nature Calls"]
    films = [Movie(id=str(number), title=title) for number, title in enumerate(titles)]
    assert partition(films) == {frozenset({"0", "1"}), frozenset({"2", "3"})}
    films = [Movie(id="0", title="Alien"), Movie(id="1", title="Alien: Resurrection")]
    assert partition(films) == set(), "one word and a subtitle are too little"


def test_where_years_cannot_tell_which_film_is_followed_none_is() -> None:
    films = [*listed(["Taxi (1998)", "Taxi (2004)"]), Movie(id="3", title="Taxi 2")]
    assert partition(films) == set()


def test_one_film_that_is_there_twice_is_no_franchise_but_both_are_of_one() -> None:
    twice = ["Scream (1996)", "Scream (1996)"]
    assert partition(listed(twice)) == set()
    assert partition(listed([*twice, "Scream 2 (1997)"])) == {frozenset({"1", "2", "3"})}
    assert (
        partition(listed(["Kama Sutra: Tales (1996) Romance", "Kama Sutra: Tales (1996) Romance"])) == set()
    )


def test_a_sequel_joins_the_collection_of_the_film_that_it_follows() -> None:
    first, second, third = listed(["Scream (1996)", "Scream 2 (1997)", "Scream 3 (2000)"])
    first = dataclasses.replace(first, collection="Scream Collection")
    tally = Tally()
    found = with_franchises([third, second, first], tally)
    assert {movie.collection for movie in found} == {"Scream Collection"}
    assert tally.closed().notes == ("2 movies in 1 franchise by their titles",)


def test_two_collections_are_never_made_one() -> None:
    films = listed(["Halloween (1978)", "Halloween II (1981)", "Halloween III (1982)", "Halloween 4 (1988)"])
    known = ("old", None, "new", None)
    films = [dataclasses.replace(film, collection=name) for film, name in zip(films, known, strict=True)]
    assert collections(films) == ["old", "old", "new", "new"]


def test_a_film_of_a_collection_keeps_it_and_one_alone_gets_none() -> None:
    films = listed(["Toy Story (1995)", "Heat (1995)"])
    films[0] = dataclasses.replace(films[0], collection="toys")
    tally = Tally()
    assert [movie.collection for movie in with_franchises(films, tally)] == ["toys", None]
    assert tally.closed().notes == ()


def test_numbers_in_place_of_titles_are_no_franchise() -> None:
    numbered = [Movie(id=str(n), title=f"Film {n}", year=1999) for n in range(1, 52)]
    assert not any(movie.collection for movie in with_franchises(numbered))
    assert all(movie.collection for movie in with_franchises(numbered[:50]))


def test_a_catalogue_finds_franchises_where_it_is_asked_to() -> None:
    films = listed(["Toy Story (1995)", "Heat (1995)", "Toy Story 2 (1999)"])
    tally = Tally()
    found = Catalogue.of(films, franchises_from_titles=True, tally=tally)
    assert found.movies[0].collection == found.movies[2].collection is not None
    assert tally.closed().notes == ("2 movies in 1 franchise by their titles",)
    assert [movie.collection for movie in Catalogue.of(films).movies] == [None, None, None]


@given(st.permutations(ALL))
def test_the_order_of_the_movies_does_not_matter(movies: list[Movie]) -> None:
    known = {movie.id: movie.collection for movie in with_franchises(ALL)}
    assert {movie.id: movie.collection for movie in with_franchises(movies)} == known


WORDS = [
    "Star",
    "Alien",
    "The",
    "II",
    "2",
    "X",
    "5",
    ":",
    "-",
    "Part",
    ", The",
    "(A",
    ")",
    "3-D",
    "and the",
    "1984",
    "½",
]
TITLES = st.lists(st.sampled_from(WORDS), max_size=6).map(" ".join) | st.text(max_size=12)
MOVIES = st.lists(
    st.builds(
        Movie,
        id=st.integers(0, 99).map(str),
        title=TITLES,
        year=st.sampled_from([0, 1950, 1980, 1990, 1995]),
        genres=st.lists(st.sampled_from(["Drama", "Horror", "Animation"]), max_size=2),
        collection=st.sampled_from([None, None, "one", "other"]),
    ),
    max_size=12,
    unique_by=lambda movie: movie.id,
)


@given(MOVIES)
def test_whatever_the_titles_a_franchise_has_two_movies_and_collections_stay(movies: list[Movie]) -> None:
    found = with_franchises(movies)
    given_ones = {movie.collection for movie in movies}
    names = [movie.collection for movie in found]
    for before, after in zip(movies, found, strict=True):
        assert dataclasses.replace(after, collection=before.collection) == before
        assert before.collection in (None, after.collection)
        assert after.collection in given_ones or names.count(after.collection) >= 2


@given(MOVIES)
def test_a_movie_of_another_name_changes_nothing(movies: list[Movie]) -> None:
    stranger = Movie(id="100", title="Unrelated", year=1985)
    *found, last = with_franchises([*movies, stranger])
    assert found == with_franchises(movies)
    assert last == stranger


OF_100K = [
    ["Ace Ventura: Pet Detective", "Ace Ventura: When Nature Calls"],
    ["Alien", "Alien 3", "Alien: Resurrection"],
    [
        "Amityville II: The Possession",
        "Amityville 3-D",
        "Amityville: A New Generation",
        "Amityville: Dollhouse",
    ],
    ["Blues Brothers, The", "Blues Brothers 2000"],
    ["Boys Life", "Boy's Life 2"],
    ["Candyman", "Candyman: Farewell to the Flesh"],
    ["Crow, The", "Crow: City of Angels, The"],
    ["Die Hard", "Die Hard 2", "Die Hard: With a Vengeance"],
    ["Free Willy", "Free Willy 2: The Adventure Home", "Free Willy 3: The Rescue"],
    ["Godfather, The", "Godfather: Part II, The"],
    ["Grease", "Grease 2"],
    ["Highlander", "Highlander III: The Sorcerer"],
    ["Home Alone", "Home Alone 3"],
    ["Homeward Bound: The Incredible Journey", "Homeward Bound II: Lost in San Francisco"],
    ["Jaws", "Jaws 2", "Jaws 3-D"],
    ["Lawnmower Man, The", "Lawnmower Man 2: Beyond Cyberspace"],
    ["Mortal Kombat", "Mortal Kombat: Annihilation"],
    ["Prophecy, The", "Prophecy II, The"],
    ["Scream", "Scream 2"],
    ["Speed", "Speed 2: Cruise Control"],
    [
        "Star Trek: The Motion Picture",
        "Star Trek: The Wrath of Khan",
        "Star Trek III: The Search for Spock",
        "Star Trek IV: The Voyage Home",
        "Star Trek V: The Final Frontier",
        "Star Trek VI: The Undiscovered Country",
        "Star Trek: Generations",
        "Star Trek: First Contact",
    ],
    ["Tales From the Crypt Presents: Demon Knight", "Tales from the Crypt Presents: Bordello of Blood"],
    ["Terminator, The", "Terminator 2: Judgment Day"],
    ["Three Colors: Blue", "Three Colors: Red", "Three Colors: White"],
    ["Under Siege", "Under Siege 2: Dark Territory"],
    ["Young Guns", "Young Guns II"],
]


def test_of_movielens_100k_no_franchise_is_false_and_most_numbered_sequels_are_found(
    movielens: Dataset,
) -> None:
    rows, names = movielens.genres, movielens.genre_names
    movies = [
        Movie(id=str(movie_id), title=str(title), year=int(year), genres=names[rows[[row]].indices].tolist())
        for row, (movie_id, title, year) in enumerate(
            zip(movielens.movie_ids, movielens.titles, movielens.years, strict=True)
        )
    ]
    groups: dict[str, list[str]] = {}
    for movie in sorted(with_franchises(movies), key=lambda movie: (movie.year, movie.title)):
        if movie.collection is not None:
            groups.setdefault(movie.collection, []).append(movie.title)
    assert sorted(groups.values()) == OF_100K, "each was read and is a franchise"
