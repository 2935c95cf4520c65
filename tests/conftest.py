"""What several rooms' tests share."""

import pytest
from real_data import movielens_or_skip

from pipeline.dataset import Dataset


@pytest.fixture(scope="session")
def movielens() -> Dataset:
    return movielens_or_skip()
