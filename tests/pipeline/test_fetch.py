import hashlib
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pipeline.parameters import InvalidInput
from pipeline.sources import fetch
from pipeline.sources.fetch import WHEEL, DataUnavailable, movielens_wheel

GOOD = b"the wheel"


class FakePip:
    """A program in the place of Python that does what pip would have done, and notes that it was called."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.calls = folder / "calls"
        self.calls.mkdir()
        self.program = folder / "python"
        monkeypatch.setattr(sys, "executable", str(self.program))
        monkeypatch.setattr(fetch, "SHA256", hashlib.sha256(GOOD).hexdigest())
        self.does("exit 9")

    def does(self, script: str) -> None:
        """Set what happens; the seventh argument is the folder to fetch to."""
        self.program.write_text(f'#!/bin/sh\necho "$@" > {self.calls}/$$\ncd "$7" || exit 8\n{script}\n')
        self.program.chmod(0o755)

    def fetches(self, content: bytes = GOOD) -> None:
        self.does(f"printf '%s' '{content.decode()}' > {WHEEL}")

    @property
    def commands(self) -> list[str]:
        return [call.read_text() for call in self.calls.iterdir()]


@pytest.fixture
def pip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakePip:
    folder = tmp_path / "pip"
    folder.mkdir()
    return FakePip(folder, monkeypatch)


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def refuse(cache: Path) -> str:
    """Return the one line of a fetch that must fail, having seen that it leaves nothing."""
    before = sorted(cache.glob("*"))
    with pytest.raises(DataUnavailable) as refused:
        movielens_wheel(cache, lambda _: None)
    assert isinstance(refused.value, InvalidInput)
    assert len(refused.value.problems) == 1
    assert "\n" not in str(refused.value)
    assert sorted(cache.iterdir()) == before
    return str(refused.value)


def test_a_missing_wheel_is_fetched_with_pip_and_said_in_one_line(pip: FakePip, cache: Path) -> None:
    pip.fetches()
    said: list[str] = []
    assert movielens_wheel(cache, said.append).read_bytes() == GOOD
    assert said == ["fetching MovieLens-100K with pip (2 MB, once) …"]
    assert [path.name for path in cache.iterdir()] == [WHEEL]
    [command] = pip.commands
    assert command.startswith("-m pip download --no-deps --only-binary=:all: --dest ")
    assert command.endswith(" recbole==1.2.1\n")


def test_a_wheel_in_the_cache_needs_no_pip(pip: FakePip, cache: Path) -> None:
    cache.mkdir()
    (cache / WHEEL).write_bytes(GOOD)
    assert movielens_wheel(cache, pytest.fail) == cache / WHEEL
    assert pip.commands == []


def test_a_damaged_wheel_in_the_cache_is_fetched_again(pip: FakePip, cache: Path) -> None:
    cache.mkdir()
    (cache / WHEEL).write_bytes(GOOD[:4])
    pip.fetches()
    assert movielens_wheel(cache, lambda _: None).read_bytes() == GOOD


def test_offline_the_line_names_the_place_and_the_ways_out(pip: FakePip, cache: Path) -> None:
    pip.does("echo 'ERROR: No matching distribution' >&2; exit 1")
    assert refuse(cache) == (
        f"MovieLens-100K is missing: looked for {cache / WHEEL} (there is no such file), "
        "and pip could not fetch it (exit code 1); go online once, "
        "put the wheel there (pip download --no-deps recbole==1.2.1), or use data=synthetic"
    )


def test_offline_a_damaged_wheel_is_told_from_a_missing_one(pip: FakePip, cache: Path) -> None:
    cache.mkdir()
    (cache / WHEEL).write_bytes(b"half a wh")
    assert "(the file there is not the expected wheel)" in refuse(cache)


def test_another_file_than_expected_is_refused(pip: FakePip, cache: Path) -> None:
    pip.fetches(b"something else")
    assert f"pip fetched another file (SHA-256 {hashlib.sha256(b'something else').hexdigest()}" in refuse(
        cache
    )


def test_an_interrupted_download_leaves_no_wheel(pip: FakePip, cache: Path) -> None:
    pip.does(f"printf 'the wh' > {WHEEL}; kill -9 $$")
    assert "pip could not fetch it (exit code -9)" in refuse(cache)
    pip.fetches()
    assert movielens_wheel(cache, lambda _: None).read_bytes() == GOOD


def test_a_pip_that_hangs_is_given_up(pip: FakePip, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "TIMEOUT", 0.2)
    pip.does("exec sleep 30")
    assert "pip did not finish within 0.2 s" in refuse(cache)


def test_a_python_without_pip_is_named(pip: FakePip, cache: Path) -> None:
    pip.does("echo 'python: No module named pip' >&2; exit 1")
    assert "this Python has no pip" in refuse(cache)


def test_a_python_that_cannot_start_is_named(pip: FakePip, cache: Path) -> None:
    pip.program.unlink()
    assert "pip could not be started (No such file or directory)" in refuse(cache)


def test_a_pip_that_claims_success_without_a_file_is_refused(pip: FakePip, cache: Path) -> None:
    pip.does("exit 0")
    assert "pip could not fetch it (exit code 0)" in refuse(cache)


def test_many_may_fetch_at_once(pip: FakePip, cache: Path) -> None:
    pip.fetches()
    with ThreadPoolExecutor(4) as pool:
        wheels = list(pool.map(lambda _: movielens_wheel(cache, lambda _: None).read_bytes(), range(8)))
    assert wheels == [GOOD] * 8
    assert [path.name for path in cache.iterdir()] == [WHEEL]
