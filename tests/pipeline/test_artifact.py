import json
import pickle
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from as_defined import all_scores
from hypothesis import given, settings
from hypothesis import strategies as st
from same_bits import assert_same_bits
from tiny_data import datasets, legal_hyperparameters, masks, tiny

from pipeline.artifact import FORMAT
from pipeline.dataset import Dataset
from pipeline.fitted import Decided, FittedRecommender
from pipeline.hyperparameters import MODELS, Phase1, Phase2, Phase3
from pipeline.parameters import InvalidInput
from pipeline.recommender import Recommender, load_recommender


def all_ratings(model: FittedRecommender) -> Decided:
    predicted = model.rating_block(np.arange(model.n_users), all_scores(model))
    return model.decided(predicted.astype(np.float64).ravel())


def small_model() -> FittedRecommender:
    dataset = tiny(
        [(0, 0, 4, 0), (1, 1, 5, 0)], genres=["a", "ab", ""], cast=["xy", "x", ""], franchises=[0, 0, -1]
    )
    return Recommender(Phase1()).fit(dataset, np.array([True, True]))


@cache
def saved_bytes() -> bytes:
    with TemporaryDirectory() as folder:
        small_model().save(Path(folder, "model.npz"))
        return Path(folder, "model.npz").read_bytes()


@pytest.mark.parametrize("name", MODELS)
@given(st.data())
@settings(max_examples=25, deadline=None)
def test_what_is_loaded_scores_as_what_was_saved_to_the_last_bit(name: str, data: st.DataObject) -> None:
    dataset = data.draw(datasets())
    hyperparameters = data.draw(legal_hyperparameters(dataset, MODELS[name]))
    model = Recommender(hyperparameters).fit(dataset, data.draw(masks(dataset)))
    with TemporaryDirectory() as folder:
        model.save(Path(folder, "model.npz"))
        loaded = load_recommender(Path(folder, "model.npz"))
    assert type(loaded) is type(model)
    assert loaded.hyperparameters == model.hyperparameters
    assert_same_bits(all_scores(loaded), all_scores(model))
    assert_same_bits(all_ratings(loaded), all_ratings(model))
    assert loaded.recommend(0) == model.recommend(0)


@pytest.mark.parametrize("name", MODELS)
def test_a_real_model_is_loaded_to_the_last_bit(movielens: Dataset, tmp_path: Path, name: str) -> None:
    model = Recommender(MODELS[name]()).fit(movielens, np.ones(movielens.n_ratings, dtype=bool))
    model.save(tmp_path / "model.npz")
    loaded = load_recommender(tmp_path / "model.npz")
    assert_same_bits(all_scores(loaded), all_scores(model))
    assert_same_bits(all_ratings(loaded), all_ratings(model))


def refused(path: Path) -> str:
    with pytest.raises(InvalidInput) as raised:
        load_recommender(path)
    message = str(raised.value)
    assert message.startswith(f"{path} is not a saved recommender: ")
    assert "\n" not in message
    assert "allow_pickle=True" not in message
    return message.removeprefix(f"{path} is not a saved recommender: ")


@pytest.mark.parametrize("kept", [0, 1, 50, 0.3, 0.9, -1])
def test_a_truncated_file_is_refused(tmp_path: Path, kept: float) -> None:
    raw = saved_bytes()
    (tmp_path / "m.npz").write_bytes(raw[: int(kept * len(raw)) if isinstance(kept, float) else kept])
    assert refused(tmp_path / "m.npz")


@given(st.integers(0, 10**9), st.integers(1, 255))
@settings(max_examples=150, deadline=None)
def test_a_changed_byte_is_refused_or_changes_nothing(position: int, change: int) -> None:
    raw = bytearray(saved_bytes())
    raw[position % len(raw)] ^= change
    with TemporaryDirectory() as folder:
        path = Path(folder, "model.npz")
        path.write_bytes(raw)
        try:
            loaded = load_recommender(path)
        except InvalidInput as problem:
            assert "\n" not in str(problem)
        else:
            assert all_scores(loaded).tobytes() == all_scores(small_model()).tobytes()


def text(path: Path) -> None:
    path.write_text("movie,score\n1,0.5\n")


def single_array(path: Path) -> None:
    with path.open("wb") as file:
        np.save(file, np.arange(3))


def pickled(path: Path) -> None:
    path.write_bytes(pickle.dumps({"format": FORMAT}))


def folder(path: Path) -> None:
    path.mkdir()


def nothing(path: Path) -> None:
    path.unlink(missing_ok=True)


def archive_of_text(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("header.npy", "not an array")


@pytest.mark.parametrize("make", [text, single_array, pickled, folder, nothing, archive_of_text])
def test_a_foreign_file_is_refused(tmp_path: Path, make: Callable[[Path], None]) -> None:
    make(tmp_path / "m.npz")
    assert refused(tmp_path / "m.npz")


def rewritten(path: Path, **changed: Any) -> Path:
    """Save a good model with other arrays under some names; None leaves one out."""
    small_model().save(path)
    with np.load(path) as file:
        arrays = dict(file)
    arrays |= {name: value for name, value in changed.items() if value is not None}
    np.savez(path, **{name: value for name, value in arrays.items() if changed.get(name, value) is not None})
    return path


def header(**changed: Any) -> np.ndarray:
    content: dict[str, Any] = {"format": FORMAT, "model": "phase1", "hyperparameters": vars(Phase1())}
    return np.array(json.dumps(content | changed))


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (header(format="lenskit-1"), f"format must be {FORMAT}, got lenskit-1"),
        (header(model="phase9"), "model must be one of phase1, phase2, phase3, got 'phase9'"),
        (header(model="phase2"), "user_preference_weight is missing; "),
        (header(model="phase2", hyperparameters=vars(Phase2())), "'preference is not a file"),
        (header(model="phase3", hyperparameters=vars(Phase2())), "collaborative_weight is missing; "),
        (
            header(model="phase3", hyperparameters=vars(Phase3()) | {"calibration": "luck"}),
            "calibration must be one of none, linear, isotonic, tolerance, got 'luck'",
        ),
        (header(model=["phase1"]), ""),
        (header(hyperparameters={}), "genre_weight is missing; cast_weight is missing; "),
        (
            header(hyperparameters=vars(Phase1()) | {"genre_weight": 2}),
            r"genre_weight must be in \[0, 1\], got 2",
        ),
        (header(hyperparameters=None), ""),
        (np.array("[]"), ""),
        (np.array("{"), ""),
        (np.array(3.0), ""),
    ],
)
def test_a_foreign_header_is_refused(tmp_path: Path, content: np.ndarray, problem: str) -> None:
    message = refused(rewritten(tmp_path / "m.npz", header=content))
    assert message.startswith(problem.replace("\\", ""))


def test_a_missing_array_is_named(tmp_path: Path) -> None:
    path = rewritten(tmp_path / "m.npz", **{"features.rating_level": None})
    assert "features.rating_level" in refused(path)


class Trap:
    """Shows whether it was ever unpickled."""

    sprung = False

    def __reduce__(self) -> tuple[Callable[[], None], tuple[()]]:
        return spring, ()


def spring() -> None:
    Trap.sprung = True


@pytest.mark.parametrize("name", ["header", "features.rating_level", "cast_overlap.data"])
def test_a_pickled_array_is_refused_and_never_run(tmp_path: Path, name: str) -> None:
    path = rewritten(tmp_path / "m.npz", **{name: np.array([Trap()], dtype=object)})
    assert "Object arrays cannot be loaded" in refused(path)
    assert not Trap.sprung


@pytest.mark.parametrize("name", ["cast_overlap", "features.ratings", "features.franchise"])
def test_a_matrix_that_points_outside_itself_is_refused(tmp_path: Path, name: str) -> None:
    with np.load(rewritten(tmp_path / "m.npz")) as file:
        indices = file[f"{name}.indices"]
    assert refused(rewritten(tmp_path / "m.npz", **{f"{name}.indices": indices + 10**6}))
