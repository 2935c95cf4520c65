"""What the end-to-end test walks with: commands of a home, a server in its own process, and visitors."""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import numpy as np
from command import Answer, deploy_here, run_here, snapshot

from pipeline.dataset import Dataset
from pipeline.split import PerUserTimeline, split_ratings
from project import ROOT

TOKEN = "the token of the walk"  # noqa: S105 - opens what the walk itself serves
# Python runs a sitecustomize.py on its path at every start. This one sets the clock by which tests are looked
# at, as they last a day at least, and the salt, so that every walk has the same users in each arm.
SITE = """
import importlib.util, sys
from datetime import datetime, timedelta

class Clock(datetime):
    @classmethod
    def now(cls, tz=None):
        return datetime.now(tz) + timedelta(hours={hours_later})

class Finder:
    def find_spec(self, name, path, target=None):
        if name != "deployment.ab_testing.lifecycle":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        execute = spec.loader.exec_module
        def execute_and_set(module):
            execute(module)
            module.datetime, module.new_salt = Clock, lambda: "the salt of the walk"
        spec.loader.exec_module = execute_and_set
        return spec

sys.meta_path.insert(0, Finder())
"""


@dataclass(frozen=True)
class Home:
    """A record, its outputs and its presets in a folder of their own."""

    folder: Path
    data: tuple[str, ...]  # which data, as typed

    @property
    def url(self) -> str:
        return f"sqlite:///{self.folder / 'movies.db'}"

    @property
    def _places(self) -> tuple[str, ...]:
        return (*self.data, f"db.url={self.url}", f"outputs={self.folder / 'outputs'}")

    def tune(self, *arguments: str) -> Answer:
        return run_here(*arguments, *self._places)

    def deploy(self, *arguments: str) -> Answer:
        return deploy_here(*arguments, *self._places, f"conf={self.folder / 'conf'}")

    def left(self) -> dict[str, bytes | str | None]:
        """Take down all files but those that SQLite keeps while a database is open."""
        return {name: content for name, content in snapshot(self.folder).items() if "movies.db-" not in name}

    @contextmanager
    def served(self, *, hours_later: int = 0) -> Iterator[httpx2.Client]:
        """Run the service in a process of its own, and stop it."""
        site = self.folder / "site"
        site.mkdir(exist_ok=True)
        (site / "sitecustomize.py").write_text(SITE.format(hours_later=hours_later), encoding="utf-8")
        variables = {**os.environ, "REELTUNE_TOKEN": TOKEN, "PYTHONPATH": str(site)}
        arguments = ["serve.port=0", "serve.poll_seconds=0.1", f"db.url={self.url}"]
        command = [sys.executable, str(ROOT / "src" / "serve_app.py"), *arguments]
        log = self.folder / "service.log"
        with (
            log.open("a", encoding="utf-8") as to,
            subprocess.Popen(command, env=variables, stdout=subprocess.PIPE, stderr=to, text=True) as process,
        ):
            try:
                assert process.stdout is not None
                said = process.stdout.readline()
                address = said.partition("serves ")[2].partition(";")[0]
                assert address, f"{said}{log.read_text(encoding='utf-8')}"
                bearer = {"Authorization": f"Bearer {TOKEN}"}
                with httpx2.Client(base_url=address, headers=bearer, timeout=60) as client:
                    yield client
            finally:
                process.terminate()
        assert process.returncode == 0


@dataclass(frozen=True)
class Visitor:
    """Somebody new to the service, with the taste of a user of the data: the ratings that were held out."""

    user_id: str
    stars: dict[str, float]  # by movie

    def visit(self, client: httpx2.Client, at_most: int) -> list[dict[str, Any]]:
        """Look at what is recommended, then rate movies that one knows, those that are recommended first."""
        shown = answered(client.get(f"/api/recommendations/{self.user_id}"))
        movies = [movie["movie_id"] for movie in shown["movies"] if movie["movie_id"] in self.stars]
        movies += [movie_id for movie_id in self.stars if movie_id not in movies]
        rated = [
            answered(client.post("/api/ratings", json=self._rating(movie_id)))
            for movie_id in movies[:at_most]
        ]
        return [shown, *rated]

    def _rating(self, movie_id: str) -> dict[str, Any]:
        return {"user_id": self.user_id, "movie_id": movie_id, "rating": self.stars[movie_id]}


def visitors(dataset: Dataset, n: int) -> list[Visitor]:
    """Make n visitors at most of users with two or more ratings in the test part, which they give."""
    test = split_ratings(dataset, PerUserTimeline()).test
    found = []
    for user in range(dataset.n_users):
        own = np.flatnonzero(test & (dataset.users == user))
        movies, stars = dataset.movie_ids[dataset.movies[own]], dataset.ratings[own] * dataset.stars
        if len(own) >= 2:
            of_user = dict(zip(movies.tolist(), stars.tolist(), strict=True))
            found.append(Visitor(f"visitor-{dataset.user_ids[user]}", of_user))
    return found[:n]


def all_visit(client: httpx2.Client, who: Sequence[Visitor]) -> list[list[dict[str, Any]]]:
    """Have everybody come, a few at a time; some rate twice as much as others."""
    with ThreadPoolExecutor(4) as pool:
        return list(pool.map(lambda at: at[1].visit(client, 2 + at[0] % 4), enumerate(who)))


def answered(response: httpx2.Response) -> dict[str, Any]:
    """Take the body of an answer that is none of a fault."""
    assert response.is_success, f"{response.status_code} {response.text}"
    content = response.json()
    assert isinstance(content, dict)
    return content
