"""A cluster of two hosts, started as docs/cluster.md has it, one of which is killed."""

import os
import re
import secrets
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

import pytest
from databases import new_database, postgresql_server
from documents import lines_beginning
from ray_runs import pids_of_session, rows_of, started, wait_for
from two_hosts import Host, two_hosts

__all__ = ["postgresql_server"]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("ray") is None, reason="launch=ray needs the extra ray"),
]
RAY = str(Path(sys.executable).with_name("ray"))
SMALL_NODE = ("--num-cpus=1", "--object-store-memory=80000000", "--disable-usage-stats", "--block")
SEARCH = ("-m", "search=random", "hydra.sweeper.n_trials=12", "launch=ray", "launch.workers=2")


@dataclass
class Cluster:
    """Nodes of Ray, one on each host."""

    variables: dict[str, str]
    nodes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def add(self, host: Host, line: str, head: Host) -> None:
        """Start a node by a command of the guide, and wait until it is part of the cluster."""
        typed = [*shlex.split(line.replace("<head>", head.address))[1:], *SMALL_NODE]
        node = subprocess.Popen(
            [*host.within, RAY, *typed],
            env={**os.environ, **self.variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self.nodes.append(node)
        assert node.stdout is not None
        said = [b""]
        while b"Ray runtime started" not in said[-1]:
            said.append(node.stdout.readline())
            assert said[-1], said

    def kill(self, node: subprocess.Popen[bytes]) -> None:
        for pid in list(pids_of_session(node.pid)):
            os.kill(pid, signal.SIGKILL)
        node.wait()
        assert node.stdout is not None
        node.stdout.close()


@contextmanager
def hosts_or_skip() -> Iterator[tuple[Host, Host]]:
    try:
        made = two_hosts()
        hosts = made.__enter__()
    except PermissionError as error:
        pytest.skip(f"no network namespaces here: {error}")
    try:
        yield hosts
    finally:
        made.__exit__(None, None, None)


@contextmanager
def cluster(variables: dict[str, str]) -> Iterator[Cluster]:
    made = Cluster(variables)
    try:
        yield made
    finally:
        for node in made.nodes:
            if node.poll() is None:
                made.kill(node)


def test_a_host_that_is_killed_takes_no_trial_with_it_and_a_trial_that_kills_takes_itself_alone(
    tmp_path: Path, postgresql_server: str
) -> None:
    url = new_database(postgresql_server)
    (tmp_path / "site").mkdir()
    variables = {
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN": secrets.token_hex(32),
        "RAY_health_check_period_ms": "500",
        "RAY_health_check_timeout_ms": "1000",
        "REELTUNE_DB_URL": url,
        "PYTHONPATH": str(tmp_path / "site"),  # where the faults are
    }
    own = {name: value for name, value in variables.items() if name.startswith("RAY")}
    head_line, node_line = lines_beginning("ray start")
    with hosts_or_skip() as (one, two), cluster(variables) as made:
        made.add(one, head_line, head=one)
        made.add(two, node_line, head=one)
        address = f"launch.address={one.address}:6379"
        # Each node has room for one trial: the last two hang side by side.
        faults = {2: "kill", 5: "hang once", 6: "hang once"}
        run = started(tmp_path, url, "r", *SEARCH, address, faults=faults, within=one.within, **own)
        hanging = [wait_for(url, "r", run, f"trial_number = {n} AND status = 'pending'") for n in (5, 6)]
        _, node = made.nodes
        for pid in (int(row["process"].split(":")[1]) for row in hanging):
            if os.getsid(pid) == node.pid:
                made.kill(node)
            else:
                os.kill(pid, signal.SIGKILL)
        assert node.poll() is not None
        stdout, stderr = run.communicate(timeout=200)
    rows = rows_of(url, "r")
    assert sorted(rows) == list(range(1, 13)), stderr
    assert {n: row["status"] for n, row in rows.items() if row["status"] != "completed"} == {2: "failed"}
    assert rows[2]["error"].startswith("the worker died in 2 attempts: The worker died unexpectedly")
    assert {n: row["attempts"] for n, row in rows.items() if row["attempts"] != 1} == {2: 2, 5: 2, 6: 2}
    assert run.returncode == 1
    assert re.search("1 of 12 trials failed:", stdout)
    assert "Traceback" not in stdout + stderr
