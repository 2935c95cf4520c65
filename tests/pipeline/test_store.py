import json
import os
import shutil
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.dataset import Dataset
from pipeline.locks import marked
from pipeline.parameters import InvalidInput
from pipeline.sources.assemble import billing_matrix, genre_matrix
from pipeline.store import CONTENTS, Built, Damaged, cached, default_cache, open_, save


def small(
    stars: tuple[float, ...] = (5, 1, 3), titles: tuple[str, str] = ("Alien", "Misérables, Les")
) -> Dataset:
    """Two users, two movies; the first user rated both."""
    genre_names, genres = genre_matrix([["Horror", "Sci-Fi"], []])
    n = len(stars)
    return Dataset(
        name="small",
        users=np.array([0, 0, 1], dtype=np.int32)[:n],
        movies=np.array([0, 1, 1], dtype=np.int32)[:n],
        ratings=np.array(stars, dtype=np.float64) / 5,
        timestamps=np.array([10, 20, 5], dtype=np.int64)[:n],
        stars=5.0,
        user_ids=np.array(["1", "2"]),
        movie_ids=np.array(["10", "11"]),
        titles=np.array(titles, dtype=np.str_),
        years=np.array([1979, 0], dtype=np.int32),
        genre_names=genre_names,
        genres=genres,
        billing=billing_matrix(np.array([0, 0, 1]), np.array([2, 0, 2]), (2, 3)),
        franchises=np.array([-1, -1], dtype=np.int32),
    )


def built() -> Built:
    return small(), {"read": {"ratings": 3}}


def assert_same(a: Dataset, b: Dataset) -> None:
    for field in fields(Dataset):
        left, right = getattr(a, field.name), getattr(b, field.name)
        if field.name in ("genres", "billing"):
            left, right = left.toarray(), right.toarray()
        np.testing.assert_array_equal(left, right, err_msg=field.name)


@given(
    stars=st.lists(st.sampled_from([0.5, 1.0, 3.0, 5.0]), max_size=3).map(tuple),
    titles=st.tuples(st.text(max_size=8), st.text(max_size=8)),
)
@settings(max_examples=30, deadline=None)
def test_what_is_opened_is_what_was_saved(stars: tuple[float, ...], titles: tuple[str, str]) -> None:
    dataset = small(stars, titles)
    with TemporaryDirectory() as folder:
        save(dataset, Path(folder, "kept"))
        opened = open_(Path(folder, "kept"))
        assert_same(opened, dataset)
        assert opened.fingerprint == dataset.fingerprint
        del opened.__dict__["fingerprint"]
        assert opened.fingerprint == dataset.fingerprint, (
            "the kept fingerprint must be the hash of the kept arrays"
        )


def test_opening_neither_hashes_nor_copies(tmp_path: Path) -> None:
    save(small(), tmp_path / "kept")
    opened = open_(tmp_path / "kept")
    assert "fingerprint" in opened.__dict__
    mapped = [
        opened.ratings,
        opened.titles,
        opened.billing.data,
        opened.billing.indices,
        opened.billing.indptr,
    ]
    assert not any(array.flags.owndata or array.flags.writeable for array in mapped)
    assert {type(array) for array in mapped} == {np.ndarray}


def test_matrices_over_read_only_memory_can_be_computed_with(tmp_path: Path) -> None:
    save(small(), tmp_path / "kept")
    billing = open_(tmp_path / "kept").billing
    np.testing.assert_array_equal(billing.toarray(), [[2, 0, 1], [0, 0, 1]])
    np.testing.assert_array_equal((billing @ billing.T).toarray(), [[5, 1], [1, 1]])
    np.testing.assert_array_equal(billing[[1]].multiply(2).toarray(), [[0, 0, 2]])


def test_a_folder_that_is_there_is_not_built_again(tmp_path: Path) -> None:
    cached("a", built, tmp_path)
    assert_same(cached("a", lambda: pytest.fail("must not be built"), tmp_path), small())


def test_another_name_is_built_apart(tmp_path: Path) -> None:
    cached("a", built, tmp_path)
    other = cached("b", lambda: (small((1, 1, 1)), {}), tmp_path)
    assert other.fingerprint != small().fingerprint
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]


def truncate(folder: Path) -> None:
    (folder / "ratings.npy").write_bytes((folder / "ratings.npy").read_bytes()[:-1])


def overwrite_header(folder: Path) -> None:
    (folder / "ratings.npy").write_bytes(b"x" * (folder / "ratings.npy").stat().st_size)


def forget_fingerprint(folder: Path) -> None:
    contents = json.loads((folder / CONTENTS).read_text())
    del contents["fingerprint"]
    (folder / CONTENTS).write_text(json.dumps(contents))


def become_a_file(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.write_text("not a folder")


@pytest.mark.parametrize(
    "damage",
    [
        truncate,
        overwrite_header,
        forget_fingerprint,
        become_a_file,
        lambda folder: (folder / "billing.indptr.npy").unlink(),
        lambda folder: (folder / CONTENTS).unlink(),
        lambda folder: (folder / CONTENTS).write_text('{"name": "sma'),
        lambda folder: (folder / CONTENTS).write_text("[]"),
    ],
)
def test_a_damaged_folder_is_built_again(damage, tmp_path: Path) -> None:
    cached("a", built, tmp_path)
    damage(tmp_path / "a")
    with pytest.raises(Damaged):
        open_(tmp_path / "a")
    assert_same(cached("a", built, tmp_path), small())
    assert_same(open_(tmp_path / "a"), small())
    assert [path.name for path in tmp_path.iterdir()] == ["a"], "nothing half-made stays behind"


@pytest.mark.parametrize("damaged", [False, True])
def test_many_may_build_at_once(damaged: bool, tmp_path: Path) -> None:
    if damaged:
        cached("a", built, tmp_path)
        truncate(tmp_path / "a")
    with ThreadPoolExecutor(8) as pool:
        for dataset in pool.map(lambda _: cached("a", built, tmp_path), range(32)):
            assert_same(dataset, small())
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_failed_build_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        cached("a", lambda: 1 / 0, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_save_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(json, "dumps", interrupted)  # the arrays are written by then
    with pytest.raises(KeyboardInterrupt):
        cached("a", built, tmp_path)
    assert list(tmp_path.iterdir()) == []


KILLED = """
import os, signal, sys
from pathlib import Path
sys.path[:0] = {path!r}
from test_store import built
from pipeline import store

def killed(*_):
    os.kill(os.getpid(), signal.SIGKILL)

store.write_json = killed  # the arrays are written by then
store.cached("a", built, Path(sys.argv[1]))
"""


def test_what_a_killed_process_had_begun_goes_with_the_next_import(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", KILLED.format(path=sys.path), str(tmp_path)], check=False, timeout=60
    )
    assert done.returncode == -signal.SIGKILL
    (begun,) = [path for path in tmp_path.iterdir() if path.is_dir()]
    assert (begun / "ratings.npy").is_file()
    (tmp_path / ".kept-0123456789abcdef0123456789abcdef").mkdir()  # begun just now
    (tmp_path / ".of the user").mkdir()
    for folder in (begun, tmp_path / ".of the user"):
        os.utime(folder, (0, 0))
    assert_same(cached("a", built, tmp_path), small())
    left = sorted(path.name for path in tmp_path.iterdir())
    assert left == [".kept-0123456789abcdef0123456789abcdef", ".of the user", "a"]


def test_what_another_process_still_writes_stays(tmp_path: Path) -> None:
    begun = tmp_path / ".b-0123456789abcdef0123456789abcdef"
    begun.mkdir()
    os.utime(begun, (0, 0))
    with marked(begun):
        cached("a", built, tmp_path)
        assert begun.is_dir()
    cached("c", built, tmp_path)
    assert not begun.exists()


def test_a_cache_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(
        InvalidInput, match=r"the cache .*file must be a folder that can be written, got .*; set data.c"
    ):
        cached("a", built, tmp_path / "file")


def test_the_default_cache_follows_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REELTUNE_CACHE", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("HOME", "/home/ada")
    assert default_cache() == Path("/home/ada/.cache/reeltune")
    monkeypatch.setenv("XDG_CACHE_HOME", "/scratch")
    assert default_cache() == Path("/scratch/reeltune")
    monkeypatch.setenv("REELTUNE_CACHE", "~/films")
    assert default_cache() == Path("/home/ada/films")
