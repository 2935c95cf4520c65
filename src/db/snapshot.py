"""One moment of the record, for reports: whatever becomes of what is read, the database stays as it is."""

import re
import sqlite3
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event, inspect, select, update
from sqlalchemy.pool import StaticPool

import db.deployment.tables  # noqa: F401 - registers its tables
from db.engine import BUSY_TIMEOUT, begin, connect, explained, is_there, reading, writing
from db.schema import VERSION_TABLE, prepare
from db.tables import Base, Experiment
from db.urls import read_url

_TABLES = [*Base.metadata.tables, VERSION_TABLE]
_KINDS = ("table", "index")
_SEED_ID = re.compile(r"(?P<run>.+)_(?P<trial>\d{1,9})")


def snapshot(url: str) -> Engine | None:
    """Open what was recorded for reading; None where nothing ever was.

    Our tables of a SQLite file are copied into memory, and what is older than this program, the seed's tables
    among it, is brought to the newest schema there. PostgreSQL is read as it is; only an older schema is
    brought to the newest one first.

    Raises:
        InvalidInput: one line that begins with db.url.

    """
    if not is_there(url):
        return None
    parsed = read_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _copied(url, Path(str(parsed.database)))
    engine = connect(url)
    with explained(url, "cannot be read"), reading(engine) as connection:
        if not inspect(connection).has_table(Experiment.__tablename__):
            return None
    prepare(engine)
    return engine


def _copied(url: str, path: Path) -> Engine | None:
    with explained(url, "cannot be read"):
        copy = _copy(path)
        engine = create_engine(read_url(url), creator=lambda: copy, poolclass=StaticPool)
        event.listen(engine, "begin", begin)
        if not inspect(engine).has_table(Experiment.__tablename__):
            return None
    prepare(engine)
    with writing(engine) as connection:
        _name_runs_of_the_seed(connection)
    return engine


def _copy(path: Path) -> sqlite3.Connection:
    """Copy our tables with their rows, then their indexes, as one moment of the file holds them."""
    copy = sqlite3.connect(":memory:", timeout=BUSY_TIMEOUT, isolation_level=None)
    copy.execute("ATTACH DATABASE ? AS record", (str(path),))
    copy.execute("BEGIN")
    made_by = copy.execute(
        "SELECT tbl_name, type, sql FROM record.sqlite_master WHERE sql IS NOT NULL"
    ).fetchall()
    for name in _TABLES:
        ours = {kind: [sql for table, its, sql in made_by if (table, its) == (name, kind)] for kind in _KINDS}
        for sql in ours["table"]:
            copy.execute(sql)
            copy.execute(f'INSERT INTO main."{name}" SELECT * FROM record."{name}"')  # noqa: S608 - in _TABLES
        for sql in ours["index"]:
            copy.execute(sql)
    copy.execute("COMMIT")
    copy.execute("DETACH DATABASE record")
    return copy


def _name_runs_of_the_seed(connection: Connection) -> None:
    """Give the seed's experiments the run and the trial that their ids name, as far as no two share them."""
    nameless = select(Experiment.id, Experiment.experiment_id).where(Experiment.tuning_run_id.is_(None))
    named = [(row.id, _SEED_ID.fullmatch(row.experiment_id or "")) for row in connection.execute(nameless)]
    for row_id, parts in named:
        if parts is not None:
            where = update(Experiment).prefix_with("OR IGNORE").where(Experiment.id == row_id)
            connection.execute(where.values(tuning_run_id=parts["run"], trial_number=int(parts["trial"])))
