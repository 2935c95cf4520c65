"""A cluster of a head and two nodes on this machine, started as docs/cluster.md has it; one is killed."""

import os
import re
import secrets
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

import pytest
from databases import postgresql_server, postgresql_url
from ray_runs import pids_of_session, rows_of, started, wait_for

from project import ROOT

__all__ = ["postgresql_server", "postgresql_url"]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("ray") is None, reason="launch=ray needs the extra ray"),
]
GUIDE = ROOT / "docs" / "cluster.md"
RAY = Path(sys.executable).with_name("ray")
SMALL_NODE = ("--object-store-memory=80000000", "--disable-usage-stats", "--block")


@dataclass
class Cluster:
    """Nodes of Ray, each a session of processes."""

    port: int
    variables: dict[str, str]
    nodes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def add(self, line: str, cpus: int) -> None:
        """Start a node by a command of the guide."""
        typed = line.replace("<head>:6379", self.address).replace("<head>", "127.0.0.1")
        typed = typed.replace("--port=6379", f"--port={self.port}")
        arguments = [str(RAY), *shlex.split(typed)[1:], f"--num-cpus={cpus}", *SMALL_NODE]
        node = subprocess.Popen(
            arguments,
            env={**os.environ, **self.variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self.nodes.append(node)
        assert node.stdout is not None
        said = []
        while not said or "Ray runtime started" not in said[-1]:
            said.append(node.stdout.readline().decode())
            assert said[-1], said

    def kill(self, node: subprocess.Popen[bytes]) -> None:
        for pid in list(pids_of_session(node.pid)):
            os.kill(pid, signal.SIGKILL)
        node.wait()
        assert node.stdout is not None
        node.stdout.close()


def guide_lines(beginning: str) -> list[str]:
    lines = [line.strip() for line in GUIDE.read_text(encoding="utf-8").splitlines()]
    return [line for line in lines if line.startswith(beginning)]


@contextmanager
def cluster(variables: dict[str, str]) -> Iterator[Cluster]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    made = Cluster(port, variables)
    head, node = guide_lines("ray start")
    try:
        made.add(head, cpus=0)
        for _ in range(2):
            made.add(node, cpus=1)
        yield made
    finally:
        for one in made.nodes:
            made.kill(one)


def test_a_node_that_is_killed_takes_no_trial_with_it_and_a_trial_that_kills_takes_itself_alone(
    tmp_path: Path, postgresql_url: str
) -> None:
    typed = "-m search=random hydra.sweeper.n_trials=12 hydra.sweeper.n_jobs=6 launch=ray launch.workers=2"
    (tmp_path / "site").mkdir()
    variables = {
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN": secrets.token_hex(32),
        "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",  # all of it on 127.0.0.1
        "RAY_health_check_initial_delay_ms": "0",
        "RAY_health_check_period_ms": "500",
        "RAY_health_check_timeout_ms": "500",
        "REELTUNE_DB_URL": postgresql_url,
        "PYTHONPATH": str(tmp_path / "site"),
    }
    faults = {2: "kill", 5: "hang once"}
    with cluster(variables) as made:
        run = started(
            tmp_path,
            postgresql_url,
            "r",
            *typed.split(),
            f"launch.address={made.address}",
            faults=faults,
            **{name: value for name, value in variables.items() if name != "PYTHONPATH"},
        )
        hanging = wait_for(postgresql_url, "r", run, "trial_number = 5 AND status = 'pending'")
        lost = node_of(made, int(hanging["process"].split(":")[1]))
        made.kill(lost)
        stdout, stderr = run.communicate(timeout=200)
    rows = rows_of(postgresql_url, "r")
    assert sorted(rows) == list(range(1, 13)), stderr
    assert {n: row["status"] for n, row in rows.items() if row["status"] != "completed"} == {2: "failed"}
    assert rows[2]["error"].startswith("the worker died in 2 attempts: The worker died unexpectedly")
    assert {n: row["attempts"] for n, row in rows.items() if row["attempts"] != 1} == {2: 2, 5: 2}
    assert run.returncode == 1
    assert re.search("1 of 12 trials failed:", stdout)
    assert "Traceback" not in stdout + stderr


def node_of(made: Cluster, pid: int) -> subprocess.Popen[bytes]:
    """Find the node that a worker belongs to."""
    session = os.getsid(pid)
    return next(node for node in made.nodes if node.pid == session)
