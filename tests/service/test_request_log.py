"""One line a request: what happened and which version answered, and nothing of who asked with what."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from service_samples import BEARER, TOKEN, Place, dataset

from deployment.served import ServedModel
from service.request_log import LOGGERS, open_log


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    """A file that the service logs to; afterwards the loggers are as they were."""
    loggers = [logging.getLogger(name) for name in LOGGERS]
    before = [(logger.handlers[:], logger.propagate, logger.level) for logger in loggers]
    open_log(tmp_path / "requests.log")
    yield tmp_path / "requests.log"
    loggers[0].handlers[0].close()
    for logger, (handlers, propagate, level) in zip(loggers, before, strict=True):
        logger.handlers[:], logger.propagate, logger.level = handlers, propagate, level


def lines(log: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]


def test_a_line_names_the_route_and_the_version_and_nobody(log: Path, client: TestClient) -> None:
    log.write_text("")
    client.get("/api/recommendations/a%20secret%20user?n=3", headers={"X-Secret": "a secret header"})
    rating = {"user_id": "a secret user", "movie_id": str(dataset().movie_ids[0]), "rating": 3}
    client.post("/api/ratings", json=rating, headers=BEARER)
    client.get("/a/secret/path")
    client.request("BREW", "/healthz")
    found = [(line["method"], line["route"], line["status"], line["version"]) for line in lines(log)]
    assert found == [
        ("GET", "/api/recommendations/{user_id}", 200, 1),
        ("POST", "/api/ratings", 201, 1),
        ("GET", "unknown", 404, None),
        ("other", "/healthz", 405, None),
    ]
    assert all(float(str(line["ms"])) >= 0 and line["arm"] is None for line in lines(log))
    written = log.read_text(encoding="utf-8")
    assert "secret" not in written
    assert TOKEN not in written


def test_a_bug_is_a_500_that_says_nothing_and_a_traceback_in_the_log(
    log: Path, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("what only we may know")

    monkeypatch.setattr(ServedModel, "recommended", broken)
    answer = client.get("/api/recommendations/1")
    assert (answer.status_code, answer.json()) == (500, {"detail": "an internal error; the log says more"})
    bug, request = lines(log)[-2:]
    assert "what only we may know" in str(bug["traceback"])
    assert (request["status"], request["route"]) == (500, "/api/recommendations/{user_id}")
    assert len(log.read_text(encoding="utf-8").splitlines()) == len(lines(log))


def test_a_record_that_cannot_be_asked_is_a_503_in_one_line(
    client: TestClient, here: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sqlalchemy.exc import OperationalError  # noqa: PLC0415

    def locked(*_: object, **__: object) -> None:
        raise OperationalError("SELECT what only we may know", {}, Exception("database is locked"))

    monkeypatch.setattr("service.rated.movies_rated", locked)
    answer = client.get("/api/recommendations/somebody")
    assert (answer.status_code, answer.json()) == (
        503,
        {"detail": "the record cannot be asked at the moment"},
    )


def test_figures_count_requests_by_route_and_status(client: TestClient) -> None:
    for path in (
        "/api/recommendations/1",
        "/api/recommendations/2",
        "/api/recommendations/1?n=0",
        "/nowhere",
    ):
        client.get(path)
    figures = client.get("/metrics")
    assert figures.headers["content-type"].startswith("text/plain")
    route = 'method="GET",route="/api/recommendations/{user_id}"'
    for line in (
        f'reeltune_requests_total{{{route},status="200"}} 2.0',
        f'reeltune_requests_total{{{route},status="422"}} 1.0',
        'reeltune_requests_total{method="GET",route="unknown",status="404"} 1.0',
        'reeltune_request_seconds_count{route="/api/recommendations/{user_id}"} 3.0',
        "reeltune_version 1.0",
        "reeltune_revision 1.0",
        "reeltune_degraded 0.0",
    ):
        assert line in figures.text, line


def test_figures_are_few_whatever_is_asked(client: TestClient) -> None:
    client.get("/metrics")
    before = len(client.get("/metrics").text.splitlines())
    for number in range(100):
        client.get(f"/nowhere/{number}")
        client.request(f"BREW{number}", "/healthz")
    added = len(client.get("/metrics").text.splitlines()) - before
    assert added < 60
