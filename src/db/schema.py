"""The schema: brought to its head by the parent process, at start."""

from pathlib import Path

from sqlalchemy import Connection, Engine, String, column, inspect, select, table
from sqlalchemy.exc import OperationalError, ProgrammingError

from db.engine import explained, hold, reading, safe_url, writing
from pipeline.parameters import InvalidInput

HEAD = "0006"
VERSION_TABLE = "reeltune_schema_version"  # a user's own alembic_version is left alone

_version = table(VERSION_TABLE, column("version_num", String))


def prepare(engine: Engine) -> None:
    """Bring the schema to its head, in any number of processes at once; one query where it is there.

    Raises:
        InvalidInput: one line, where the schema is newer than this program or the database refuses.

    """
    url = str(engine.url)
    with explained(url, f"cannot be brought to schema {HEAD}"):
        if at_head(engine):
            return
        with writing(engine) as connection:
            hold(connection, VERSION_TABLE)
            # Another process may have done it while we waited for the lock.
            if not (inspect(connection).has_table(VERSION_TABLE) and _version_of(connection) == HEAD):
                _upgrade(connection, url)


def at_head(engine: Engine) -> bool:
    """Say whether the schema is the newest one; nothing is changed."""
    try:
        with reading(engine) as connection:
            return _version_of(connection) == HEAD
    except (OperationalError, ProgrammingError):
        return False  # there is no version table yet; whatever else is wrong, the upgrade meets it again


def _version_of(connection: Connection) -> str | None:
    return connection.scalar(select(_version.c.version_num))


def _upgrade(connection: Connection, url: str) -> None:
    from alembic import command  # noqa: PLC0415 - slow to import, and hardly ever needed
    from alembic.config import Config  # noqa: PLC0415
    from alembic.util import CommandError  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise InvalidInput(
            f"db.url holds a newer schema than {HEAD}, the newest one known here; got {safe_url(url)}"
        ) from error
