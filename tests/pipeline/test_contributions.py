"""What each user contributed is kept as numpy's own archives are, to the last bit."""

import dataclasses
import time
from pathlib import Path

import numpy as np
import pytest

from pipeline.contributions import PARTS, read_contributions, write_contributions
from pipeline.evaluation import Evaluation
from pipeline.hyperparameters import Phase1
from pipeline.metrics import METRICS, Measurement, PerUser

DRAWN = np.random.default_rng(1)


def drawn(users: int) -> Measurement:
    """Draw figures of users; one has no relevant movie."""
    ndcg, recall, squares = DRAWN.random((3, users))
    ndcg[:1] = recall[:1] = np.nan
    ratings, hits = DRAWN.integers(0, 300, (2, users, 5), dtype=np.int32)
    ranking, fitted = DRAWN.integers(0, 2**32, users, np.uint32), DRAWN.integers(0, 500, users, np.int32)
    return Measurement(dict.fromkeys(METRICS), PerUser(ratings, hits, ndcg, recall, ranking, squares, fitted))


@pytest.fixture(params=[0, 1, 50])
def evaluation(request: pytest.FixtureRequest) -> Evaluation:
    return Evaluation(Phase1(), drawn(request.param), drawn(request.param))


def test_what_is_read_is_what_was_written(evaluation: Evaluation, tmp_path: Path) -> None:
    write_contributions(tmp_path / "ours.npz", evaluation)
    for part in PARTS:
        kept = read_contributions(tmp_path / "ours.npz", part)
        assert kept is not None
        for name, array in dataclasses.asdict(kept).items():
            written = getattr(getattr(evaluation, part).per_user, name)
            assert (array.dtype, array.shape) == (written.dtype, written.shape)
            assert array.tobytes() == written.tobytes()


def test_numpy_reads_it_and_its_archives_are_read(evaluation: Evaluation, tmp_path: Path) -> None:
    write_contributions(tmp_path / "ours.npz", evaluation)
    with np.load(tmp_path / "ours.npz", allow_pickle=False) as ours:
        np.savez_compressed(tmp_path / "numpys.npz", allow_pickle=False, **ours)
    for part in PARTS:
        ours, numpys = (read_contributions(tmp_path / name, part) for name in ("ours.npz", "numpys.npz"))
        assert ours is not None
        assert numpys is not None
        for name, array in dataclasses.asdict(ours).items():
            assert array.tobytes() == getattr(numpys, name).tobytes()


def test_equal_figures_make_equal_files_whenever_they_are_written(
    evaluation: Evaluation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_contributions(tmp_path / "now.npz", evaluation)
    later = time.time() + 1e6
    monkeypatch.setattr(time, "time", lambda: later)
    write_contributions(tmp_path / "later.npz", evaluation)
    assert (tmp_path / "now.npz").read_bytes() == (tmp_path / "later.npz").read_bytes()


def test_a_damaged_file_is_none(evaluation: Evaluation, tmp_path: Path) -> None:
    path = tmp_path / "ours.npz"
    write_contributions(path, evaluation)
    path.write_bytes(path.read_bytes()[:-40])
    assert read_contributions(path, "test") is None
    assert read_contributions(tmp_path / "none.npz", "test") is None
