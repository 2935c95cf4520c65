"""The real data for tests: whoever is offline skips them, continuous integration does not."""

import os

import pytest

from pipeline.dataset import Dataset
from pipeline.sources import DataUnavailable, MovieLens100K, load


def movielens_or_skip() -> Dataset:
    """Load MovieLens-100K from the default cache or the network; fail instead of skipping where CI is set."""
    try:
        return load(MovieLens100K())
    except DataUnavailable as missing:
        reason = str(missing)
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)
