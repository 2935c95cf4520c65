"""Whatever comes is answered in one line and without a 5xx; texts that attack are texts (S5)."""

import json
import random
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, unquote

import pytest
from fastapi.testclient import TestClient
from service_samples import BEARER, Place, dataset
from sqlalchemy import text

INJECTIONS = Path(__file__).with_name("injections.txt").read_text(encoding="utf-8").splitlines()
METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "BREW")
PATHS = (
    "/api/recommendations/{}",
    "/api/ratings",
    "/api/model-performance",
    "/api/revalidation-status",
    "/api/experiments",
    "/api/model-versions",
    "/api/model-versions/{}",
    "/api/model-versions/{}/activate",
    "/api/model-versions/rollback",
    "/api/ab-tests",
    "/api/ab-tests/{}",
    "/api/ab-tests/{}/stop",
    "/healthz",
    "/metrics",
    "/",
    "/static/{}",
    "/docs",
    "/openapi.json",
    "/{}",
)
PARAMETERS = ("n", "limit", "offset", "version", "days", "user", "x")
VALUES = (
    "", "1", "0", "-1", "100", "101", "1e9", "9" * 5000, "NaN", "1.5", "true", "\x00", "a\r\nb", "x" * 3000,
    *INJECTIONS,
)  # fmt: skip
JUNK = (
    None, True, 0, -1, 1e308, 4, 2**63, 10**400, "", "1", "x" * 70, "\ud800", "\x00", [], {}, [[]],
    {"a": {"b": []}},
    float("nan"), float("inf"), *INJECTIONS[:12],
)  # fmt: skip
FIELDS = (
    "user_id",
    "movie_id",
    "rating",
    "why",
    "expected_rev",
    "force",
    "promote",
    "name",
    "challenger_version",
    "split",
    "alpha",
    "min_days",
    "max_days",
    "__class__",
)
MEDIA_TYPES = ("application/json", "text/plain", "x/y; charset=\xff".encode())
TABLES = ("live_ratings", "model_activations", "ab_tests", "exposures", "model_aliases")


def rows(place: Place) -> dict[str, list[object]]:
    """Read the tables that a request could change."""
    with place.engine.connect() as connection:
        return {name: list(connection.execute(text(f"SELECT * FROM {name}"))) for name in TABLES}


def requests(seed: int, n: int) -> Iterator[dict[str, object]]:
    """Draw requests: paths that exist with what they do not expect, bodies of every kind."""
    draw = random.Random(seed)
    for _ in range(n):
        path = draw.choice(PATHS).format(quote(draw.choice(VALUES), safe=""))
        chosen = {name: draw.choice(VALUES) for name in draw.sample(PARAMETERS, draw.randint(0, 2))}
        body = {name: draw.choice(JUNK) for name in draw.sample(FIELDS, draw.randint(0, 5))}
        whole = json.dumps(body)
        content = draw.choice((whole, whole[:-1], "[" * draw.randint(1, 9000), "", "\xff"))
        yield {
            "method": draw.choice(METHODS),
            "url": path,
            "params": chosen,
            "content": content.encode("latin-1", "replace"),
            "headers": {"Content-Type": draw.choice(MEDIA_TYPES)},
        }


@pytest.mark.parametrize("authorized", [False, True])
def test_two_thousand_requests_of_nonsense(here: Place, client: TestClient, authorized: bool) -> None:
    before = rows(here)
    for request in requests(seed=7 + authorized, n=1200):
        if authorized:
            request["headers"] |= BEARER  # type: ignore[operator]
        answer = client.request(**request)  # type: ignore[arg-type]
        assert answer.status_code < 500, (request, answer.text)
        if answer.status_code >= 400 and answer.content and not is_page(request):
            assert list(answer.json()) == ["detail"]
            assert len(answer.content) < 1000
        if answer.content and answer.headers.get("content-type") == "application/json":
            assert_bounded(answer.content)
    if not authorized:
        assert rows(here) == before
    assert client.get("/healthz").json()["status"] == "ok"


def is_page(request: dict[str, object]) -> bool:
    return request["url"] in {"/", "/docs"} or str(request["url"]).startswith("/static/")


def assert_bounded(content: bytes) -> None:
    found = json.loads(content, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    assert all(len(value) <= 100 for value in found.values() if isinstance(value, list))


def test_a_text_that_attacks_is_a_text(here: Place, client: TestClient) -> None:
    assert len(set(INJECTIONS)) >= 50
    harmless = client.get("/api/recommendations/somebody").json()["movies"]
    before = rows(here)
    for injection in INJECTIONS:
        answer = client.get(f"/api/recommendations/{quote(injection, safe='')}")
        # The client of the tests takes %27 for a quote once more than a server does.
        came = unquote(injection)
        if "/" in came or came == "..":
            assert answer.status_code == 404
            continue
        assert answer.status_code == 200, injection
        assert answer.json()["user_id"] == came
        assert answer.json()["movies"] == harmless
        rating = {"user_id": "u", "movie_id": injection, "rating": 3}
        assert client.post("/api/ratings", json=rating, headers=BEARER).status_code == 404
        assert client.get(f"/api/model-versions/{quote(injection, safe='')}").status_code in {404, 422}
    assert rows(here) == before
    for injection in INJECTIONS[:20]:
        rating = {"user_id": injection, "movie_id": str(dataset().movie_ids[0]), "rating": 3}
        answer = client.post("/api/ratings", json=rating, headers=BEARER)
        assert (answer.status_code, answer.json()["user_id"]) == (201, injection)
