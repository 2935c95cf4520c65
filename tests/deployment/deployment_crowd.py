"""Run as a script: processes that switch and deploy at once, and that are killed while they do; prints JSON.

switch URL FOLDER N:      8 processes activate N times each, two more look on; made by fork after the imports.
kill_switch URL FOLDER N: one process activates without end and is killed at N random moments.
kill_deploy URL FOLDER N: one process deploys without end and is killed at N random moments.
"""

import json
import multiprocessing
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import cycle, pairwise
from multiprocessing.connection import Connection
from multiprocessing.context import ForkProcess
from pathlib import Path
from typing import Any

from gate_samples import ANY, ground
from sqlalchemy import Engine

from db.deployment.versions import Conflict, activations, active, version_of, versions
from db.engine import connect
from deployment.deploying import Order, Review, Workplace, deployed, reviewed
from deployment.switching import activate, opened
from pipeline.hyperparameters import Phase1
from sweep.runs.processes import is_gone, this_process

PROCESSES, VERSIONS = 8, 4
FORK = multiprocessing.get_context("fork")
ORDER = Order(who="a crowd", why="to see")


def reviews() -> list[Review]:
    weights = [(1 + number) / 10 for number in range(VERSIONS)]
    return [reviewed(None, ground(), ANY, Phase1(genre_weight=weight)) for weight in weights]


def deploy_once(url: str, folder: str, review: Review) -> None:
    engine = connect(url)
    now = replace(review, before=active(engine))
    deployed(engine, now, ORDER, Workplace(Path(folder), this_process(), is_gone))


def prepared(url: str, folder: str) -> list[Review]:
    """Deploy a few versions, and close the database: an open one must not go through a fork."""
    made = reviews()
    for review in made:
        deploy_once(url, folder, review)
    connect(url).dispose()
    return made


def switch(url: str, folder: str, switches: str) -> dict[str, object]:
    prepared(url, folder)
    start, done, answers = FORK.Barrier(PROCESSES), FORK.Event(), FORK.Queue()

    def work(seed: int) -> None:
        engine, chance = connect(url), random.Random(seed)
        found: dict[str, Any] = {"switched": 0, "conflicts": 0, "errors": []}
        start.wait()
        for _ in range(int(switches)):
            try:
                before = active(engine)
                assert before is not None
                others = [number for number in range(1, VERSIONS + 1) if number != before.version]
                wanted = chance.choice(others)
                activate(engine, wanted, who=f"{seed}", why="to see", expected_rev=before.rev)
                found["switched"] += 1
            except Conflict:
                found["conflicts"] += 1
            except Exception as error:
                found["errors"].append(repr(error))
        engine.dispose()
        answers.put(found)

    def look() -> None:
        engine, found = connect(url), {"looks": 0, "errors": []}  # type: ignore[var-annotated]
        while not done.wait(0.002):
            try:
                now = active(engine)
                assert now is not None
                assert now.version in range(1, VERSIONS + 1)
                found["looks"] += 1
            except Exception as error:
                found["errors"].append(repr(error))
        engine.dispose()
        answers.put(found)

    workers = [FORK.Process(target=work, args=(seed,)) for seed in range(PROCESSES)]
    lookers = [FORK.Process(target=look) for _ in range(2)]
    for process in (*lookers, *workers):
        process.start()
    found = [answers.get(timeout=100) for _ in workers]
    done.set()
    found += [answers.get(timeout=100) for _ in lookers]
    for process in (*lookers, *workers):
        process.join()
    return {"answers": found, "problems": problems(connect(url))}


def kill_switch(url: str, folder: str, kills: str) -> dict[str, object]:
    prepared(url, folder)

    def once() -> None:
        engine = connect(url)
        now = active(engine)
        assert now is not None
        activate(engine, now.version % VERSIONS + 1, who="one", why="to see")

    return killed(url, once, int(kills))


def kill_deploy(url: str, folder: str, kills: str) -> dict[str, object]:
    made = cycle(prepared(url, folder))
    return killed(url, lambda: deploy_once(url, folder, next(made)), int(kills))


def killed(url: str, once: Callable[[], None], kills: int) -> dict[str, object]:
    """Kill a process that does something without end, at moments that chance chooses."""
    started = time.monotonic()
    once()
    takes, chance, found, whole = time.monotonic() - started, random.Random(kills), [], set()  # type: ignore[var-annotated]
    connect(url).dispose()
    for _ in range(kills):
        ours, theirs = FORK.Pipe(duplex=False)
        process: ForkProcess = FORK.Process(target=without_end, args=(once, theirs))
        process.start()
        assert ours.poll(60)
        time.sleep(chance.uniform(0.0, 2 * takes))
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        engine = connect(url)
        found += problems(engine, whole)
        engine.dispose()
    engine = connect(url)
    found += problems(engine)
    statuses = [version.status for version in versions(engine)]
    return {"problems": found, "switches": len(activations(engine)), "statuses": statuses}


def without_end(once: Callable[[], None], begun: Connection) -> None:
    """Do it once, say so, and go on."""
    once()
    begun.send(None)
    while True:
        once()


def problems(engine: Engine, whole: set[int] | None = None) -> list[str]:
    """Say what is not as it must be: one active version, usable files of all that is ready, one chain.

    Args:
        engine: of the record.
        whole: versions whose files need no other look, unless they are active; more are added.

    """
    now, history, whole = active(engine), activations(engine), set() if whole is None else whole
    if now is None:
        return ["no version is active"]
    found = []
    for version in versions(engine):
        if version.status == "ready" and (version.version not in whole or version.version == now.version):
            try:
                opened(version)
                whole.add(version.version)
            except Exception as error:
                found.append(f"version {version.version} is ready: {error!r}")
    current = version_of(engine, now.version)
    if current is None or current.status != "ready":
        found.append(f"{now} is not ready")
    if [step.rev for step in history] != list(range(1, len(history) + 1)):
        found.append("a revision is missing")
    if any(before.to_version != after.from_version for before, after in pairwise(history)):
        found.append("a link is broken")
    if (history[-1].rev, history[-1].to_version) != (now.rev, now.version):
        found.append(f"{now} is not what the history says last")
    return found


TASKS = {"switch": switch, "kill_switch": kill_switch, "kill_deploy": kill_deploy}

if __name__ == "__main__":
    json.dump(partial(TASKS[sys.argv[1]], *sys.argv[2:])(), sys.stdout)  # type: ignore[operator]
