"""What is computed from a dataset of the cache is computed once, by any process, and is the same for all."""

import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import sparse
from tiny_data import tiny

from pipeline import derived
from pipeline.cast import shared_cast
from pipeline.dataset import Dataset
from pipeline.derived import CONTENTS, FOLDER
from pipeline.ease import _spectrum
from pipeline.features import features_of
from pipeline.histories import _rated
from pipeline.kept import shared_per_dataset, shared_per_training_set
from pipeline.left_out import left_out
from pipeline.likeness import likeness
from pipeline.rating_process import _rows
from pipeline.sequences import _steps
from pipeline.sources import Synthetic
from pipeline.sources.synthetic import build
from pipeline.store import cached, folder_of

SHARED = (features_of, left_out, likeness, _spectrum, _rows, _rated, _steps)


@dataclass(frozen=True, eq=False)
class Part:
    """Something with a matrix, and an array without entries."""

    matrix: sparse.csr_array
    empty: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Whole:
    """Something of all that can be kept."""

    part: Part
    pair: tuple[NDArray[np.int32], tuple[float, str | None]]
    by_name: dict[str, Part]
    columns: NDArray[np.float32]


TINY = tiny([(0, 0, 5, 0), (0, 1, 2.5, 1), (1, 0, 5, 0)], genres=["a", "b"])
ALL, SOME = np.array([True, True, True]), np.array([True, True, False])


def whole(dataset: Dataset, train: NDArray[np.bool_]) -> Whole:
    matrix = sparse.csr_array(np.diag(dataset.ratings[train]))
    pair = np.flatnonzero(train).astype(np.int32), (0.1, None)
    named = {"all of it": part(dataset)}
    return Whole(Part(matrix, np.empty(0)), pair, named, np.asfortranarray(np.ones((2, 3), dtype=np.float32)))


@pytest.fixture(autouse=True)
def nothing_is_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(derived, "SMALL", 0)


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    return cached("tiny", lambda: (TINY, {}), tmp_path)


def kept(dataset: Dataset) -> list[Path]:
    folder = folder_of(dataset)
    assert folder is not None
    return sorted((folder / FOLDER).iterdir())


def counted() -> tuple[Callable[[Dataset, NDArray[np.bool_]], Whole], list[int]]:
    """Make what a new process would have: a function that remembers nothing, and counts."""
    computed = []

    def compute(dataset: Dataset, train: NDArray[np.bool_]) -> Whole:
        computed.append(int(train.sum()))
        return whole(dataset, train)

    return shared_per_training_set(compute), computed


def arrays_of(value: Any) -> list[NDArray[Any]]:
    if isinstance(value, np.ndarray):
        return [value]
    if isinstance(value, sparse.csr_array):
        return [value.data, value.indices, value.indptr]
    if isinstance(value, tuple | dict):
        inside = value.values() if isinstance(value, dict) else value
        return [array for one in inside for array in arrays_of(one)]
    if is_dataclass(value):
        return [array for field in fields(value) for array in arrays_of(getattr(value, field.name))]
    return []


def assert_the_same_bits(one: Any, other: Any) -> None:
    assert type(one) is type(other)
    for a, b in zip(arrays_of(one), arrays_of(other), strict=True):
        assert (a.dtype, a.shape, a.flags.f_contiguous) == (b.dtype, b.shape, b.flags.f_contiguous)
        assert a.tobytes("A") == b.tobytes("A")


def test_another_process_maps_what_the_first_one_computed(dataset: Dataset) -> None:
    (first, _), (second, computed) = counted(), counted()
    one, other = first(dataset, ALL), second(dataset, ALL)
    assert computed == []
    assert_the_same_bits(one, whole(dataset, ALL))
    assert_the_same_bits(other, whole(dataset, ALL))
    assert other.pair[1] == (0.1, None)
    assert not any(array.flags.owndata or array.flags.writeable for array in arrays_of(other))
    assert len(kept(dataset)) == 1


def test_other_training_ratings_are_another_result(dataset: Dataset) -> None:
    (first, _), (second, computed) = counted(), counted()
    first(dataset, ALL)
    assert second(dataset, SOME).pair[0].tolist() == [0, 1]
    assert computed == [2]
    assert len(kept(dataset)) == 2


def test_what_is_in_memory_or_small_stays_there_and_is_read_only(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    compute, computed = counted()
    in_memory = compute(TINY, ALL)
    monkeypatch.setattr(derived, "SMALL", TINY.n_ratings + 1)
    small, _ = counted()
    for value in (in_memory, small(dataset, ALL)):
        assert not any(array.flags.writeable for array in arrays_of(value))
    assert computed == [3]
    assert not (folder_of(dataset) / FOLDER).exists()


def truncate(folder: Path) -> None:
    path = folder / "value.columns.npy"
    path.write_bytes(path.read_bytes()[:-1])


@pytest.mark.parametrize(
    "damage",
    [
        truncate,
        lambda folder: (folder / "value.part.matrix.data.npy").unlink(),
        lambda folder: (folder / CONTENTS).unlink(),
        lambda folder: (folder / CONTENTS).write_text('{"value": {}, "bytes": {}}'),
    ],
)
def test_what_is_damaged_is_computed_again(damage: Callable[[Path], object], dataset: Dataset) -> None:
    counted()[0](dataset, ALL)
    damage(kept(dataset)[0])
    (again, computed), (last, of_last) = counted(), counted()
    assert_the_same_bits(again(dataset, ALL), whole(dataset, ALL))
    last(dataset, ALL)
    assert (computed, of_last) == ([3], [])
    assert len(kept(dataset)) == 1


def test_of_many_who_ask_at_once_one_computes(dataset: Dataset) -> None:
    askers = [counted() for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        for value in pool.map(lambda asker: asker[0](dataset, ALL), askers):
            assert_the_same_bits(value, whole(dataset, ALL))
    assert [n for _, computed in askers for n in computed] == [3]


def test_what_was_kept_by_itself_is_named_by_what_holds_it(dataset: Dataset) -> None:
    of_dataset = shared_per_dataset(part)

    def holding(dataset: Dataset, train: NDArray[np.bool_]) -> Whole:
        return Whole(of_dataset(dataset), whole(dataset, train).pair, {}, np.ones((1, 1), dtype=np.float32))

    made = shared_per_training_set(holding)(dataset, ALL)
    opened = shared_per_training_set(holding)(dataset, ALL)
    assert_the_same_bits(opened, made)
    assert sum(path.name.endswith("data.npy") for folder in kept(dataset) for path in folder.iterdir()) == 1


def part(dataset: Dataset) -> Part:
    return Part(sparse.csr_array(np.eye(2)), np.empty(0))


def test_only_the_last_few_are_kept(dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(derived, "KEPT", 2)
    compute, _ = counted()
    compute(dataset, ALL)
    compute(dataset, SOME)
    for age, place in enumerate(kept(dataset)):
        os.utime(place / CONTENTS, (age, age))
    oldest, other = kept(dataset)
    begun = other.with_name(f".{other.name}-0")
    begun.mkdir()
    os.utime(begun, (0, 0))
    compute(dataset, ~ALL)
    assert len(kept(dataset)) == 2
    assert other in kept(dataset)
    assert oldest not in kept(dataset)


def test_a_cache_that_cannot_be_written_serves_all_the_same(dataset: Dataset) -> None:
    folder = folder_of(dataset)
    assert folder is not None
    (folder / FOLDER).write_text("not a folder", encoding="utf-8")
    compute, computed = counted()
    assert_the_same_bits(compute(dataset, ALL), whole(dataset, ALL))
    assert computed == [3]


@pytest.fixture(scope="module")
def synthetic(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    settings = Synthetic(users=40, movies=60, ratings=1200)
    home = tmp_path_factory.mktemp("synthetic")
    return cached("synthetic", lambda: (build(settings)[0], {}), home)


@pytest.mark.parametrize("function", SHARED, ids=lambda function: function.__qualname__)
def test_what_the_models_share_is_mapped_as_it_was_computed(
    function: Callable[..., Any], synthetic: Dataset
) -> None:
    train = np.arange(synthetic.n_ratings) % 3 > 0
    computed = function.__wrapped__.__wrapped__(synthetic, train)
    assert all(a.flags.c_contiguous or a.flags.f_contiguous for a in arrays_of(computed))
    assert_the_same_bits(function(synthetic, train), computed)
    again = shared_per_training_set(function.__wrapped__.__wrapped__)(synthetic, train)
    assert_the_same_bits(again, computed)
    assert not any(array.flags.owndata for array in arrays_of(again))


def test_the_actors_that_movies_share_are_mapped_as_they_were_computed(synthetic: Dataset) -> None:
    computed = shared_cast.__wrapped__.__wrapped__(synthetic)
    assert_the_same_bits(shared_cast(synthetic), computed)
    assert not any(array.flags.owndata for array in arrays_of(shared_cast(synthetic)))


def test_who_waits_for_a_process_that_dies_computes(dataset: Dataset, tmp_path: Path) -> None:
    lock = folder_of(dataset) / FOLDER / ".name-key.lock"
    code = (
        "import sys, time; from pathlib import Path; from pipeline.locks import alone\n"
        "with alone(Path(sys.argv[1])): print('in', flush=True); time.sleep(60)"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", code, str(lock)],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(Path(derived.__file__).parents[1])},
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "in\n"
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(derived.derived, dataset, "name", "key", lambda: part(dataset), Part)
        assert not waiting.done()
        holder.kill()
        holder.communicate()
        assert waiting.result(timeout=30).matrix.shape == (2, 2)
