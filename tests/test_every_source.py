"""From ratings to the version that answers users, on every source that conf/data offers."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from command import deploy_here, report_here, run_here
from movies_dataset_folders import write_movies_dataset
from own_tables import write_csv, write_sqlite
from releases import genres_of, rows_of, write_release

from db.deployment.versions import active
from db.engine import connect
from pipeline.dataset import Dataset
from pipeline.sources import SOURCES, Synthetic, load
from project import CONF

SMALL = Synthetic(users=30, movies=25, ratings=400)
ANYTHING_PASSES = ("gate.accuracy_threshold=0", "gate.quality_margin=1", "gate.recommendation_ms=null")
PRESETS = sorted(path.stem for path in (CONF / "data").glob("*.yaml"))


def of_release(home: Path, small: Dataset) -> list[str]:
    return [f"data.path={write_release(home / 'ml', 'ml-25m', *rows_of(small))}"]


def of_films(home: Path, small: Dataset) -> list[str]:
    return [f"data.path={write_movies_dataset(home / 'films', small)}"]


def of_synthetic(_home: Path, _small: Dataset) -> list[str]:
    return [f"data.{name}={getattr(SMALL, name)}" for name in ("users", "movies", "ratings")]


def of_seed(home: Path, small: Dataset) -> list[str]:
    """Write what one user rated on a scale of 10, as the first system kept it, and what was not rated yet."""
    own = small.users == np.bincount(small.users).argmax()
    columns = (small.movies[own], small.ratings[own] * 10, small.timestamps[own])
    told = zip(*(column.tolist() for column in columns), strict=True)
    with closing(sqlite3.connect(home / "seed.db")) as connection, connection:
        connection.execute("CREATE TABLE movies (id, title, year, genres, cast_and_crew)")
        connection.execute("CREATE TABLE watchlist (movie_id, userRating, added_at)")
        for movie, (title, genres) in enumerate(zip(small.titles.tolist(), genres_of(small), strict=True)):
            cast = json.dumps({"cast": [{"name": f"Actor {movie % 7}", "order": 0}], "crew": []})
            row = (movie, title, 1999, "|".join(genres), cast)
            connection.execute("INSERT INTO movies VALUES (?, ?, ?, ?, ?)", row)
        connection.executemany("INSERT INTO watchlist VALUES (?, ?, ?)", told)
        connection.execute("INSERT INTO watchlist VALUES (0, NULL, NULL)")
    return [f"data.url=sqlite:///{home / 'seed.db'}"]


def typed(overrides: list[str]) -> list[str]:
    """Leave out the source's name, which the preset says."""
    return [one for one in overrides if not one.startswith("data=")]


# What a user has, made of the same few ratings, and what is typed to have it read.
MADE: dict[str, Callable[[Path, Dataset], list[str]]] = {
    "csv": lambda home, small: typed(write_csv(home / "own", small)),
    "movielens": of_release,
    "movielens_100k": lambda _home, _small: [],
    "movies_dataset": of_films,
    "seed_movies_db": of_seed,
    "sql": lambda home, small: typed(write_sqlite(home / "own.db", small)),
    "synthetic": of_synthetic,
}


def test_every_preset_is_walked_and_reads_a_source() -> None:
    assert sorted(MADE) == PRESETS
    assert len(PRESETS) >= len(SOURCES)


@pytest.mark.parametrize("preset", PRESETS)
def test_a_search_its_report_and_the_audit_lead_to_an_active_version(preset: str, tmp_path: Path) -> None:
    cache = [] if preset == "movielens_100k" else [f"data.cache={tmp_path}/cache"]
    data = [f"data={preset}", *MADE[preset](tmp_path, load(SMALL, tmp_path / "cache")), *cache]
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
