"""What several rooms' tests share."""

import pytest

from pipeline.dataset import Dataset
from real_data import movielens_or_skip


@pytest.fixture(scope="session")
def movielens() -> Dataset:
    return movielens_or_skip()
