"""Reading for a report: of a moment, of any schema, and without a trace."""

import hashlib
import sqlite3
from pathlib import Path

import pytest
from db_samples import RUN, new_experiment, result
from seed_record import fill_as_seed
from sqlalchemy import event

from db.engine import connect
from db.queries import get_best_experiment, get_tuning_statistics, recorded_experiments
from db.records import save_experiment
from db.runs import run_ids
from db.schema import prepare
from db.snapshot import snapshot
from pipeline.parameters import InvalidInput


def state(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def test_what_is_not_there_is_not_made(tmp_path: Path) -> None:
    assert snapshot(f"sqlite:///{tmp_path}/movies.db") is None
    assert state(tmp_path) == {}


def test_a_users_own_database_holds_no_record_and_stays_as_it_is(tmp_path: Path, sqlite_url: str) -> None:
    database = sqlite3.connect(tmp_path / "movies.db")
    database.execute("CREATE TABLE movies (title TEXT)")
    database.close()
    before = state(tmp_path)
    assert snapshot(sqlite_url) is None
    assert state(tmp_path) == before


def test_the_record_is_read_as_it_was_at_one_moment(tmp_path: Path, sqlite_url: str) -> None:
    engine = connect(sqlite_url)
    prepare(engine)
    save_experiment(engine, new_experiment(1), result(0.7), phase="exploration")
    found = snapshot(sqlite_url)
    assert found is not None
    save_experiment(engine, new_experiment(2), result(0.8), phase="exploration")
    engine.dispose()
    assert get_tuning_statistics(found).total == 1
    assert recorded_experiments(found, RUN)[0].validation["accuracy"] == 0.7
    assert (one := snapshot(sqlite_url)) is not None
    assert get_tuning_statistics(one).total == 2


def test_reading_leaves_no_trace_of_it(tmp_path: Path, sqlite_url: str) -> None:
    engine = connect(sqlite_url)
    prepare(engine)
    save_experiment(engine, new_experiment(1), result(0.7), phase="exploration")
    engine.dispose()
    before = state(tmp_path)
    assert snapshot(sqlite_url) is not None
    assert state(tmp_path) == before


@pytest.mark.parametrize("hyperparameters", [1, 18, 19])
@pytest.mark.parametrize("unique", ["UNIQUE", ""])
def test_the_seeds_record_is_read_in_todays_schema_and_stays_as_it_is(
    tmp_path: Path, sqlite_url: str, hyperparameters: int, unique: str
) -> None:
    fill_as_seed(tmp_path / "movies.db", hyperparameters=hyperparameters, unique=unique)
    before = state(tmp_path)
    found = snapshot(sqlite_url)
    assert found is not None
    assert run_ids(found) == ["random_20251130_155355"]
    best = get_best_experiment(found, "random_20251130_155355")
    assert best is not None
    assert (best.trial_number, best.test["accuracy"]) == (2, 0.74)
    assert [one.status for one in recorded_experiments(found)] == ["completed", "completed", "running?"]
    assert state(tmp_path) == before


def test_ids_of_the_seed_that_name_no_run_are_kept_without_one(tmp_path: Path, sqlite_url: str) -> None:
    fill_as_seed(tmp_path / "movies.db")
    database = sqlite3.connect(tmp_path / "movies.db")
    database.execute("UPDATE hp_experiments SET experiment_id = 'mine' WHERE id = 1")
    database.execute("UPDATE hp_experiments SET experiment_id = NULL WHERE id = 2")
    database.execute("UPDATE hp_experiments SET experiment_id = 'random_2' WHERE id = 3")
    database.execute("INSERT INTO hp_experiments (experiment_id, status) VALUES ('random_002', 'failed')")
    database.commit()
    database.close()
    found = snapshot(sqlite_url)
    assert found is not None
    assert run_ids(found) == ["random"]
    assert sorted(str(one.tuning_run_id) for one in recorded_experiments(found)) == ["None"] * 3 + ["random"]


def test_what_is_no_database_is_one_line(tmp_path: Path, sqlite_url: str) -> None:
    (tmp_path / "movies.db").write_bytes(b"a letter to a friend\n" * 500)
    with pytest.raises(
        InvalidInput, match=r"^db\.url cannot be read: file is not a database; got sqlite:///"
    ):
        snapshot(sqlite_url)


def test_a_server_is_read_as_it_is_and_asked_whether_it_holds_a_record(postgresql_url: str) -> None:
    assert snapshot(postgresql_url) is None
    engine = connect(postgresql_url)
    prepare(engine)
    save_experiment(engine, new_experiment(1), result(0.7), phase="exploration")
    written: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *asked: written.append(asked[2]))
    found = snapshot(postgresql_url)
    assert found is engine
    assert run_ids(found) == [RUN]
    assert not [line for line in written if line.startswith(("INSERT", "UPDATE", "CREATE", "ALTER"))]
    engine.dispose()
