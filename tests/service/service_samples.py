"""A service on a record of its own, with versions of a small synthetic model."""

import dataclasses
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from fastapi.testclient import TestClient
from sqlalchemy import Engine

from db.deployment.versions import version_of
from db.engine import connect
from db.schema import prepare
from deployment.deploying import Order, Review, Workplace, deployed, reviewed
from deployment.gate import Gate
from deployment.measuring import Ground
from deployment.revalidation import Policy
from deployment.switching import activate
from pipeline.dataset import Dataset
from pipeline.evaluation import Problem
from pipeline.hyperparameters import Phase1
from pipeline.sources import Synthetic, load
from pipeline.split import PerUserTimeline, split_ratings
from service.app import make_app
from service.holder import Holder
from service.settings import Serve

TOKEN = "the token of the tests"  # noqa: S105 - of the tests alone
BEARER = {"Authorization": f"Bearer {TOKEN}"}
LENIENT = Gate(accuracy_threshold=0.0, quality_margin=1.0, recommendation_ms=None)
STRICT = Gate(accuracy_threshold=1.0, quality_margin=0.0, recommendation_ms=None)
# Looks for a switch more often than a test would like to wait.
SETTINGS = Serve(poll_seconds=0.05)


@cache
def dataset() -> Dataset:
    with TemporaryDirectory() as cache_folder:
        return load(Synthetic(users=30, movies=25, ratings=300), Path(cache_folder))


@cache
def review(genre_weight: float, gate: Gate = LENIENT) -> Review:
    """Fit and judge one configuration; a fit serves all tests."""
    ground = Ground(Problem(dataset(), split_ratings(dataset(), PerUserTimeline())), {"name": "per_user"})
    return reviewed(None, ground, gate, Phase1(genre_weight=genre_weight))


@dataclasses.dataclass(frozen=True)
class Place:
    """A record and a folder of versions."""

    engine: Engine
    folder: Path

    def ready(self, genre_weight: float = 0.4) -> int:
        """Make a version that may be made active."""
        return self._made(review(genre_weight), force=False)

    def ready_by_force(self) -> int:
        """Make a version that the gate did not let through."""
        return self._made(review(0.4, STRICT), force=True)

    def active(self, genre_weight: float = 0.4) -> int:
        """Make a version, and make it the active one."""
        version = self.ready(genre_weight)
        activate(self.engine, version, who="a test", why="to see")
        return version

    def sha256(self, version: int) -> str:
        """Look up the hash of a version's manifest."""
        row = version_of(self.engine, version)
        assert row is not None and row.artifact_sha256 is not None
        return row.artifact_sha256

    def damage(self, version: int) -> None:
        """Alter one byte in the middle of a version's model."""
        path = self.folder / "model_versions" / f"{version:04d}" / "model.npz"
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 0xFF
        path.write_bytes(content)

    @contextmanager
    def service(self, token: str | None = TOKEN, settings: Serve = SETTINGS) -> Iterator[TestClient]:
        """Run the service in this process."""
        holder = Holder(self.engine, settings)
        holder.refresh()
        with TestClient(make_app(self.engine, holder, Policy(), token)) as client:
            yield client

    def _made(self, reviewed_: Review, *, force: bool) -> int:
        order = Order(who="a test", why="to see", force=force, activate=False)
        return deployed(
            self.engine, reviewed_, order, Workplace(self.folder, "here", lambda process: False)
        ).version.version


@contextmanager
def place(folder: Path, url: str | None = None) -> Iterator[Place]:
    """Give a record in a file of the folder, or at an address."""
    engine = connect(url or f"sqlite:///{folder / 'movies.db'}")
    prepare(engine)
    yield Place(engine, folder / "outputs")
    engine.dispose()


def wait_until(holds: Callable[[], bool], seconds: float = 10.0) -> None:
    """Wait for what another thread or process is about to do."""
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.01)
