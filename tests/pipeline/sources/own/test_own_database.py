"""Somebody's own database: what its values may be, and the one line that says which of them may not."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hydra import compose, initialize_config_dir
from omegaconf import OmegaConf
from own_tables import asked

from db.source_tables import open_tables
from pipeline.dataset import Dataset
from pipeline.parameters import InvalidInput
from pipeline.sources import Sql, intake_of, load
from pipeline.sources.intake import Finding
from pipeline.sources.section import read_section
from project import CONF

QUIET = lambda _line: None  # noqa: E731 - an Announce that says nothing
MOVIES = [(10, "Heat (1995)", "Crime|Drama"), (20, "Ronin", None)]
RATINGS = [(1, 10, 5, 100), (2, 10, 3, 50), (2, 20, 4, 7)]
Make = Callable[..., Dataset]


@pytest.fixture
def read(tmp_path: Path) -> Make:
    """Give what writes a SQLite file of any values, and reads it."""

    def made(*overrides: str, ratings: Any = RATINGS, movies: Any = MOVIES, cast: Any = ()) -> Dataset:
        (tmp_path / "own.db").unlink(missing_ok=True)
        with closing(sqlite3.connect(tmp_path / "own.db")) as connection, connection:
            connection.execute("CREATE TABLE ratings (user_id, movie_id, rating, timestamp)")
            connection.execute("CREATE TABLE movies (movie_id, title, genres)")
            connection.execute("CREATE TABLE credits (movie_id, actor_id, place)")
            connection.executemany("INSERT INTO ratings VALUES (?, ?, ?, ?)", ratings)
            connection.executemany("INSERT INTO movies VALUES (?, ?, ?)", movies)
            connection.executemany("INSERT INTO credits VALUES (?, ?, ?)", cast)
        data = asked(["data=sql", f"data.url=sqlite:///{tmp_path}/own.db", *overrides])
        return load(data.source, tmp_path / "cache", QUIET, open_tables=open_tables)

    return made


def test_three_ratings_of_two_movies_are_what_can_be_seen_in_the_tables(read: Make) -> None:
    d = read()
    assert (d.user_ids.tolist(), d.movie_ids.tolist()) == (["1", "2"], ["10", "20"])
    assert (d.users.tolist(), d.movies.tolist()) == ([0, 1, 1], [0, 1, 0])
    assert (d.ratings.tolist(), d.stars) == ([1.0, 0.8, 0.6], 5)
    assert (d.titles.tolist(), d.years.tolist()) == (["Heat", "Ronin"], [1995, 0])
    assert d.genres.toarray().tolist() == [[1, 1], [0, 0]]


def test_the_database_is_read_anew_each_time_and_what_was_read_is_kept(read: Make, tmp_path: Path) -> None:
    first, same, other = read(), read(), read(ratings=[*RATINGS, (3, 10, 1, 1)])
    assert first.fingerprint == same.fingerprint != other.fingerprint
    kept = sorted(one.name for one in (tmp_path / "cache").glob("sql-*"))
    assert kept == sorted(f"sql-{one.fingerprint}" for one in (first, other))


def test_values_of_any_type_that_says_the_same_are_the_same(read: Make) -> None:
    mixed = [("1", " 10", "5", "100"), ("2", 10, 3.0, "1970-01-01T00:00:50Z"), (2, "20", "4.0", 7.9)]
    assert read(ratings=mixed).fingerprint == read().fingerprint


def test_missing_ratings_and_times_are_counted(read: Make) -> None:
    d = read(ratings=[*RATINGS, (1, 20, None, 8), (3, 20, 1, None), (3, 77, 1, 1)])
    intake = intake_of(d)
    assert intake is not None
    assert intake.read == {"movies": 2, "ratings": 6}
    assert intake.dropped == (
        Finding("ratings", "without a rating", 1, ("table ratings, row 4: movie '20'",)),
        Finding("ratings", "of movies that are not there", 1, ("table ratings, row 6: movie '77'",)),
    )
    why = "without a time: taken for the earliest"
    assert intake.mended == (Finding("ratings", why, 1, ("table ratings, row 5",)),)


def test_a_cast_without_positions_is_ranked_by_film_counts_whatever_the_order_of_rows(read: Make) -> None:
    cast = [(10, "c", 1), (10, "a", 2), (10, "b", 2), (20, "b", None), (20, "d", 5)]
    known = None
    for rows in (cast, cast[::-1]):
        d = read("data.cast.table=credits", cast=rows)
        assert d.billing.toarray().tolist() == [[2, 1, 3, 0], [0, 1, 0, 2]], "b has two films"
        intake = intake_of(d)
        assert intake is not None
        assert "there is no billing order: a cast is ranked by its actors' film counts" in intake.notes
        placed = read("data.cast.table=credits", "data.cast.position=place", cast=rows)
        assert placed.billing.toarray().tolist() == [[2, 3, 1, 0], [0, 2, 0, 1]], (
            "ties by actor, no place last"
        )
        known = known or placed.fingerprint
        assert placed.fingerprint == known


@pytest.mark.parametrize(
    ("tables", "problem"),
    [
        (
            {"ratings": [*RATINGS, (1, 20, "good", 1)]},
            "row 4, column rating: must be a number, true or false, or",
        ),
        (
            {"ratings": [*RATINGS, (None, 20, 3, 1)]},
            "row 4, column user_id: must be text or a whole number, got no",
        ),
        (
            {"ratings": [*RATINGS, (1.0, 20, 3, 1)]},
            "row 4, column user_id: must be text or a whole number, got '1.",
        ),
        ({"ratings": [*RATINGS, (1, b"x", 3, 1)]}, "row 4, column movie_id: must be text or a whole number"),
        (
            {"ratings": [*RATINGS, (1, 20, 3, 1.7e12)]},
            "row 4, column timestamp: must be seconds since 1970, 0 to",
        ),
        (
            {"ratings": [*RATINGS, (1, 20, 3, 2**62)]},
            "row 4, column timestamp: must be seconds since 1970, 0 to",
        ),
        (
            {"ratings": [*RATINGS, (1, 20, 3, "soon")]},
            "row 4, column timestamp: must be whole seconds since 1970",
        ),
        (
            {"ratings": [*RATINGS, (1, 20, 101, 1)]},
            "row 4: ratings must be 0 to 100, unless data.scale tells",
        ),
    ],
)
def test_a_malformed_value_is_told_in_one_line(read: Make, tables: dict[str, Any], problem: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read(**tables)
    (line,) = refused.value.problems
    assert line.startswith(f"table ratings, {problem}")
    assert "\n" not in line


@pytest.mark.parametrize(
    ("overrides", "tables", "problem"),
    [
        (
            [],
            {"movies": [*MOVIES, ("10", "X", "")]},
            "table movies, row 3, column movie_id: must be there once, as",
        ),
        ([], {"movies": []}, "table movies must hold movies, got none"),
        ([], {"ratings": []}, "table ratings must hold ratings of movies that are there, got none"),
        (
            ["data.movies.cast=genres"],
            {"movies": [(1, "X", "[1]")]},
            "table movies, row 1, column genres: must be",
        ),
        (
            ["data.ratings.table=rating", "data.movies.id=id"],
            {},
            "data.ratings.table must be a table of the database, got 'rating'; did you mean ratings?\n"
            "data.movies.id must be a column of table movies, got 'id'; ",
        ),
        (["data.url="], {}, "data.url must be a database URL such as sqlite:///movies.db, got None"),
        (["data.url=''"], {}, "data.url must be a database URL such as sqlite:///movies.db, got ''"),
        (["data.ratings.table=''"], {}, "data.ratings.table must be a name, got ''"),
    ],
)
def test_tables_that_cannot_be_read_are_told(
    read: Make, overrides: list[str], tables: dict[str, Any], problem: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        read(*overrides, **tables)
    assert str(refused.value).startswith(problem)


def test_where_no_database_can_be_opened_it_is_said() -> None:
    with pytest.raises(InvalidInput, match="must be read where a database can be opened"):
        load(Sql(url="sqlite:///x.db"))


def test_postgresql_gives_values_of_its_own_types(postgresql_url: str, tmp_path: Path) -> None:
    with psycopg.connect(postgresql_url.replace("+psycopg", "")) as connection:
        connection.execute(
            """
            CREATE TABLE movies (movie_id UUID, title TEXT, year DATE, genres TEXT[], people JSONB);
            INSERT INTO movies VALUES ('00000000-0000-0000-0000-00000000000a', 'Heat', '1995-12-15',
                '{Crime,Drama}', '{"cast": [{"name": "Al"}], "crew": [{"name": "Mann"}]}');
            CREATE TABLE ratings (user_id NUMERIC, movie_id UUID, liked BOOLEAN, at TIMESTAMP);
            INSERT INTO ratings VALUES (7, '00000000-0000-0000-0000-00000000000a', true, '1970-01-02');
            """
        )
    names = ["ratings.rating=liked", "ratings.timestamp=at", "movies.year=year", "movies.cast=people"]
    data = asked(["data=sql", f"data.url={postgresql_url}", *(f"data.{name}" for name in names)])
    d = load(data.source, tmp_path, QUIET, open_tables=open_tables)
    assert (d.user_ids.tolist(), d.ratings.tolist(), d.timestamps.tolist(), d.stars) == (
        ["7"],
        [1.0],
        [86400],
        1,
    )
    assert (d.years.tolist(), d.genre_names.tolist()) == ([1995], ["Crime", "Drama"])
    assert d.billing.toarray().tolist() == [[1]]


@pytest.mark.parametrize(
    "people",
    [
        "Al Pacino, Val Kilmer",
        json.dumps({"cast": ["Al Pacino", "Val Kilmer"], "crew": ["Michael Mann"]}),
        json.dumps(
            [{"name": "Michael Mann", "job": "Director"}, {"name": "Al Pacino"}, {"name": "Val Kilmer"}]
        ),
    ],
)
def test_the_first_systems_movies_db_is_read_by_its_preset(people: str, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "movies.db")) as connection, connection:
        connection.executescript(
            """
            CREATE TABLE movies (id INTEGER, title TEXT, year INTEGER, genres TEXT, cast_and_crew TEXT);
            CREATE TABLE watchlist (movie_id INTEGER, userRating REAL, added_at TEXT);
            INSERT INTO movies VALUES (2, 'Ronin', NULL, '', NULL);
            INSERT INTO watchlist VALUES (1, 8.5, '2024-01-02 03:04:05'), (2, NULL, '2024-01-03 00:00:00');
            """
        )
        connection.execute("INSERT INTO movies VALUES (1, 'Heat', 1995, 'Crime|Drama', ?)", (people,))
    with initialize_config_dir(str(CONF)):
        config = compose("config", ["data=seed_movies_db", f"data.url=sqlite:///{tmp_path}/movies.db"])
    values = OmegaConf.to_container(config.data, resolve=True)
    assert isinstance(values, dict)
    data = read_section({str(key): value for key, value in values.items()})
    assert data.is_live
    d = load(data.source, tmp_path / "cache", QUIET, open_tables=open_tables)
    assert (d.user_ids.tolist(), d.ratings.tolist(), d.stars) == (["1"], [0.85], 10)
    assert d.timestamps.tolist() == [1704164645]
    assert (d.years.tolist(), d.genre_names.tolist()) == ([1995, 0], ["Crime", "Drama"])
    assert d.billing.toarray().tolist() == [[1, 2], [0, 0]]
    intake = intake_of(d)
    assert intake is not None
    (finding,) = intake.dropped
    assert (finding.why, finding.count) == ("without a rating", 1)
