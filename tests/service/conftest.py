"""A record and a service for each test, or one for the tests of a module that change nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from databases import postgresql_server, postgresql_url
from fastapi.testclient import TestClient
from service_samples import Place, place

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
