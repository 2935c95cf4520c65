from dataclasses import replace
from pathlib import Path

import pytest
from releases import as_released

from ingest import STEPS, measured, own_files_of, write_csv
from pipeline.sources import MovieLens, Synthetic, load

GIB = 2**30
MOVIELENS_32M = 32_000_204


def test_what_the_benchmark_writes_is_imported_as_it_was(tmp_path: Path) -> None:
    drawn = load(Synthetic(users=30, movies=40, ratings=600), tmp_path / "cache")
    write_csv(drawn, tmp_path / "release")
    asked = MovieLens(path=str(tmp_path / "release"), franchises_from_titles=False)
    found = load(asked, tmp_path / "cache", lambda _: None)
    assert found.fingerprint == as_released(drawn).fingerprint
    own = replace(own_files_of(tmp_path / "release"), franchises_from_titles=False)
    same = load(own, tmp_path / "cache", lambda _: None)
    assert same.fingerprint == found.fingerprint


@pytest.mark.slow
def test_memory_grows_so_little_that_movielens_32m_needs_less_than_4_gib(tmp_path: Path) -> None:
    small, large = 2_000_000, 4_000_000
    peaks = {}
    for ratings in (small, large):
        home = tmp_path / str(ratings)
        peaks[ratings] = {step: measured(step, ratings, home)["peak"] for step in STEPS if step != "parsed"}
    for step in ("drawn", "imported", "imported_as_own"):
        each = (peaks[large][step] - peaks[small][step]) / (large - small)
        assert peaks[large][step] + each * (MOVIELENS_32M - large) < 4 * GIB, f"{each:.0f} bytes a rating"
        assert each > 0, "what is measured is what was done; the smaller one had room to spare"
