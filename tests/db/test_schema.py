"""Migrations: an empty database, a user's own, the seed's, and one of the future."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from db_samples import new_experiment, result
from seed_record import fill_as_seed
from sqlalchemy import Engine, event, inspect, text

from db import schema
from db.engine import connect, reading, writing
from db.queries import get_best_experiment, get_tuning_statistics, recorded_experiments
from db.records import save_experiment
from db.schema import HEAD, VERSION_TABLE, prepare
from db.tables import HYPERPARAMETERS, METRICS, Base, Experiment, metric_column
from pipeline.hyperparameters import MODELS, Phase1
from pipeline.parameters import InvalidInput, parameters

MIGRATIONS = Path(schema.__file__).with_name("migrations")


def rows_of(path: Path, columns: str, table: str) -> list[tuple[Any, ...]]:
    database = sqlite3.connect(path)
    rows = database.execute(f"SELECT {columns} FROM {table} ORDER BY id").fetchall()
    database.close()
    return rows


@pytest.fixture
def seed(tmp_path: Path, sqlite_url: str) -> Iterator[tuple[Path, Engine]]:
    fill_as_seed(tmp_path / "movies.db")
    engine = connect(sqlite_url)
    yield tmp_path / "movies.db", engine
    engine.dispose()


def test_the_head_constant_is_alembics_head() -> None:
    assert ScriptDirectory(MIGRATIONS).get_current_head() == HEAD


def test_a_migrated_database_is_what_the_models_say(engine: Engine) -> None:
    with reading(engine) as connection:
        context = MigrationContext.configure(
            connection, opts={"version_table": VERSION_TABLE, "compare_type": True}
        )
        assert compare_metadata(context, Base.metadata) == []
        for table in Base.metadata.sorted_tables:
            found = [column["name"] for column in inspect(connection).get_columns(table.name)]
            assert found == [column.name for column in table.columns]


def test_a_status_is_pending_completed_or_failed(engine: Engine) -> None:
    with pytest.raises(Exception, match="ck_hp_experiments_status"), writing(engine) as connection:
        connection.execute(text("INSERT INTO hp_experiments (experiment_id, status) VALUES ('a', 'running')"))


def test_hyperparameters_are_columns_of_their_own_and_metrics_have_one_each() -> None:
    columns = [column.name for column in Experiment.__table__.columns]
    names = [metric_column(split, m) for split in ("validation", "test") for m in METRICS]
    assert len(set(columns)) == len(columns)
    assert set(names) | set(HYPERPARAMETERS) <= set(columns)
    assert not set(names) & set(HYPERPARAMETERS)
    # Those of the seed's model stand where the seed has them; a later model's are added at the end.
    seeds = len(parameters(Phase1))
    assert columns[5 : 5 + seeds] == list(HYPERPARAMETERS[:seeds])
    assert columns.pop() == "attempts"  # which came after them
    assert columns[len(columns) - len(HYPERPARAMETERS) + seeds :] == list(HYPERPARAMETERS[seeds:])


def test_preparing_twice_changes_nothing_and_asks_one_question(engine: Engine) -> None:
    save_experiment(engine, new_experiment(1), result(0.7), phase="exploration")
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    prepare(engine)
    assert [question for question in asked if question != "BEGIN"] == [
        f"SELECT {VERSION_TABLE}.version_num \nFROM {VERSION_TABLE}"
    ]
    assert get_tuning_statistics(engine).completed == 1


def test_a_users_own_tables_and_alembic_version_are_left_alone(url: str) -> None:
    engine = connect(url)
    with writing(engine) as connection:
        connection.execute(text("CREATE TABLE alembic_version (version_num TEXT)"))
        connection.execute(text("INSERT INTO alembic_version VALUES ('users')"))
        connection.execute(text("CREATE TABLE movies (title TEXT)"))
    prepare(engine)
    with reading(engine) as connection:
        assert connection.scalar(text("SELECT version_num FROM alembic_version")) == "users"
        assert connection.scalar(text(f"SELECT version_num FROM {VERSION_TABLE}")) == HEAD
        assert inspect(connection).has_table("movies")
    engine.dispose()


@pytest.mark.parametrize("hyperparameters", [1, 18, 19])
@pytest.mark.parametrize("unique", ["UNIQUE", ""])
def test_the_seeds_tables_are_adopted_and_lose_nothing(
    tmp_path: Path, sqlite_url: str, hyperparameters: int, unique: str
) -> None:
    path = tmp_path / "movies.db"
    fill_as_seed(path, hyperparameters=hyperparameters, unique=unique)
    columns = "id, experiment_id, status, created_at, genre_weight, test_accuracy, my_own_note"
    experiments = rows_of(path, columns, "hp_experiments")
    history = rows_of(path, "*", "hp_tuning_history")
    engine = connect(sqlite_url)
    for run in ("first", "second"):
        prepare(engine)
        save_experiment(engine, new_experiment(1, run), result(0.7), phase="exploration")
    assert rows_of(path, columns, "hp_experiments")[:3] == experiments
    after = rows_of(path, "*", "hp_tuning_history")
    assert [row[:7] for row in after[: len(history)]] == history
    with reading(engine) as connection:
        for table in Base.metadata.sorted_tables:
            found = {column["name"] for column in inspect(connection).get_columns(table.name)}
            assert found >= {column.name for column in table.columns}
    engine.dispose()


def test_the_seeds_best_experiment_is_found_until_there_is_one_of_ours(seed: tuple[Path, Engine]) -> None:
    _, engine = seed
    prepare(engine)
    best = get_best_experiment(engine)
    assert best is not None
    assert best.experiment_id == "random_20251130_155355_002"
    assert best.created_at is not None
    assert best.created_at.isoformat() == "2025-11-30T15:53:56+00:00"
    save_experiment(engine, new_experiment(1), result(0.5), phase="exploration")
    best = get_best_experiment(engine)
    assert best is not None
    assert best.trial_number == 1


def test_an_experiment_id_that_the_seed_holds_twice_is_one_line_and_changes_nothing(
    tmp_path: Path, sqlite_url: str
) -> None:
    path = tmp_path / "movies.db"
    fill_as_seed(path, unique="")
    database = sqlite3.connect(path)
    database.execute("UPDATE hp_experiments SET experiment_id = 'same'")
    database.commit()
    database.close()
    engine = connect(sqlite_url)
    with pytest.raises(InvalidInput, match=r"^db\.url cannot be brought to schema .*experiment_id.*$"):
        prepare(engine)
    with reading(engine) as connection:
        assert not inspect(connection).has_table(VERSION_TABLE)
        assert len(inspect(connection).get_columns("hp_tuning_history")) == 7
    engine.dispose()


def upgrade(engine: Engine, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with writing(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


@pytest.mark.parametrize(("before", "model"), [("0002", "phase2"), ("0003", "phase3")])
def test_a_database_of_earlier_models_keeps_its_rows_and_takes_those_of_the_next(
    url: str, before: str, model: str
) -> None:
    engine = connect(url)
    upgrade(engine, before)
    with writing(engine) as connection:
        columns = [column["name"] for column in inspect(connection).get_columns("hp_experiments")]
        connection.execute(
            text(
                "INSERT INTO hp_experiments (experiment_id, status, genre_weight, cast_lead_threshold)"
                " VALUES ('old', 'completed', 0.1234567890123, 4)"
            )
        )
    rows = text(f"SELECT {', '.join(columns)} FROM hp_experiments ORDER BY id")
    with reading(engine) as connection:
        kept = connection.execute(rows).all()
    prepare(engine)
    with reading(engine) as connection:
        assert connection.execute(rows).all() == kept
    new = new_experiment(1, model=model)
    save_experiment(engine, new, result(0.8), phase="exploration")
    found = {one.experiment_id: dict(one.hyperparameters) for one in recorded_experiments(engine)}
    assert found["old"] == {"genre_weight": 0.1234567890123, "cast_lead_threshold": 4}
    assert found[new.experiment_id] == new.hyperparameters
    engine.dispose()


def test_hyperparameters_have_columns_of_their_types(engine: Engine) -> None:
    """Double precision by the database's own name: a REAL of PostgreSQL would keep six digits."""
    with reading(engine) as connection:
        found = {one["name"]: str(one["type"]) for one in inspect(connection).get_columns("hp_experiments")}
    double = {"sqlite": "DOUBLE", "postgresql": "DOUBLE PRECISION"}[engine.dialect.name]
    kinds = {float: double, int: "INTEGER", str: "TEXT"}
    for settings in MODELS.values():
        for name, spec in parameters(settings).items():
            assert found[name] == kinds[spec.kind], name


def test_a_newer_schema_is_one_line(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = '9999'"))
    with pytest.raises(InvalidInput, match=r"^db\.url holds a newer schema than .*$"):
        prepare(engine)
