import hashlib
import json
from pathlib import Path

import pytest

from pipeline.sources import content
from pipeline.sources.content import digest_of


@pytest.fixture(autouse=True)
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Believe a file right after it was written."""
    monkeypatch.setattr(content, "SETTLED", -1e9)


def written(path: Path, text: str = "ratings") -> Path:
    path.write_text(text)
    return path


def test_a_digest_is_the_sha_256_of_the_bytes(tmp_path: Path) -> None:
    assert digest_of(written(tmp_path / "a"), tmp_path) == hashlib.sha256(b"ratings").hexdigest()


def test_an_untouched_file_is_not_hashed_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = written(tmp_path / "a")
    known = digest_of(file, tmp_path)
    monkeypatch.setattr(hashlib, "file_digest", lambda *_: pytest.fail("must not be hashed"))
    assert digest_of(file, tmp_path) == known


def test_a_file_written_a_moment_ago_is_hashed_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content, "SETTLED", 1e9)
    digest_of(written(tmp_path / "a"), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["a"], "nothing is remembered"


def test_a_file_put_in_its_place_is_hashed_again(tmp_path: Path) -> None:
    file = written(tmp_path / "a")
    digest_of(file, tmp_path)
    written(tmp_path / "b", "another").replace(file)
    assert digest_of(file, tmp_path) == hashlib.sha256(b"another").hexdigest()


@pytest.mark.parametrize("damage", ["", "[]", "{", '{"digest": 1}'])
def test_a_damaged_note_is_not_believed(damage: str, tmp_path: Path) -> None:
    file = written(tmp_path / "a")
    known = digest_of(file, tmp_path)
    (note,) = (tmp_path / "digests").iterdir()
    assert json.loads(note.read_text())["digest"] == known
    note.write_text(damage)
    assert digest_of(file, tmp_path) == known


def test_a_cache_that_cannot_be_written_remembers_nothing(tmp_path: Path) -> None:
    file = written(tmp_path / "a")
    assert digest_of(file, written(tmp_path / "no folder")) == hashlib.sha256(b"ratings").hexdigest()
