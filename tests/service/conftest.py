"""A record and a service for each test, or one for the tests of a module that change nothing."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from databases import postgresql_server, postgresql_url
from fastapi.testclient import TestClient
from recorded import record
from service_samples import Place, place
from sqlalchemy import Engine

from db.engine import connect

__all__ = ["postgresql_server", "postgresql_url"]


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Place]:
    with place(tmp_path) as made:
        yield made


@pytest.fixture
def client(here: Place) -> Iterator[TestClient]:
    """A service whose first version is active."""
    here.active()
    with here.service() as client:
        yield client


@pytest.fixture(scope="module")
def shared_place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with place(tmp_path_factory.mktemp("service")) as made:
        yield made


@pytest.fixture(scope="module")
def shared(shared_place: Place) -> Iterator[TestClient]:
    """A service for all tests of a module, whose first version is active; they leave it as it was."""
    shared_place.active()
    with shared_place.service() as client:
        yield client


@pytest.fixture(scope="session")
def empty_record(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty record, to be copied: its schema takes longer to make than most tests."""
    path = tmp_path_factory.mktemp("record") / "movies.db"
    record(path).dispose()
    return path


@pytest.fixture
def engine(empty_record: Path, tmp_path: Path) -> Iterator[Engine]:
    """A record of its own for each test, without a service."""
    engine = connect(f"sqlite:///{shutil.copy(empty_record, tmp_path)}")
    yield engine
    engine.dispose()
