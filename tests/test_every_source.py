"""From ratings to the version that answers users, on every source that conf/data offers."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from command import deploy_here, report_here, run_here
from own_tables import write_csv, write_sqlite
from releases import rows_of, write_release

from db.deployment.versions import active
from db.engine import connect
from pipeline.sources import SOURCES, Synthetic, load
from project import CONF

SMALL = Synthetic(users=30, movies=25, ratings=400)
ANYTHING_PASSES = ("gate.accuracy_threshold=0", "gate.quality_margin=1", "gate.recommendation_ms=null")
PRESETS = sorted(path.stem for path in (CONF / "data").glob("*.yaml"))


def of_release(home: Path) -> list[str]:
    return [f"data.path={write_release(home / 'ml', 'ml-25m', *rows_of(load(SMALL, home / 'cache')))}"]


def of_synthetic(_home: Path) -> list[str]:
    return [f"data.{name}={getattr(SMALL, name)}" for name in ("users", "movies", "ratings")]


# What a user has, made of the same few ratings, and what is typed to have it read.
def of_first_system(home: Path) -> list[str]:
    """Write the tables of the seed's movies.db, ratings of one user and a column of all names."""
    small = load(SMALL, home / "cache")
    user = np.bincount(small.users).argmax()
    rated = [
        (
            small.movie_ids[small.movies[row]].item(),
            10 * float(small.ratings[row]),
            int(small.timestamps[row]),
        )
        for row in np.flatnonzero(small.users == user)
    ]
    movies = [(one, f"Movie {one}", 1990, "Crime|Drama", "A, B") for one in small.movie_ids.tolist()]
    with closing(sqlite3.connect(home / "seed.db")) as connection, connection:
        connection.execute(
            "CREATE TABLE movies (id TEXT, title TEXT, year INT, genres TEXT, cast_and_crew TEXT)"
        )
        connection.execute("CREATE TABLE watchlist (movie_id TEXT, userRating REAL, added_at INT)")
        connection.executemany("INSERT INTO movies VALUES (?, ?, ?, ?, ?)", movies)
        connection.executemany("INSERT INTO watchlist VALUES (?, ?, ?)", rated)
    return [f"data.url=sqlite:///{home}/seed.db"]


MADE: dict[str, Callable[[Path], list[str]]] = {
    "csv": lambda home: write_csv(home / "own", load(SMALL, home / "cache"))[1:],
    "movielens": of_release,
    "movielens_100k": lambda _home: [],
    "seed_movies_db": of_first_system,
    "sql": lambda home: write_sqlite(home / "own.db", load(SMALL, home / "cache"))[1:],
    "synthetic": of_synthetic,
}


def test_every_preset_is_walked_and_reads_a_source() -> None:
    assert sorted(MADE) == PRESETS
    assert len(PRESETS) >= len(SOURCES)


@pytest.mark.parametrize("preset", PRESETS)
def test_a_search_its_report_and_the_audit_lead_to_an_active_version(preset: str, tmp_path: Path) -> None:
    cache = [] if preset == "movielens_100k" else [f"data.cache={tmp_path}/cache"]
    data = [f"data={preset}", *MADE[preset](tmp_path), *cache]
    record = [f"db.url=sqlite:///{tmp_path}/movies.db"]
    outputs = f"outputs={tmp_path}/outputs"

    searched = run_here(
        "-m", "search=random", "hydra.sweeper.n_trials=2", "run_id=run", *data, *record, outputs
    )
    assert searched.code == 0, searched.stderr

    told = report_here("report.run=run", *record)
    assert told.code == 0, told.stderr
    assert "2 of 2 completed" in told.stdout

    audited = report_here("report=data", *data, *record)
    assert audited.code == 0, audited.stderr

    deployed = deploy_here(
        "experiment=best", *ANYTHING_PASSES, *data, *record, outputs, f"conf={tmp_path}/conf"
    )
    assert deployed.code == 0, deployed.stderr
    engine = connect(record[0].removeprefix("db.url="))
    now = active(engine)
    engine.dispose()
    assert now is not None
    assert now.version == 1
