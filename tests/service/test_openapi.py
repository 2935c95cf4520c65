"""The OpenAPI says what the service does: schemathesis asks what it allows, and what it does not."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance
from service_samples import BEARER, place

ASKED = settings(
    max_examples=12, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), database=None
)
# Texts are held against more than JSON Schema can say: they are printable.
NOT_HELD = [positive_data_acceptance]


ROUTES = [
    ("get", "/api/recommendations/{user_id}"),
    ("post", "/api/ratings"),
    ("get", "/api/model-versions"),
    ("get", "/api/model-versions/{version}"),
    ("post", "/api/model-versions/{version}/activate"),
    ("post", "/api/model-versions/rollback"),
    ("get", "/api/model-performance"),
    ("get", "/api/revalidation-status"),
    ("post", "/api/ab-tests"),
    ("get", "/api/ab-tests"),
    ("get", "/api/ab-tests/{ab_test_id}"),
    ("post", "/api/ab-tests/{ab_test_id}/stop"),
    ("get", "/api/experiments"),
    ("get", "/healthz"),
    ("get", "/metrics"),
]

TAKE_NOTHING = ("/api/revalidation-status", "/healthz", "/metrics")


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A service with two versions, of which the first is active."""
    with place(tmp_path_factory.mktemp("api")) as made:
        made.active()
        made.ready(0.9)
        with made.service() as client:
            yield schemathesis.openapi.from_asgi("/openapi.json", client.app)


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_what_the_api_says_holds(api: Any, method: str, path: str) -> None:
    check_route(api[path][method], ASKED)


@pytest.mark.slow
@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_what_the_api_says_holds_over_many_requests(api: Any, method: str, path: str) -> None:
    check_route(api[path][method], settings(ASKED, max_examples=100))


def check_route(route: schemathesis.APIOperation, asked: settings) -> None:
    """Hold the answers to what a route allows, and then to what it does not, against the document."""
    takes_nothing = route.path in TAKE_NOTHING
    for mode in [schemathesis.GenerationMode.POSITIVE] if takes_nothing else schemathesis.GenerationMode:

        @asked
        @given(case=route.as_strategy(generation_mode=mode))
        def holds(case: schemathesis.Case) -> None:
            case.call_and_validate(headers=BEARER, excluded_checks=NOT_HELD)

        holds()


def test_every_route_is_asked(shared: TestClient) -> None:
    paths = shared.get("/openapi.json").json()["paths"]
    assert sorted((method, path) for path, methods in paths.items() for method in methods) == sorted(ROUTES)


def test_every_answer_is_described(shared: TestClient) -> None:
    document = shared.get("/openapi.json").json()
    assert document["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    for methods in document["paths"].values():
        for operation in methods.values():
            assert operation["summary"] and operation["description"]
            for status, answer in operation["responses"].items():
                assert answer["description"]
                if status >= "400":
                    assert answer["content"]["application/json"]["schema"]["$ref"].endswith("/Problem")


def test_the_page_of_the_api_needs_no_internet(shared: TestClient) -> None:
    page = shared.get("/docs").text
    assert "://" not in page
    for address in ("swagger-ui-bundle.js", "swagger-ui.css", "favicon.png"):
        assert f"/docs-files/{address}" in page
        file = shared.get(f"/docs-files/{address}")
        assert (file.status_code, len(file.content) > 1000) == (200, True)
    assert shared.get("/redoc").status_code == 404


def test_the_files_are_where_the_page_takes_them_from(shared: TestClient) -> None:
    import fastapi_offline  # noqa: PLC0415

    folder = Path(fastapi_offline.__file__).parent / "static"
    assert shared.get("/docs-files/swagger-ui.css").content == (folder / "swagger-ui.css").read_bytes()
