"""Another version put in place: at once where asked here, soon where asked elsewhere, nothing dropped."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from fastapi.testclient import TestClient
from service_samples import BEARER, SETTINGS, Place, dataset, wait_until

from db.deployment.versions import activations, active
from deployment.served import ServedModel
from deployment.switching import activate, rollback
from service.holder import Holder

USERS = [str(user_id) for user_id in dataset().user_ids[:5]] + ["somebody new"]


def recommended(client: TestClient, user_id: str) -> bytes:
    answer = client.get(f"/api/recommendations/{user_id}")
    assert answer.status_code == 200, answer.text
    return answer.content


def all_recommended(client: TestClient) -> list[bytes]:
    return [recommended(client, user_id) for user_id in USERS]


@contextmanager
def asking(client: TestClient, n: int, statuses: list[int]) -> Iterator[None]:
    """Ask n times from two threads meanwhile."""

    def ask() -> None:
        for user_id in (USERS * n)[: n // 2]:
            statuses.append(client.get(f"/api/recommendations/{user_id}").status_code)  # noqa: PERF401 - one by one

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    yield
    for thread in threads:
        thread.join()


def test_a_version_activated_here_answers_when_the_answer_is_there(here: Place, client: TestClient) -> None:
    second = here.ready(0.9)
    before = all_recommended(client)
    done = client.post(f"/api/model-versions/{second}/activate", json={"why": "to see"}, headers=BEARER)
    assert done.json()["answering_version"] == second
    assert done.json()["activation"] | {"activated_at": ""} == {
        "rev": 2, "from_version": 1, "to_version": second, "action": "activate",
        "who": "api", "why": "to see", "forced": False, "activated_at": "",
    }  # fmt: skip
    assert client.get("/api/recommendations/1").json()["version"] == second
    assert all_recommended(client) != before


def test_a_version_activated_elsewhere_answers_soon(here: Place, client: TestClient) -> None:
    second = here.active(0.9)
    wait_until(lambda: client.get("/api/recommendations/1").json()["version"] == second)
    rollback(here.engine, who="a test", why="to see")
    wait_until(lambda: client.get("/api/recommendations/1").json()["version"] == 1)


def test_a_rollback_under_load_drops_nothing_and_is_byte_equal_to_before(
    here: Place, client: TestClient
) -> None:
    before, statuses = all_recommended(client), list[int]()
    second = here.ready(0.9)
    with asking(client, 1000, statuses):
        for version in (second, 1, second):
            assert client.post(f"/api/model-versions/{version}/activate", headers=BEARER).status_code == 200
        started = time.monotonic()
        told = client.post("/api/model-versions/rollback", headers=BEARER).json()
        assert client.get("/api/recommendations/1").json()["version"] == 1
        assert time.monotonic() - started < 5
    assert (told["activation"]["action"], told["answering_version"]) == ("rollback", 1)
    assert (len(statuses), set(statuses)) == (1000, {200})
    assert all_recommended(client) == before


def test_two_rollbacks_go_two_back(here: Place, client: TestClient) -> None:
    for genre_weight in (0.9, 0.1):
        here.active(genre_weight)
    went = [client.post("/api/model-versions/rollback", headers=BEARER).json() for _ in range(2)]
    assert [told["answering_version"] for told in went] == [2, 1]
    third = client.post("/api/model-versions/rollback", headers=BEARER)
    assert third.status_code == 409
    assert third.json()["detail"].startswith("there is no earlier version")


def test_a_request_ends_with_the_version_that_it_began_with(
    here: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    here.active()
    second = here.ready(0.9)
    began, goes_on = threading.Event(), threading.Event()
    slow = _waiting(ServedModel.recommended, began, goes_on)
    with here.service() as client:
        monkeypatch.setattr(ServedModel, "recommended", slow)
        answers: list[int] = []
        asks = threading.Thread(
            target=lambda: answers.append(client.get("/api/recommendations/slow").json()["version"])
        )
        asks.start()
        assert began.wait(5)
        monkeypatch.undo()
        assert client.post(f"/api/model-versions/{second}/activate", headers=BEARER).status_code == 200
        goes_on.set()
        asks.join()
        assert answers == [1]
        assert client.get("/api/recommendations/slow").json()["version"] == second


def _waiting(
    recommended: Callable[..., object], began: threading.Event, goes_on: threading.Event
) -> Callable[..., object]:
    def slow(*arguments: object, **named: object) -> object:
        began.set()
        assert goes_on.wait(5)
        return recommended(*arguments, **named)

    return slow


@pytest.mark.parametrize(
    ("version", "body", "status", "line"),
    [
        (99, {}, 404, "there is no version 99"),
        (1, {}, 409, "version 1 is active already"),
        (2, {"expected_rev": 7}, 409, "the active version was switched meanwhile: revision 1, not 7"),
        (2, {"expected_rev": -1}, 422, "expected_rev must be greater than or equal to 0"),
        (2, {"why": "a\nb"}, 422, "why must be printable characters"),
        (2, {"who": "root"}, 422, "who does not exist"),
        (3, {}, 409, "version 3 did not pass the gate"),
    ],
)
def test_what_cannot_be_activated_is_refused_and_nothing_changes(
    here: Place, client: TestClient, version: int, body: dict[str, object], status: int, line: str
) -> None:
    here.ready(0.9)
    here.ready_by_force()
    answer = client.post(f"/api/model-versions/{version}/activate", json=body, headers=BEARER)
    assert answer.status_code == status
    assert answer.json()["detail"].startswith(line)
    assert [switch.to_version for switch in activations(here.engine)] == [1]
    assert client.get("/healthz").json()["answering_version"] == 1


def test_what_the_gate_refused_can_be_forced_and_that_is_recorded(here: Place, client: TestClient) -> None:
    forced = here.ready_by_force()
    done = client.post(f"/api/model-versions/{forced}/activate", json={"force": True}, headers=BEARER)
    assert done.json()["activation"]["forced"] is True


def test_a_damaged_version_is_never_activated(here: Place, client: TestClient) -> None:
    second = here.ready(0.9)
    here.damage(second)
    answer = client.post(f"/api/model-versions/{second}/activate", headers=BEARER)
    assert answer.status_code == 409
    assert "SHA-256" in answer.json()["detail"]
    now = active(here.engine)
    assert now is not None and now.version == 1


def test_a_damaged_active_version_is_refused_and_the_one_before_answers(here: Place) -> None:
    here.active()
    second = here.active(0.9)
    here.damage(second)
    with here.service() as client:
        health = client.get("/healthz")
        assert health.status_code == 200
        assert health.json()["status"] == "degraded"
        assert (health.json()["active_version"], health.json()["answering_version"]) == (second, 1)
        assert health.json()["why"][0].startswith("version 2 was refused: ")
        assert client.get("/api/recommendations/1").json()["version"] == 1
        assert "reeltune_degraded 1.0" in client.get("/metrics").text
        # Files that are put back are found at the next look.
        here.damage(second)
        wait_until(lambda: client.get("/healthz").json()["status"] == "ok")
        assert client.get("/api/recommendations/1").json()["version"] == second


def test_nothing_answers_where_every_version_is_damaged(here: Place) -> None:
    here.damage(here.active())
    with here.service() as client:
        answer = client.get("/healthz")
        assert answer.status_code == 503
        assert answer.json()["detail"].startswith("version 1 was refused: ")
        assert client.get("/api/recommendations/1").status_code == 503


def test_what_is_loaded_answers_on_while_the_record_cannot_be_asked(
    here: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sqlalchemy.exc import OperationalError  # noqa: PLC0415

    def locked(*_: object) -> None:
        raise OperationalError("SELECT", {}, Exception("database is locked"))

    here.active()
    with here.service() as client:
        recommended(client, USERS[0])
        monkeypatch.setattr("service.holder.active", locked)
        wait_until(lambda: client.get("/healthz").json()["status"] == "degraded")
        assert client.get("/healthz").json()["why"] == ["the record cannot be read: OperationalError"]
        recommended(client, USERS[0])
        monkeypatch.undo()
        wait_until(lambda: client.get("/healthz").json()["status"] == "ok")


def test_versions_in_memory_are_few(here: Place) -> None:
    holder = Holder(here.engine, SETTINGS)
    for genre_weight in (0.1, 0.3, 0.5, 0.7):
        here.active(genre_weight)
        holder.refresh()
    assert set(holder._loader._loaded) == {3, 4}
    activate(here.engine, 1, who="a test", why="to see")
    assert holder.refresh().version == 1
    assert set(holder._loader._loaded) == {4, 1}
