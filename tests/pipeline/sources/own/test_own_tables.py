"""Somebody's own files and databases: the same data is the same dataset, however it is written."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from databases import new_database
from hypothesis import given, settings
from hypothesis import strategies as st
from own_tables import FILES, as_told, asked, write_postgresql, write_sqlite
from same_bits import assert_same_bits

from db.source_tables import open_tables
from pipeline.dataset import Dataset
from pipeline.evaluation import Problem, evaluate
from pipeline.hyperparameters import Phase1
from pipeline.sources import Synthetic, intake_of, load
from pipeline.split import PerUserTimeline, split_ratings

Write = Callable[[Path, Dataset, int], list[str]]
QUIET = lambda _line: None  # noqa: E731 - an Announce that says nothing


def read(overrides: Sequence[str], cache: Path) -> Dataset:
    return load(asked(overrides).source, cache, QUIET, open_tables=open_tables)


@pytest.fixture(params=[*FILES, "sqlite", "postgresql"])
def write(request: pytest.FixtureRequest) -> Write:
    """Each way to write a dataset."""
    if request.param == "sqlite":
        return lambda folder, dataset, seed: write_sqlite(folder / "own.db", dataset, seed)
    if request.param == "postgresql":
        server = request.getfixturevalue("postgresql_server")
        return lambda _folder, dataset, seed: write_postgresql(new_database(server), dataset, seed)
    return FILES[request.param]


def test_movielens_100k_from_own_tables_is_the_same_to_the_last_bit(
    write: Write, movielens: Dataset, tmp_path: Path
) -> None:
    found = read(write(tmp_path / "own", movielens, 1), tmp_path / "cache")
    assert found.fingerprint == movielens.fingerprint
    intake = intake_of(found)
    assert intake is not None
    assert intake.read == {"movies": 1682, "credits": movielens.billing.nnz, "ratings": 100_000}
    assert (intake.dropped, intake.mended) == ((), ())
    measured, known = (
        evaluate(Problem(one, split_ratings(one, PerUserTimeline())), Phase1()) for one in (found, movielens)
    )
    assert_same_bits(measured, known)


def test_the_order_of_rows_is_of_no_consequence(write: Write, tmp_path: Path) -> None:
    dataset = as_told(load(Synthetic(users=20, movies=30, ratings=250), tmp_path / "cache"))
    for seed in (1, 2):
        found = read(write(tmp_path / str(seed), dataset, seed), tmp_path / "cache")
        assert found.fingerprint == dataset.fingerprint


@st.composite
def synthetic(draw: st.DrawFn) -> Synthetic:
    users, movies = draw(st.integers(1, 12)), draw(st.integers(5, 20))
    ratings = draw(st.integers(users * 5, users * movies))
    return Synthetic(users=users, movies=movies, ratings=ratings, seed=draw(st.integers(0, 99)))


@given(
    like=synthetic(),
    kind=st.sampled_from(sorted(FILES)),
    share=st.integers(1, 60),
    block=st.integers(300, 2000),
)
@settings(max_examples=25, deadline=None)
def test_files_are_read_alike_whatever_the_blocks(
    like: Synthetic, kind: str, share: int, block: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    home = tmp_path_factory.mktemp("own")
    dataset = as_told(load(like, home / "cache"))
    overrides = FILES[kind](home / "files", dataset, share)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipeline.sources.own.text_blocks.BLOCK", block)
        patch.setattr("pipeline.sources.own.frames.ROWS", share)
        patch.setattr("pipeline.sources.assemble.CHUNK", share)
        assert read(overrides, home / "cache").fingerprint == dataset.fingerprint


@given(like=synthetic(), rows=st.integers(1, 60))
@settings(max_examples=15, deadline=None)
def test_databases_are_read_alike_whatever_the_parts(
    like: Synthetic, rows: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    home = tmp_path_factory.mktemp("own")
    dataset = as_told(load(like, home / "cache"))
    overrides = write_sqlite(home / "own.db", dataset, rows)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("db.source_tables.ROWS", rows)
        assert read(overrides, home / "cache").fingerprint == dataset.fingerprint
