"""Opening a database: what is set on it, and what a user is told who got the URL wrong."""

import hashlib
import importlib.util
import os
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

import db.urls
from db.engine import connect, password_in, reading, safe_url, writing
from pipeline.parameters import InvalidInput


def refusal(url: str) -> str:
    """The one line that a user sees."""
    with pytest.raises(InvalidInput) as caught:
        connect(url)
    (line,) = caught.value.problems
    assert "\n" not in line
    assert line.startswith("db.url ")
    return line


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("", "must look like"),
        ("movies.db", "must look like"),
        ("postgresql//u:secret@h/d", "must look like"),
        ("postgresql://u:secret@h:port/d", "must look like"),
        ("mysql://u:secret@h/d", "must begin with"),
        ("postgresql+psycopg2://u:secret@h/d", "must begin with"),
        ("sqlite+aiosqlite:///movies.db", "must begin with"),
        ("sqlite://", "must name a file"),
        ("sqlite:///:memory:", "must name a file"),
        ("sqlite:///movies.db?mode=ro", "without host or options"),
        ("sqlite://host/movies.db", "without host or options"),
        ("sqlite:////no/such/folder/movies.db", "/no/such/folder does not"),
        ("sqlite:////tmp", "not a folder"),
        ("postgresql://u:secret@127.0.0.1:1/d", "cannot be opened"),
        ("postgresql+psycopg://u:sec@secret@127.0.0.1:1/d", "%40"),
        ("postgresql://u:sec@secret/secret@127.0.0.1:1/d", "%40"),
        ("postgresql://127.0.0.1:1/d?user=u&password=secret", "cannot be opened"),
    ],
)
def test_a_wrong_url_is_one_line_without_the_password(url: str, said: str) -> None:
    line = refusal(url)
    assert said in line
    assert "secret" not in line
    assert safe_url(url) in line


def said_by(script: str) -> str:
    """Run a script in a process of its own."""
    path = os.environ | {"PYTHONPATH": str(db.urls.ROOT / "src")}
    command = [sys.executable, "-c", script]
    return subprocess.run(command, capture_output=True, text=True, check=True, env=path).stdout


def broken_text(path: Path) -> None:
    path.write_text("title,year\nAlien,1979\n" * 100)


def broken_header(path: Path) -> None:
    sqlite_file(path)
    path.write_bytes(path.read_bytes()[:60])


def truncated(path: Path) -> None:
    sqlite_file(path)
    path.write_bytes(path.read_bytes()[:8192])


def sqlite_file(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE movies (title TEXT)")
    connection.executemany("INSERT INTO movies VALUES (?)", [("Alien" * 100,)] * 100)
    connection.commit()
    connection.close()


@pytest.mark.parametrize("break_it", [broken_text, broken_header, truncated])
def test_a_file_that_sqlite_cannot_read_is_refused_and_left_alone(tmp_path: Path, break_it: Any) -> None:
    path = tmp_path / "movies.db"
    break_it(path)
    before = hashlib.sha256(path.read_bytes()).digest()
    assert "cannot be opened" in refusal(f"sqlite:///{path}")
    assert hashlib.sha256(path.read_bytes()).digest() == before
    assert [p.name for p in tmp_path.iterdir()] == ["movies.db"]


@pytest.mark.parametrize("read_only", ["movies.db", "."])
def test_a_read_only_file_or_folder_is_refused_and_left_alone(read_only: str) -> None:
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "movies.db"
        sqlite_file(path)
        before = hashlib.sha256(path.read_bytes()).digest()
        path.parent.chmod(0o755)
        (path.parent / read_only).chmod(0o555)
        # Root may write anywhere, so the question is asked as another user.
        ask = f"""
import os
from db.engine import connect
if os.getuid() == 0:
    os.setuid(65534)
try:
    connect("sqlite:///{path}")
except ValueError as error:
    print(error)
"""
        assert said_by(ask).startswith("db.url must name a file that may be written")
        assert hashlib.sha256(path.read_bytes()).digest() == before
        path.parent.chmod(0o755)


def test_without_psycopg_the_user_is_told_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db.urls, "find_spec", lambda name: None)
    assert 'python -m pip install "psycopg[binary]"' in refusal("postgresql://h/d")


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("sqlite:///a:b@c.db", "sqlite:///a:b@c.db"),
        ("postgresql://u@h:5432/d", "postgresql://u@h:5432/d"),
        ("postgresql://u:s@h:5432/d", "postgresql://u:***@h:5432/d"),
        ("postgresql://:s@h/d", "postgresql://:***@h/d"),
        ("postgresql://u:p@s/s@h/d", "postgresql://u:***@h/d"),
        ("postgresql://h/d?password=s&user=u", "postgresql://h/d?password=***&user=u"),
        ("host=h password=s\nuser=u", "host=h password=*** user=u"),
    ],
)
def test_a_password_is_found_and_hidden(url: str, shown: str) -> None:
    assert safe_url(url) == shown
    assert password_in(url) == ("***" in shown)


def test_sqlite_is_opened_durable_and_for_many_processes(sqlite_url: str) -> None:
    engine = connect(sqlite_url)
    names = ("journal_mode", "synchronous", "busy_timeout", "foreign_keys", "mmap_size")
    with reading(engine) as connection:
        found = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names]
    engine.dispose()
    assert found == ["wal", 2, 30_000, 1, 0]


def test_a_relative_path_starts_at_the_project_and_not_where_the_process_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db.urls, "ROOT", tmp_path)
    engine = connect("sqlite:///relative.db")
    engine.dispose()
    assert (tmp_path / "relative.db").is_file()


def test_postgresql_is_reached_through_psycopg_whatever_the_url_says(postgresql_url: str) -> None:
    engine = connect(postgresql_url.replace("+psycopg", ""))
    assert engine.dialect.driver == "psycopg"
    engine.dispose()


def test_an_engine_is_opened_once_a_process(sqlite_url: str) -> None:
    engine = connect(sqlite_url)
    assert connect(sqlite_url) is engine
    engine.dispose()


def test_an_exception_rolls_the_write_back(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(text("CREATE TABLE notes (note TEXT)"))
    with pytest.raises(ZeroDivisionError), writing(engine) as connection:
        connection.execute(text("INSERT INTO notes VALUES ('x')"))
        _ = 1 / 0
    with reading(engine) as connection:
        assert connection.scalar(text("SELECT count(*) FROM notes")) == 0


def test_a_reader_sees_one_snapshot_and_does_not_wait_for_a_writer(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(text("CREATE TABLE notes (note TEXT)"))
    count = text("SELECT count(*) FROM notes")
    with reading(engine) as reader:
        assert reader.scalar(count) == 0
        with writing(engine) as writer:
            writer.execute(text("INSERT INTO notes VALUES ('x')"))
            assert reader.scalar(count) == 0
        assert reader.scalar(count) == 0
    with reading(engine) as reader:
        assert reader.scalar(count) == 1


def test_a_child_made_by_fork_opens_its_own_engine(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = connect(sqlite_url)
    monkeypatch.setattr(os, "getpid", lambda: -1)
    child = connect(sqlite_url)
    assert child is not engine
    child.dispose()
    engine.dispose()


def test_opening_sqlite_imports_neither_alembic_nor_psycopg(sqlite_url: str) -> None:
    ask = f"""
import sys
from db.engine import connect
connect({sqlite_url!r})
print([name for name in ("alembic", "psycopg", "sqlalchemy.orm") if name in sys.modules])
"""
    assert said_by(ask).strip() == "[]"
    assert importlib.util.find_spec("alembic")
