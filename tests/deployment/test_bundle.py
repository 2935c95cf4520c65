"""A version's folder: there whole or not at all, and never loaded when it is not what was written."""

import io
import os
import shutil
import tracemalloc
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from gate_samples import served, signed_again, write
from same_bits import assert_same_bits

from deployment import bundle
from deployment.bundle import CATALOGUE, FILES, MANIFEST, MEASURED, MODEL, Damaged, open_bundle, verified
from deployment.served import ServedModel
from pipeline.contributions import read_contributions
from pipeline.hyperparameters import MODELS


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder = tmp_path_factory.mktemp("written") / "0001"
    return folder, write(folder, served("phase1"))


@pytest.fixture
def copy(written: tuple[Path, str], tmp_path: Path) -> tuple[Path, str]:
    return Path(shutil.copytree(written[0], tmp_path / "0001")), written[1]


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("model", MODELS)
def test_what_is_opened_is_what_was_written(model: str, tmp_path: Path) -> None:
    sha256 = write(tmp_path / "0001", served(model))
    found = open_bundle(tmp_path / "0001", sha256)
    users = np.arange(found.model.n_users)
    assert_same_bits(found.model.score_block(users), served(model).model.score_block(users))
    assert found.catalogue.movies == served(model).catalogue.movies
    assert found.manifest["version"] == 1
    assert read_contributions(tmp_path / "0001" / MEASURED, "test") is not None


def test_nothing_but_the_folder_is_left_of_writing(written: tuple[Path, str]) -> None:
    folder, _ = written
    assert names_in(folder.parent) == ["0001"]
    assert names_in(folder) == sorted([*FILES, MANIFEST])


def test_nothing_is_left_where_writing_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(bundle, "write_contributions", full)
    with pytest.raises(OSError, match="No space left"):
        write(tmp_path / "versions" / "0001", served("phase1"))
    assert names_in(tmp_path / "versions") == []


def test_what_a_dead_process_left_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "0001").mkdir()
    (tmp_path / "0001" / "half.npz").write_bytes(b"half")
    sha256 = write(tmp_path / "0001", served("phase1"))
    assert open_bundle(tmp_path / "0001", sha256).manifest["version"] == 1
    assert not (tmp_path / "0001" / "half.npz").exists()


def flipped(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


DAMAGES: dict[str, Callable[[Path], object]] = {
    "the folder is gone": shutil.rmtree,
    "the folder is a file": lambda folder: (shutil.rmtree(folder), folder.write_text("")),
    **{f"{name} is gone": lambda folder, name=name: (folder / name).unlink() for name in (*FILES, MANIFEST)},
    **{
        f"{name} has another bit": lambda folder, name=name: flipped(folder / name)
        for name in (*FILES, MANIFEST)
    },
    "the model is cut off": lambda folder: os.truncate(folder / MODEL, 1000),
    "the catalogue is longer": lambda folder: os.truncate(folder / CATALOGUE, 100_000),
    "the model is another one": lambda folder: shutil.copy(folder / CATALOGUE, folder / MODEL),
    "the manifest is empty": lambda folder: (folder / MANIFEST).write_text(""),
    "the manifest is huge": lambda folder: (folder / MANIFEST).write_text(" " * 2**21),
    "the manifest is another one": lambda folder: (folder / MANIFEST).write_text('{"format": "x"}'),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_version_is_refused_in_one_line(
    damage: Callable[[Path], object], copy: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, sha256 = copy
    damage(folder)
    monkeypatch.setattr(bundle, "load_recommender", lambda path: pytest.fail(f"{path} was loaded"))
    with pytest.raises(Damaged) as refused:
        open_bundle(folder, sha256)
    assert len(refused.value.problems) == 1
    assert "\n" not in str(refused.value)
    assert "0001" in str(refused.value)


def test_the_size_is_looked_at_before_anything_is_read(copy: tuple[Path, str]) -> None:
    folder, sha256 = copy
    with (folder / MODEL).open("r+b") as file:
        file.truncate(2**36)  # a hole: nothing is written, but to read it would take minutes
    with pytest.raises(Damaged, match=f"bytes, got {2**36}"):
        verified(folder, sha256)


def test_a_pickle_is_never_executed_even_under_a_right_hash(copy: tuple[Path, str], tmp_path: Path) -> None:
    folder, _ = copy
    proof = tmp_path / "executed"

    class Evil:
        def __reduce__(self) -> tuple[object, ...]:
            return (Path.touch, (proof,))

    for name, member in ((MODEL, "features.mean_rating"), (CATALOGUE, "titles")):
        before = dict(np.load(folder / name))
        np.savez(folder / name, **before | {member: np.array([Evil()], dtype=object)})
        with pytest.raises(Damaged, match="Object arrays cannot be loaded"):
            open_bundle(folder, signed_again(folder))
        np.savez(folder / name, **before)
    open_bundle(folder, signed_again(folder))
    assert not proof.exists()


def test_a_bomb_is_not_unpacked(copy: tuple[Path, str]) -> None:
    """48 MB of zeros in 48 KB, under the size and the hash of the manifest but not what it unpacks to."""
    folder, _ = copy
    unpacked = zipfile.ZipFile(folder / CATALOGUE).infolist()[0].file_size
    with zipfile.ZipFile(folder / CATALOGUE, "w", zipfile.ZIP_DEFLATED) as archive:
        zeros = io.BytesIO()
        np.save(zeros, np.zeros(6_000_000))
        archive.writestr("years.npy", zeros.getvalue())
    signed_again(folder)
    manifest = (folder / MANIFEST).read_text(encoding="utf-8")
    size = zipfile.ZipFile(folder / CATALOGUE).infolist()[0].file_size
    (folder / MANIFEST).write_text(manifest.replace(str(size), str(unpacked)), encoding="utf-8")
    sha256 = bundle._sha256(folder / MANIFEST)
    tracemalloc.start()
    with pytest.raises(Damaged, match=f"must unpack to {unpacked} bytes, got {size}"):
        open_bundle(folder, sha256)
    assert tracemalloc.get_traced_memory()[1] < 5_000_000
    tracemalloc.stop()


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("model", MODELS)
def test_a_model_that_is_not_of_numbers_is_refused(model: str, value: float, tmp_path: Path) -> None:
    of = served(model)
    features = replace(of.model.features, mean_rating=of.model.features.mean_rating.copy())
    features.mean_rating[3] = value
    broken = ServedModel(replace(of.model, features=features), of.catalogue)
    sha256 = write(tmp_path / "0001", broken)
    with pytest.raises(Damaged, match=r"finite numbers, model\.features\.mean_rating does not"):
        open_bundle(tmp_path / "0001", sha256)


def test_a_model_of_other_users_than_the_catalogues_is_refused(tmp_path: Path) -> None:
    of = served("phase1")
    fewer = replace(of.catalogue, user_ids=of.catalogue.user_ids[1:])
    sha256 = write(tmp_path / "0001", ServedModel(of.model, fewer))
    with pytest.raises(Damaged, match="must have 30 users and 25 movies, got 31 and 25"):
        open_bundle(tmp_path / "0001", sha256)


def test_every_float_of_a_model_is_looked_at() -> None:
    names = [name for name, _ in bundle._numbers(served("phase3").model, "model")]
    assert {"model.ease.weights", "model.rating.kernel", "model.features.ratings"} <= set(names)
