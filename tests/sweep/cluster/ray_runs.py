"""Runs on a Ray and a PostgreSQL, as on a cluster: the record's URL comes from the environment."""

import os
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from app_runs import METRICS, command, environment
from sqlalchemy import create_engine, text
from sqlalchemy.exc import ProgrammingError

from db.tables import HYPERPARAMETERS, metric_column

MEASURED = tuple(metric_column(part, name) for part in ("validation", "test") for name in METRICS)
NUMBERS = (*HYPERPARAMETERS, *MEASURED)
Rows = dict[int, dict[str, Any]]


def started(
    home: Path,
    url: str,
    run_id: str,
    *arguments: str,
    faults: dict[int, str],
    within: Sequence[str] = (),
    **variables: str,
) -> subprocess.Popen[str]:
    typed = [word for word in command(home, run_id, arguments) if not word.startswith("db.url=")]
    return subprocess.Popen(
        [*within, *typed, "db=postgresql"],
        env={**environment(home, faults), "REELTUNE_DB_URL": url, **variables},
        cwd=home,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def rows_of(url: str, run_id: str) -> Rows:
    """Give a run's experiments by trial number, of which none may have two."""
    rows = asked(url, "SELECT * FROM hp_experiments WHERE tuning_run_id = :run ORDER BY trial_number", run_id)
    assert len({row["trial_number"] for row in rows}) == len(rows), "a trial has two rows"
    return {row["trial_number"]: row for row in rows}


def asked(url: str, question: str, run_id: str) -> list[dict[str, Any]]:
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            return [dict(row) for row in connection.execute(text(question), {"run": run_id}).mappings()]
    finally:
        engine.dispose()


def numbers(rows: Rows) -> list[tuple[Any, ...]]:
    return [tuple(row[name] for name in NUMBERS) for row in rows.values()]


def wait_for(url: str, run_id: str, process: subprocess.Popen[str], condition: str) -> dict[str, Any]:
    """Wait until a row of a run is as the SQL condition has it."""
    question = f"SELECT * FROM hp_experiments WHERE tuning_run_id = :run AND {condition}"
    for _ in range(1200):
        assert process.poll() is None, process.communicate()
        try:
            found = asked(url, question, run_id)
        except ProgrammingError:  # the tables are being made
            found = []
        if found:
            return found[0]
        time.sleep(0.1)
    raise AssertionError(f"no row of {run_id} with {condition}")


def pids_of_session(session: int) -> Iterator[int]:
    """List the processes that were started by one, and by those again."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if os.getsid(int(folder.name)) == session:
                yield int(folder.name)
        except ProcessLookupError:
            continue


def listening(pids: Iterator[int]) -> set[str]:
    """Name the addresses, as Linux writes them, that TCP sockets of some processes listen on."""
    sockets = {link for pid in pids for link in _open_files(pid) if link.startswith("socket:[")}
    found = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text(encoding="ascii").splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and f"socket:[{fields[9]}]" in sockets:
                found.add(fields[1].rpartition(":")[0])
    return found


def _open_files(pid: int) -> Iterator[str]:
    for descriptor in Path(f"/proc/{pid}/fd").glob("*"):
        try:
            yield str(descriptor.readlink())
        except OSError:
            continue
