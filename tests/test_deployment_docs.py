"""What docs/deployment.md tells users to type does what it says, on a record with two versions."""

import os
import shlex
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

import pytest
from command import deploy_here, run_here, serve_here
from deployment_samples import new_rating, new_test
from documents import CURL, DEPLOY, DEPLOYED, SERVE, TUNE, commands, queries
from fastapi.testclient import TestClient
from sqlalchemy import text

from db.deployment.ab_tests import expose, note_judgement, start_test
from db.deployment.live_ratings import record_rating
from db.deployment.versions import switch
from db.engine import connect
from deployment.revalidation import Policy
from service.app import make_app
from service.holder import Holder
from service.settings import Serve

DATA = ("data=synthetic", "data.users=40", "data.movies=60", "data.ratings=1200")
# So few users cannot pass a gate that is made for more.
LENIENT = ("gate.accuracy_threshold=0", "gate.quality_margin=1", "gate.recommendation_ms=null")
TOKEN = "the token of the documents"  # noqa: S105 - opens nothing but the service of this test


def places(home: Path, cache: Path) -> list[str]:
    return [
        *DATA,
        f"data.cache={cache}",
        f"db.url=sqlite:///{home / 'movies.db'}",
        f"outputs={home / 'outputs'}",
    ]


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Experiments for two objectives, two versions of which the first is active, and a few ratings."""
    home = tmp_path_factory.mktemp("deployed")
    own = places(home, home / "cache")
    for objective in ("accuracy", "quality"):
        run = run_here("-m", "search=random", "hydra.sweeper.n_trials=1", f"objective={objective}", *own)
        assert run.code == 0, run.stderr
    for weight in (0.2, 0.3):
        typed = f"hyperparameters={{genre_weight: {weight}}}"
        answer = deploy_here(typed, *own, *LENIENT, f"conf={home / 'conf'}")
        assert answer.code == 0, answer.stderr
    assert deploy_here("action=activate", "version=1", *own, f"conf={home / 'conf'}").code == 0
    engine = connect(f"sqlite:///{home / 'movies.db'}")
    for movie in range(1, 11):
        record_rating(engine, new_rating("new", str(movie), 0.8, 1))
    engine.dispose()
    return home


@pytest.fixture
def home(first: Path, tmp_path: Path) -> Path:
    """A copy of it; the files of its versions stay where they were written."""
    return Path(shutil.copytree(first, tmp_path / "home"))


@contextmanager
def served(home: Path) -> Iterator[TestClient]:
    engine = connect(f"sqlite:///{home / 'movies.db'}")
    holder = Holder(engine, Serve())
    holder.refresh()
    with TestClient(make_app(engine, holder, Policy(), TOKEN)) as client:
        yield client
    engine.dispose()


def asked(client: TestClient, line: str) -> int:
    """Ask what a curl command asks, and return the status."""
    *options, address = shlex.split(line)[1:]
    with mock.patch.dict(os.environ, {"REELTUNE_TOKEN": TOKEN}):
        values = {
            name: os.path.expandvars(value) for name, value in zip(options[::2], options[1::2], strict=True)
        }
    name, _, value = values.get("-H", "").partition(": ")
    path = address.removeprefix("http://127.0.0.1:8000")
    headers = {name: value, "Content-Type": "application/json"} if name else {}
    body = values.get("--json")
    response = client.get(path) if body is None else client.post(path, content=body, headers=headers)
    return response.status_code


def test_the_document_holds_commands() -> None:
    assert len(commands(DEPLOY)) >= 10
    assert len(commands(SERVE)) >= 2
    assert len(commands(CURL)) >= 5


@pytest.mark.parametrize("line", commands(DEPLOY))
def test_a_command_of_deployment_does_what_it_says(first: Path, home: Path, line: str) -> None:
    arguments = shlex.split(line)[2:]
    answer = deploy_here(*arguments, *places(home, first / "cache"), *LENIENT, f"conf={home / 'conf'}")
    assert answer.code == 0, answer.stderr
    assert answer.stdout


@pytest.mark.parametrize("line", [line for line in commands(TUNE) if DEPLOYED in line])
def test_what_is_deployed_is_searched_around(first: Path, home: Path, line: str) -> None:
    arguments = [*shlex.split(line)[2:], f"--config-dir={home / 'conf'}", "search.preview=true"]
    answer = run_here(*arguments, *places(home, first / "cache"))
    assert answer.code == 0, answer.stderr
    assert answer.stdout.startswith("Preview, nothing is run")


@pytest.mark.parametrize("line", commands(SERVE))
def test_a_command_of_the_service_is_legal(home: Path, line: str) -> None:
    url = f"db.url=sqlite:///{home / 'movies.db'}"
    assert serve_here(*shlex.split(line)[2:], url, "--cfg", "job").code == 0


@pytest.mark.parametrize("line", commands(CURL))
def test_what_the_service_is_asked_is_answered(home: Path, line: str) -> None:
    """A test that is to be looked at is started first, as the document has it; who won is not known yet."""
    (start,) = (line for line in commands(CURL) if line.endswith("/api/ab-tests"))
    with served(home) as client:
        if "/api/ab-tests/1" in line:
            assert asked(client, start) == 201
        assert asked(client, line) in ((409,) if "promote" in line else (200, 201))


@pytest.mark.parametrize("query", [query for query in queries() if "model_versions" in query])
def test_a_query_of_deployment_is_answered(first: Path, home: Path, query: str) -> None:
    """Of a version that was tested, promoted and rolled back."""
    own = places(home, first / "cache")
    made = deploy_here("experiment=best", "activate=false", *own, *LENIENT, f"conf={home / 'conf'}")
    assert made.code == 0, made.stderr
    engine = connect(f"sqlite:///{home / 'movies.db'}")
    test = start_test(engine, new_test(1, 3)).ab_test_id
    expose(engine, test, "u", arm="challenger", version=3, latency_ms=1.0)
    switch(engine, 3, action="promote", who="a test", why="it is better")
    note_judgement(engine, test, verdict="challenger_better", judgement={})
    switch(engine, 1, action="rollback", who="a test", why="it is not")
    with engine.connect() as connection:
        rows = connection.execute(text(query)).mappings().all()
    engine.dispose()
    assert [(row["version"], row["verdict"], row["back_to_version"]) for row in rows] == [
        (3, "challenger_better", 1)
    ]
