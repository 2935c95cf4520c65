"""What the documents tell users to type is legal, and what they tell them to ask the record is answered."""

import shlex
from pathlib import Path

import pytest
from app_runs import Run, run_app
from command import report_here, run_here, standard
from databases import postgresql_server, postgresql_url
from documents import DEPLOYED, REPORT, TUNE, commands, queries
from sqlalchemy import create_engine, text

from db.engine import connect
from db.schema import prepare

__all__ = ["postgresql_server", "postgresql_url"]


def test_the_documents_hold_commands_and_queries() -> None:
    assert len(commands(TUNE)) >= 10
    assert len(commands(REPORT)) >= 2
    assert len(queries()) >= 3


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory) -> Run:
    home = tmp_path_factory.mktemp("docs")
    run = run_app(home, "found", "-m", "search=random", "hydra.sweeper.n_trials=3")
    assert run.code == 0, run.stderr
    return run


@pytest.mark.parametrize("line", [line for line in commands(TUNE) if DEPLOYED not in line])
def test_a_command_of_the_documents_is_legal(
    searched: Run, tmp_path: Path, line: str, request: pytest.FixtureRequest
) -> None:
    arguments = shlex.split(line)[2:]
    if "-m" not in arguments:
        assert run_here(*arguments, *standard(tmp_path), "--cfg", "job").code == 0
        return
    # Something to confirm lies in the record of a run on the same data.
    places, environment = [f"data.cache={searched.home / 'cache'}"], {}
    if "db=postgresql" in arguments:
        environment = {"REELTUNE_DB_URL": str(request.getfixturevalue("postgresql_url"))}
        prepare(connect(environment["REELTUNE_DB_URL"]))
    else:
        places.append(f"db.url=sqlite:///{searched.home / 'movies.db'}")
    data = ["data=synthetic", "data.users=40", "data.movies=60", "data.ratings=1200"]
    answer = run_here(
        *arguments, *data, *places, f"outputs={tmp_path}", "search.preview=true", env=environment
    )
    assert answer.code == 0, answer.stderr
    assert answer.stdout.startswith("Preview, nothing is run")


@pytest.mark.parametrize("line", commands(REPORT))
def test_a_report_of_the_documents_is_made(searched: Run, tmp_path: Path, line: str) -> None:
    places = [f"db.url=sqlite:///{searched.home / 'movies.db'}", f"report.output={tmp_path / 'report'}"]
    answer = report_here(*shlex.split(line)[2:], *places)
    assert answer.code == 0, answer.stderr
    assert (tmp_path / "report").is_file()


@pytest.mark.parametrize("query", [query for query in queries() if "model_versions" not in query])
def test_a_query_of_the_documents_is_answered(searched: Run, query: str) -> None:
    engine = create_engine(f"sqlite:///{searched.home / 'movies.db'}")
    values = {"run": "found", "experiment": "found_003"}
    asked = {name: value for name, value in values.items() if f":{name}" in query}
    with engine.connect() as connection:
        rows = connection.execute(text(query), asked).mappings().all()
    engine.dispose()
    assert rows


def test_the_best_so_far_of_a_run_is_read_from_the_history_alone(searched: Run) -> None:
    query = next(query for query in queries() if "best_objective" in query)
    engine = create_engine(f"sqlite:///{searched.home / 'movies.db'}")
    with engine.connect() as connection:
        rows = connection.execute(text(query), {"run": "found"}).mappings().all()
    engine.dispose()
    found = [row["objective_value"] for row in searched.rows.values()]
    assert [row["best_objective"] for row in rows] == [max(found[: n + 1]) for n in range(len(found))]
