"""Run as a script: 16 processes on one database at once, made by fork after the imports; prints JSON.

write URL:   200 write transactions each, one row and one read-modify-write of a counter in each.
start FOLDER: 20 rounds, in each of which all processes prepare and write to the same missing SQLite file.
"""

import json
import multiprocessing
import sys
import time
from collections.abc import Callable
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from pathlib import Path

from alembic import command  # noqa: F401 - imported once here and not by each of the processes
from db_samples import new_experiment
from sqlalchemy import Column, Integer, MetaData, Table, insert, select

from db.engine import connect, writing
from db.records import open_experiment
from db.schema import prepare

PROCESSES, TRANSACTIONS, ROUNDS = 16, 200, 20

rows = Table("crowd_rows", MetaData(), Column("process", Integer), Column("number", Integer))
counter = Table("crowd_counter", MetaData(), Column("value", Integer))


def write(process: int, url: str, barrier: Barrier) -> dict[str, object]:
    engine = connect(url)
    barrier.wait()
    start, waits, errors = time.time(), [], []
    for number in range(TRANSACTIONS):
        before = time.monotonic()
        try:
            with writing(engine) as connection:
                # FOR UPDATE locks the row on PostgreSQL; on SQLite the transaction is alone.
                value = connection.scalar(select(counter.c.value).with_for_update())
                connection.execute(counter.update().values(value=value + 1))
                connection.execute(insert(rows).values(process=process, number=number))
        except Exception as error:
            errors.append(repr(error))
        waits.append(time.monotonic() - before)
    engine.dispose()
    return {"start": start, "end": time.time(), "longest": max(waits), "errors": errors}


def start(process: int, folder: str, barrier: Barrier) -> dict[str, object]:
    errors = []
    for number in range(ROUNDS):
        barrier.wait()
        try:
            engine = connect(f"sqlite:///{Path(folder) / f'round{number}.db'}")
            prepare(engine)
            open_experiment(engine, experiment=new_experiment(process + 1))
            engine.dispose()
        except Exception as error:
            errors.append(repr(error))
    return {"errors": errors}


def main(task: Callable[[int, str, Barrier], dict[str, object]], where: str) -> None:
    fork = multiprocessing.get_context("fork")
    barrier, answers = fork.Barrier(PROCESSES), fork.Queue()

    def work(process: int, answers: "Queue[dict[str, object]]") -> None:
        answers.put(task(process, where, barrier))

    crowd = [fork.Process(target=work, args=(process, answers)) for process in range(PROCESSES)]
    for process in crowd:
        process.start()
    answered = [answers.get(timeout=100) for _ in crowd]
    for process in crowd:
        process.join()
    json.dump(answered, sys.stdout)


if __name__ == "__main__":
    main({"write": write, "start": start}[sys.argv[1]], sys.argv[2])
