"""A user's own database is read as it is at one moment, and stays as it is."""

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest

import db.urls
from db.source_tables import open_tables
from pipeline.parameters import InvalidInput
from pipeline.sources.means import Tables

SCRIPT = (
    'CREATE TABLE ratings (user_id INTEGER, "Movie ""Id""" TEXT, "select" REAL);'
    "INSERT INTO ratings VALUES (1, 'a', 4.5), (2, 'b', NULL), (3, 'c', 1);"
    'CREATE VIEW good AS SELECT user_id FROM ratings WHERE "select" > 2;'
)
ODD = 'Movie "Id"'


def made(path: Path, journal: str = "delete") -> str:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA journal_mode={journal}")
        connection.executescript(SCRIPT)
    return f"sqlite:///{path}"


def content(folder: Path) -> dict[str, str]:
    return {one.name: hashlib.sha256(one.read_bytes()).hexdigest() for one in folder.iterdir()}


def all_rows(tables: Tables, table: str, *columns: str) -> list[Any]:
    return [tuple(row) for part in tables.rows(table, columns) for row in part]


def refusal(url: str) -> str:
    with pytest.raises(InvalidInput) as refused, open_tables(url) as tables:
        tables.problems("data.ratings", "ratings", {})
    (line,) = refused.value.problems
    assert line.startswith("data.url ")
    assert "secret" not in line
    return line


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Name a database with one table and one view."""
    if request.param == "sqlite":
        return made(tmp_path / "own.db")
    server = str(request.getfixturevalue("postgresql_url"))
    with psycopg.connect(server.replace("+psycopg", "")) as connection:
        connection.execute(SCRIPT.encode())
    return server


def test_rows_of_tables_and_views_are_read_in_parts(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("db.source_tables.ROWS", 2)
    with open_tables(url) as tables:
        parts = [len(part) for part in tables.rows("ratings", ["user_id"])]
        assert parts == [2, 1]
        found = all_rows(tables, "ratings", "select", ODD)
        assert found == [(4.5, "a"), (None, "b"), (1.0, "c")]
        assert all_rows(tables, "good", "user_id") == [(1,)]


def test_names_that_are_not_there_are_named_with_those_that_are(url: str) -> None:
    with open_tables(url) as tables:
        assert tables.problems("data.ratings", "ratings", {"movie": ODD, "rating": "select"}) == []
        assert tables.problems("data.ratings", "rating", {"movie": "x"}) == [
            "data.ratings.table must be a table of the database, got 'rating'; did you mean ratings?"
        ]
        assert tables.problems("data.ratings", "ratings", {"user": "userid", "rating": "zzz"}) == [
            "data.ratings.user must be a column of table ratings, got 'userid'; did you mean user_id?",
            "data.ratings.rating must be a column of table ratings, got 'zzz'; "
            f"there are user_id, {ODD}, select",
        ]
        (line,) = tables.problems("data.cast", 'x"; DROP TABLE ratings; --', {})
        assert line.startswith("data.cast.table must be a table of the database, got")
        (line,) = tables.problems("data.ratings", "ratings", {"user": '1"; DROP TABLE ratings; --'})
        assert line.startswith("data.ratings.user must be a column of table ratings")
        assert len(all_rows(tables, "ratings", "user_id")) == 3


def test_a_table_of_another_schema_is_named_with_it(postgresql_url: str) -> None:
    with psycopg.connect(postgresql_url.replace("+psycopg", "")) as connection:
        connection.execute("CREATE SCHEMA shop")
        connection.execute("CREATE TABLE shop.stars AS SELECT 1 AS n")
        connection.execute("CREATE MATERIALIZED VIEW kept AS SELECT 2 AS n")
    with open_tables(postgresql_url) as tables:
        assert all_rows(tables, "shop.stars", "n") == [(1,)]
        assert all_rows(tables, "kept", "n") == [(2,)]
        assert tables.problems("data.ratings", "shop.star", {}) == [
            "data.ratings.table must be a table of the database, got 'shop.star'; did you mean shop.stars?"
        ]
        assert len(tables.problems("data.ratings", "stars", {})) == 1


def test_the_main_schema_of_sqlite_has_a_name_and_a_table_may_have_a_dot_in_it(tmp_path: Path) -> None:
    own = made(tmp_path / "own.db")
    with closing(sqlite3.connect(tmp_path / "own.db")) as connection:
        connection.execute('CREATE TABLE "a.b" (n)')
    with open_tables(own) as tables:
        assert len(all_rows(tables, "main.ratings", "user_id")) == 3
        assert tables.problems("data.ratings", "a.b", {"user": "n"}) == []
        assert len(tables.problems("data.ratings", "nowhere.ratings", {})) == 1


@pytest.mark.parametrize("journal", ["delete", "wal"])
def test_a_file_and_its_journal_stay_as_they_are(journal: str, tmp_path: Path) -> None:
    own = made(tmp_path / "own.db", journal)
    before = content(tmp_path)
    with open_tables(own) as tables:
        assert len(all_rows(tables, "ratings", "user_id")) == 3
    after = content(tmp_path)
    # The log of a file that keeps one lies beside it, empty, from the first reader on.
    assert {name: it for name, it in after.items() if not name.endswith(("-wal", "-shm"))} == before
    with closing(sqlite3.connect(tmp_path / "own.db")) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == (journal,)


def test_nothing_can_be_written(url: str) -> None:
    refused = pytest.raises(InvalidInput, match=r"^data\.url cannot be read: .*read-?\s?only")
    with refused, open_tables(url) as own:
        own._connection.exec_driver_sql("DELETE FROM ratings")
    with open_tables(url) as own:
        assert len(all_rows(own, "ratings", "user_id")) == 3


def test_all_tables_are_those_of_one_moment(tmp_path: Path, postgresql_url: str) -> None:
    own = made(tmp_path / "own.db", "wal")
    with psycopg.connect(postgresql_url.replace("+psycopg", "")) as connection:
        connection.execute(SCRIPT.encode())
    with open_tables(own) as tables, open_tables(postgresql_url) as others:
        assert [len(all_rows(one, "ratings", "user_id")) for one in (tables, others)] == [3, 3]
        with closing(sqlite3.connect(tmp_path / "own.db")) as writer, writer:
            writer.execute("DELETE FROM ratings")
        with psycopg.connect(postgresql_url.replace("+psycopg", "")) as connection:
            connection.execute("DELETE FROM ratings")
        assert [len(all_rows(one, "good", "user_id")) for one in (tables, others)] == [1, 1]
    with open_tables(own) as tables, open_tables(postgresql_url) as others:
        assert [len(all_rows(one, "ratings", "user_id")) for one in (tables, others)] == [0, 0]


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("", "must look like"),
        ("mysql://u:secret@h/d", "must begin with"),
        ("sqlite://", "must name a file"),
        ("sqlite:////tmp", "not a folder"),
        ("sqlite:////no/such/folder/own.db", "must name a file that exists, /no/such/folder/own.db does not"),
        ("postgresql://u:secret@127.0.0.1:1/d", "cannot be read"),
        ("postgresql://u:sec@secret@127.0.0.1:1/d", "%40"),
    ],
)
def test_a_wrong_url_is_one_line_without_the_password(url: str, said: str) -> None:
    assert said in refusal(url)


def test_a_file_that_is_not_there_is_not_made_and_the_near_one_named(tmp_path: Path) -> None:
    made(tmp_path / "shop.db")
    assert "did you mean shop.db?" in refusal(f"sqlite:///{tmp_path}/shpo.db")
    assert [one.name for one in tmp_path.iterdir()] == ["shop.db"]


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "own.db").write_text("user,movie\n" * 100)
    assert "cannot be read: file is not a database" in refusal(f"sqlite:///{tmp_path}/own.db")


def test_a_name_with_marks_of_a_uri_is_a_name(tmp_path: Path) -> None:
    path = tmp_path / "a?mode=rwc#b.db"
    made(path)
    with open_tables(f"sqlite:///{quote(str(path))}") as tables:
        assert len(all_rows(tables, "ratings", "user_id")) == 3


def test_a_relative_path_starts_at_the_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db.urls, "ROOT", tmp_path)
    made(tmp_path / "own.db")
    with open_tables("sqlite:///own.db") as tables:
        assert len(all_rows(tables, "ratings", "user_id")) == 3


def test_without_psycopg_the_user_is_told_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db.urls, "find_spec", lambda name: None)
    assert 'data.url needs psycopg: run python -m pip install "psycopg[binary]"' in refusal(
        "postgresql://h/d"
    )
