"""The service as a process of its own: it says where it listens, follows the record, and stops in peace."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
from service_samples import BEARER, TOKEN, Place, dataset, wait_until

import serve_app
from db.deployment.live_ratings import live_ratings
from db.engine import writing

RATING = {"user_id": "somebody", "movie_id": str(dataset().movie_ids[0]), "rating": 4}


@dataclass(frozen=True)
class Server:
    """A service that runs."""

    process: subprocess.Popen[str]
    url: str
    said: list[str]
    log: Path

    def lines(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.log.read_text(encoding="utf-8").splitlines()]

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(how)
        return self.process.wait(20)


@contextmanager
def server(here: Place, *arguments: str, token: str | None = TOKEN) -> Iterator[Server]:
    log = here.folder.parent / "requests.log"
    command = [sys.executable, serve_app.__file__, "serve.port=0", "serve.poll_seconds=0.1", *arguments]
    places = [f"db.url={here.engine.url.render_as_string()}", f"serve.log={log}"]
    environment = {name: value for name, value in os.environ.items() if name != "REELTUNE_TOKEN"}
    environment |= {"REELTUNE_TOKEN": token} if token else {}
    with subprocess.Popen([*command, *places], stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        said = [process.stdout.readline().rstrip() for _ in range(3)]
        try:
            url = said[0].removeprefix("reeltune serves ").partition(";")[0]
            yield Server(process, url, said, log)
        finally:
            process.kill()


def test_a_service_says_what_it_does_answers_and_stops_with_0(here: Place) -> None:
    here.active()
    second = here.ready(0.9)
    with server(here) as running:
        assert running.said[0].startswith("reeltune serves http://127.0.0.1:")
        assert running.said[1:] == ["version 1 answers", "changes need the token of REELTUNE_TOKEN"]
        with httpx2.Client(base_url=running.url, headers=BEARER) as client:
            assert client.get("/api/recommendations/1").json()["version"] == 1
            assert client.post(f"/api/model-versions/{second}/activate").status_code == 200
            assert client.get("/api/recommendations/1").json()["version"] == second
            assert client.post("/api/ratings", json=RATING).status_code == 201
            assert client.get("/").status_code == client.get("/docs").status_code == 200
            assert client.post("/api/ratings", content=b" " * 10_000_000).status_code == 413
            assert b"process_resident_memory_bytes" in client.get("/metrics").content
        # The connection is idle now, which must not keep the service.
        assert running.stop() == 0
    (line,) = (
        line for line in running.lines() if line.get("route") == "/api/ratings" and line["status"] == 201
    )
    assert list(line) == ["time", "method", "route", "status", "ms", "version", "arm"]
    written = running.log.read_text(encoding="utf-8")
    assert TOKEN not in written
    assert "somebody" not in written


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_request_in_flight_is_finished_before_it_stops(here: Place, how: signal.Signals) -> None:
    here.active()
    answers: list[int] = []
    with server(here) as running, httpx2.Client(base_url=running.url, headers=BEARER, timeout=20) as client:
        client.get("/api/recommendations/somebody")
        with writing(here.engine):  # the one writer: a rating waits
            asks = threading.Thread(
                target=lambda: answers.append(client.post("/api/ratings", json=RATING).status_code)
            )
            asks.start()
            wait_until(lambda: "reeltune_requests_in_flight 2.0" in httpx2.get(f"{running.url}/metrics").text)
            running.process.send_signal(how)
            wait_until(lambda: refuses(running.url))
        asks.join()
        assert running.process.wait(20) == 0
    assert answers == [201]
    assert len(live_ratings(here.engine)) == 1


def refuses(url: str) -> bool:
    """Say whether new connections are refused, as by a service that is stopping."""
    host, _, port = url.removeprefix("http://").partition(":")
    try:
        socket.create_connection((host, int(port)), timeout=1).close()
    except ConnectionRefusedError:
        return True
    return False


def test_one_that_can_answer_nothing_serves_all_the_same(here: Place) -> None:
    with server(here, token=None) as running:
        assert running.said[1].startswith("no version is active yet")
        assert running.said[2] == "changes are off, as REELTUNE_TOKEN is not set"
        assert httpx2.get(f"{running.url}/healthz").status_code == 503
        here.active()
        wait_until(lambda: httpx2.get(f"{running.url}/healthz").status_code == 200)
        assert running.stop() == 0
