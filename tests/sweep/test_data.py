"""Which ratings a config asks for: a source's, those that came in since, or those of an earlier run."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from deployment_samples import new_rating, ready
from sqlalchemy import Engine

from db.deployment.live_ratings import record_rating
from db.engine import connect
from db.schema import prepare
from pipeline.parameters import InvalidInput
from pipeline.sources import Synthetic, intake_of, load, snapshot_of
from pipeline.sources.section import Data
from sweep.data import dataset_of

SMALL = Synthetic(users=30, movies=25, ratings=300)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'movies.db'}"


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    engine = connect(url)
    prepare(engine)
    ready(engine)
    yield engine
    engine.dispose()


def data(cache: Path, *, include_feedback: bool = True, snapshot: str | None = None) -> Data:
    return Data(SMALL, include_feedback, snapshot, cache)


def test_what_came_in_joins_any_source_where_it_is_asked_for(
    engine: Engine, url: str, tmp_path: Path
) -> None:
    record_rating(engine, new_rating("new", "3", 0.8, 1), NOON)
    record_rating(engine, new_rating("new", "unheard of", 0.8, 1), NOON)
    without = dataset_of(data(tmp_path, include_feedback=False), url)
    joined = dataset_of(data(tmp_path), url)
    assert (without.n_ratings, joined.n_ratings, joined.n_users) == (300, 301, 31)
    newcomer = np.flatnonzero(joined.user_ids == "new")
    assert joined.ratings[joined.users == newcomer].tolist() == [0.8]
    intake = intake_of(joined)
    assert intake is not None
    assert intake.read["ratings"] == 301
    assert intake.notes[-1] == "ratings that came in through the service: 1"
    (dropped,) = intake.dropped
    assert (dropped.what, dropped.count) == ("ratings", 1)


def test_without_a_record_or_ratings_in_it_the_source_is_all_there_is(url: str, tmp_path: Path) -> None:
    plain = load(SMALL, tmp_path)
    assert dataset_of(data(tmp_path), url).fingerprint == plain.fingerprint
    assert not (tmp_path / "movies.db").exists()
    prepare(connect(url))
    assert dataset_of(data(tmp_path), url).fingerprint == plain.fingerprint


def test_a_snapshot_is_the_data_of_then(engine: Engine, url: str, tmp_path: Path) -> None:
    record_rating(engine, new_rating("new", "3", 0.8, 1), NOON)
    then = dataset_of(data(tmp_path), url)
    record_rating(engine, new_rating("new", "4", 0.2, 1), NOON)
    now = dataset_of(data(tmp_path), url)
    assert (then.n_ratings, now.n_ratings) == (301, 302)
    assert dataset_of(data(tmp_path), url, snapshot_of(then)).fingerprint == then.fingerprint
    typed = data(tmp_path, snapshot=snapshot_of(then))
    assert dataset_of(typed, url).fingerprint == then.fingerprint


def test_a_snapshot_that_the_cache_has_lost_is_read_again_where_the_data_is_the_same(
    engine: Engine, url: str, tmp_path: Path
) -> None:
    record_rating(engine, new_rating("new", "3", 0.8, 1), NOON)
    then = snapshot_of(dataset_of(data(tmp_path), url))
    assert then is not None
    shutil.rmtree(tmp_path / then)
    assert snapshot_of(dataset_of(data(tmp_path), url, then)) == then
    shutil.rmtree(tmp_path / then)
    record_rating(engine, new_rating("new", "4", 0.2, 1), NOON)
    with pytest.raises(
        InvalidInput, match=f"^data must be what the run was begun on, {then}, but it has changed"
    ):
        dataset_of(data(tmp_path), url, then)


def test_a_snapshot_that_was_typed_must_be_there(url: str, tmp_path: Path) -> None:
    plain = load(SMALL, tmp_path)
    known = snapshot_of(plain)
    assert known is not None
    lost = f"{known[:-1]}{'0' if known[-1] != '0' else '1'}"
    with pytest.raises(InvalidInput) as refused:
        dataset_of(data(tmp_path, snapshot=lost), url)
    must = f"data.snapshot must be a dataset of the cache {tmp_path}, got '{lost}'"
    assert str(refused.value) == f"{must}; did you mean data.snapshot={known}?"
