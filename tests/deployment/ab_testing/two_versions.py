"""A record with two versions that can answer, the first of which is active, and users who rate them."""

import shutil
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Engine, insert

from db.deployment.answers import AbTest
from db.deployment.tables import Exposure, LiveRating
from db.engine import connect, writing
from db.schema import prepare
from deployment.ab_testing.assignment import arm_of
from deployment.deploying import Order, Workplace, deployed, reviewed
from deployment.gate import Gate
from deployment.measuring import Ground
from pipeline.evaluation import Problem
from pipeline.hyperparameters import Phase1
from pipeline.sources import Synthetic, load
from pipeline.split import PerUserTimeline, split_ratings

CHAMPION, CHALLENGER = 1, 2
ANY = Gate(accuracy_threshold=0.0, quality_margin=1.0, recommendation_ms=None)


@cache
def problem() -> Problem:
    with TemporaryDirectory() as cache:
        dataset = load(Synthetic(users=30, movies=25, ratings=300, seed=1), Path(cache))
    return Problem(dataset, split_ratings(dataset, PerUserTimeline()))


@cache
def _folder() -> TemporaryDirectory[str]:
    """Deploy both versions once; the folder goes with the process."""
    folder = TemporaryDirectory()
    engine = connect(f"sqlite:///{folder.name}/movies.db")
    prepare(engine)
    ground = Ground(problem(), {"name": "per_user"})
    for number, hyperparameters in enumerate((Phase1(), Phase1(genre_weight=0.0, rating_weight=0.8))):
        order = Order(who="a test", why="to see", activate=number == 0)
        place = Workplace(Path(folder.name) / "outputs", "this process", lambda _: False)
        deployed(engine, reviewed(engine, ground, ANY, hyperparameters), order, place)
    engine.dispose()
    return folder


def record_in(folder: Path) -> Engine:
    """Copy the record; the versions' files stay where they were written."""
    shutil.copy(f"{_folder().name}/movies.db", folder / "movies.db")
    return connect(f"sqlite:///{folder / 'movies.db'}")


def folder_of(version: int) -> Path:
    return Path(_folder().name) / "outputs" / "model_versions" / f"{version:04d}"


def rate(engine: Engine, test: AbTest, n_users: int, *, better: str | None) -> None:
    """Expose users who rate two movies each: one of them is a hit, both where their version is better.

    Every third user has one hit less. All is written at once, as so many commits would take long.
    """
    exposures, ratings = [], []
    for number in range(n_users):
        arm = arm_of(f"user {number}", test.salt, test.split)
        version = test.challenger_version if arm == "challenger" else test.champion_version
        common = {"user_id": f"user {number}", "version": version, "ab_test_id": test.ab_test_id}
        shown = {"arm": arm, "latency_ms": 2.0 + number % 3, "exposed_at": test.started_at}
        exposures.append(common | shown)
        hits = (2 if arm == better else 1) - (number % 3 == 0)
        for movie in range(2):
            foretold = {"expected": 0.7, "answered": 0.7, "position": 1, "received_at": test.started_at}
            rating = 0.7 if movie < hits else 0.1
            ratings.append(common | foretold | {"movie_id": str(movie), "rating": rating})
    with writing(engine) as connection:
        connection.execute(insert(Exposure).values(exposures))
        connection.execute(insert(LiveRating).values(ratings))
