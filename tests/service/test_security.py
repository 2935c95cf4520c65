"""Who may change something, and how much may come: refused ones leave the record as it was."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from service_samples import BEARER, TOKEN, Place

from db.deployment.live_ratings import live_ratings
from db.deployment.versions import active

CHANGES = (
    "/api/ratings",
    "/api/model-versions/1/activate",
    "/api/model-versions/rollback",
    "/api/ab-tests",
    "/api/ab-tests/1/stop",
)


@pytest.mark.parametrize("path", CHANGES)
@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Bearer wrong",
        f"Bearer {TOKEN}x",
        f"Basic {TOKEN}",
        "Bearer tök".encode(),
    ],
)
def test_without_the_token_nothing_is_changed(
    shared: TestClient, path: str, header: str | bytes | None
) -> None:
    answer = shared.post(path, json={}, headers={} if header is None else {"Authorization": header})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert TOKEN not in answer.text


@pytest.mark.parametrize("path", CHANGES)
def test_with_no_token_set_changes_are_off_and_say_so(here: Place, path: str) -> None:
    with here.service(token=None) as client:
        for headers in ({}, BEARER, {"Authorization": "Bearer "}):
            answer = client.post(path, json={}, headers=headers)
            assert answer.status_code == 403
            assert "REELTUNE_TOKEN is not set" in answer.json()["detail"]


def test_whatever_changes_something_was_looked_at_here(shared: TestClient) -> None:
    """A route that is added and asks for no token would be missed otherwise."""
    paths = shared.get("/openapi.json").json()["paths"]
    changing = {path for path, methods in paths.items() if set(methods) - {"get"}}
    assert changing == {
        path.replace("/1/activate", "/{version}/activate").replace("/1/", "/{ab_test_id}/")
        for path in CHANGES
    }
    assert all(paths[path]["post"]["security"] == [{"token": []}] for path in changing)


def _in_pieces(n_bytes: int) -> Iterator[bytes]:
    """A body without a length: only who counts notices."""
    for _ in range(n_bytes // 65536):
        yield b" " * 65536


@pytest.mark.parametrize("path", ["/api/ratings", "/api/model-versions/1/activate"])
def test_a_body_of_ten_megabytes_is_refused(shared_place: Place, shared: TestClient, path: str) -> None:
    before = active(shared_place.engine)
    for content in (b" " * 10_000_000, _in_pieces(10_000_000)):
        headers = BEARER | {"Content-Type": "application/json"}
        answer = shared.post(path, content=content, headers=headers)
        assert answer.status_code == 413
        assert answer.json()["detail"].startswith("the body must have at most 65536 bytes")
    assert (active(shared_place.engine), live_ratings(shared_place.engine)) == (before, ())


@pytest.mark.parametrize("length", ["65537", "9" * 5000, "0" * 10 + "65537"])
def test_an_announced_length_is_believed(shared: TestClient, length: str) -> None:
    answer = shared.post("/api/ratings", content=b"{}", headers=BEARER | {"Content-Length": length})
    assert answer.status_code == 413


@pytest.mark.parametrize(
    "version",
    ["..%2F..%2Fetc%2Fpasswd", "1%3B%20DROP%20TABLE%20model_versions", "1'--", "0", "-1", "9" * 5000],
)
def test_a_version_is_a_number_and_nothing_else(
    shared_place: Place, shared: TestClient, version: str
) -> None:
    before = active(shared_place.engine)
    for answer in (
        shared.get(f"/api/model-versions/{version}"),
        shared.post(f"/api/model-versions/{version}/activate", headers=BEARER),
    ):
        assert answer.status_code in {404, 422}
        assert answer.json()["detail"]
    assert active(shared_place.engine) == before
