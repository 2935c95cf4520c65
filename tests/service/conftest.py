"""A record for each test, or one for all tests of a module that change nothing of note."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from service_samples import Place, place


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
