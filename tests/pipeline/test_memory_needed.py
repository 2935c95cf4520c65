"""What a trial needs is told before it starts: from above, and in line with the data."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from tiny_data import tiny

from pipeline.memory import ALWAYS, in_gib, memory_needed
from project import ROOT

GIB = 2**30


def test_casts_that_films_share_take_memory_of_their_own() -> None:
    ratings = [(0, 0, 5, 0)]
    alone = tiny(ratings, genres=["a", "a", "a"], cast=["x", "y", "z"])
    shared = tiny(ratings, genres=["a", "a", "a"], cast=["x", "x", "x"])
    assert memory_needed(shared, "phase1") - memory_needed(alone, "phase1") == 6 * 48


def test_phase_3_holds_four_matrices_of_all_pairs_of_movies() -> None:
    small = tiny([(0, 0, 5, 0)], genres=["a"] * 10)
    large = tiny([(0, 0, 5, 0)], genres=["a"] * 2000)
    assert memory_needed(large, "phase1") == memory_needed(small, "phase1") > ALWAYS
    assert memory_needed(large, "phase3") - memory_needed(small, "phase3") >= 4 * 4 * (2000**2 - 10**2)


def test_sizes_are_written_as_limits_are() -> None:
    assert in_gib(9 * GIB // 2) == "4.5GiB"


@pytest.mark.slow
def test_a_trial_on_a_million_ratings_takes_less_than_was_told(tmp_path: Path) -> None:
    command = [sys.executable, "benchmarks/growth.py", "--one", "1000000", "--cache", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    cost = json.loads(done.stdout)
    assert cost["peak"] < cost["estimated"] < GIB
