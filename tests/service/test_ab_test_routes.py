"""Tests between two versions over HTTP: who is given which, exposures, verdicts, promotion."""

import pytest
from fastapi.testclient import TestClient
from service_samples import BEARER, Place, dataset, wait_until

from db.deployment.ab_tests import ab_test, exposed, running_test
from db.deployment.live_ratings import live_ratings
from deployment.ab_testing import lifecycle
from deployment.ab_testing.assignment import arm_of
from deployment.ab_testing.plan import PlanSettings

USERS = [f"user {number}" for number in range(40)]
TEST = {"name": "more of the genres", "challenger_version": 2}


@pytest.fixture
def tested(here: Place, client: TestClient) -> TestClient:
    """A service with a test of version 2 beside version 1."""
    here.ready(0.9)
    assert client.post("/api/ab-tests", json=TEST, headers=BEARER).status_code == 201
    return client


def movies(client: TestClient, user_id: str) -> dict[str, object]:
    answer = client.get(f"/api/recommendations/{user_id}")
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert isinstance(found, dict)
    return found


def test_a_test_says_at_its_start_what_it_needs(here: Place, client: TestClient) -> None:
    here.ready(0.9)
    told = client.post("/api/ab-tests", json=TEST | {"min_days": 1}, headers=BEARER).json()
    assert (told["test"]["champion_version"], told["test"]["challenger_version"]) == (1, 2)
    assert (told["test"]["status"], told["test"]["source"], told["test"]["split"]) == ("running", "live", 0.5)
    assert told["plan"]["planned_users"] >= 200
    assert told["judgement"]["verdict"] == "collecting"
    assert "below 7 days" in told["judgement"]["warnings"][0]
    assert "salt" not in str(told)
    assert client.get("/healthz").json()["ab_test_id"] == told["test"]["ab_test_id"]


def test_users_are_given_their_arm_and_exposed_once(here: Place, tested: TestClient) -> None:
    test = running_test(here.engine)
    assert test is not None
    for _ in range(2):
        for user_id in USERS:
            told = movies(tested, user_id)
            assert told["arm"] == arm_of(user_id, test.salt, test.split)
            assert told["version"] == {"champion": 1, "challenger": 2}[str(told["arm"])]
    found = exposed(here.engine, test.ab_test_id)
    assert {user.user_id: user.arm for user in found} == {
        user_id: arm_of(user_id, test.salt, test.split) for user_id in USERS
    }
    assert {user.arm for user in found} == {"champion", "challenger"}
    assert all(user.latency_ms > 0 and not user.fell_back for user in found)
    told = tested.get(f"/api/ab-tests/{test.ab_test_id}").json()
    assert told["judgement"]["exposed_champion"] + told["judgement"]["exposed_challenger"] == len(USERS)
    assert "reeltune_exposed_users_total" in tested.get("/metrics").text


def test_arms_and_exposures_outlive_a_restart(here: Place, tested: TestClient) -> None:
    before = {user_id: movies(tested, user_id)["arm"] for user_id in USERS}
    with here.service() as again:
        assert {user_id: movies(again, user_id)["arm"] for user_id in USERS} == before
    assert len(exposed(here.engine, 1)) == len(USERS)


def test_a_rating_is_joined_to_the_version_of_the_users_arm(here: Place, tested: TestClient) -> None:
    for user_id in USERS[:8]:
        told = movies(tested, user_id)
        rating = {"user_id": user_id, "movie_id": str(dataset().movie_ids[0]), "rating": 3}
        rated = tested.post("/api/ratings", json=rating, headers=BEARER).json()
        assert (rated["version"], rated["arm"]) == (told["version"], told["arm"])
        assert rated["ab_test_id"] == 1
    never_shown = {"user_id": "never shown", "movie_id": str(dataset().movie_ids[0]), "rating": 3}
    assert tested.post("/api/ratings", json=never_shown, headers=BEARER).json()["ab_test_id"] is None
    assert [row.ab_test_id for row in live_ratings(here.engine)] == [1] * 8 + [None]


def test_a_challenger_that_cannot_be_loaded_keeps_its_users_in_its_arm(here: Place) -> None:
    here.active()
    lifecycle.start(here.engine, name="t", challenger=here.ready(0.9), settings=PlanSettings(), who="a test")
    here.damage(2)
    with here.service() as client:
        told = {user_id: movies(client, user_id) for user_id in USERS}
        assert client.get("/healthz").json()["status"] == "degraded"
    assert {found["version"] for found in told.values()} == {1}
    fell_back = {user_id for user_id, found in told.items() if found["fell_back"]}
    assert fell_back == {user_id for user_id, found in told.items() if found["arm"] == "challenger"} != set()
    found = exposed(here.engine, 1)
    assert {user.user_id for user in found if user.fell_back} == fell_back


def test_a_test_that_is_started_elsewhere_is_taken_part_in(here: Place, client: TestClient) -> None:
    lifecycle.start(here.engine, name="t", challenger=here.ready(0.9), settings=PlanSettings(), who="a test")
    wait_until(lambda: client.get("/healthz").json()["ab_test_id"] == 1)
    assert movies(client, "somebody")["arm"] is not None


@pytest.mark.parametrize(
    ("changes", "status", "line"),
    [
        ({"challenger_version": 1}, 422, "ab_test.challenger must be another version than the active one"),
        ({"challenger_version": 99}, 422, "ab_test must compare versions that are ready, got 99"),
        ({"challenger_version": "2"}, 422, "challenger_version must be a valid integer"),
        ({"split": 0}, 422, "split must be greater than or equal to 0.01, got 0"),
        ({"split": 1.0}, 422, "split must be less than or equal to 0.99, got 1.0"),
        ({"min_days": 30}, 422, "max_days must be at least min_days (30), got 28"),
        ({"name": ""}, 422, "name must have at least 1 character"),
        ({"salt": "mine"}, 422, "salt does not exist"),
    ],
)
def test_what_cannot_be_tested_is_refused(
    here: Place, client: TestClient, changes: dict[str, object], status: int, line: str
) -> None:
    here.ready(0.9)
    answer = client.post("/api/ab-tests", json=TEST | changes, headers=BEARER)
    assert (answer.status_code, list(answer.json())) == (status, ["detail"])
    assert answer.json()["detail"].startswith(line)
    assert client.get("/api/ab-tests").json() == {"ab_tests": []}


def test_one_test_runs_at_a_time(here: Place, tested: TestClient) -> None:
    here.ready(0.1)
    second = tested.post("/api/ab-tests", json=TEST | {"challenger_version": 3}, headers=BEARER)
    assert (second.status_code, second.json()["detail"]) == (409, "a test is running already")


def test_stopping_ends_the_arms_and_is_final(here: Place, tested: TestClient) -> None:
    movies(tested, USERS[0])
    told = tested.post("/api/ab-tests/1/stop", json={"why": "enough"}, headers=BEARER).json()
    assert (told["test"]["status"], told["test"]["stop_reason"]) == ("stopped", "enough")
    assert (told["activation"], told["answering_version"]) == (None, 1)
    assert movies(tested, USERS[0])["arm"] is None
    again = tested.post("/api/ab-tests/1/stop", headers=BEARER)
    assert (again.status_code, again.json()["detail"]) == (409, "test 1 is stopped")
    assert tested.post("/api/ab-tests/99/stop", headers=BEARER).status_code == 404
    assert tested.get("/api/ab-tests/99").status_code == 404


def test_a_challenger_is_promoted_where_verdict_or_force_say_so(here: Place, tested: TestClient) -> None:
    refused = tested.post("/api/ab-tests/1/stop", json={"promote": True}, headers=BEARER)
    assert refused.status_code == 409
    assert "collecting" in refused.json()["detail"]
    assert running_test(here.engine) is not None
    told = tested.post("/api/ab-tests/1/stop", json={"promote": True, "force": True}, headers=BEARER).json()
    assert (told["activation"]["action"], told["answering_version"]) == ("promote", 2)
    assert told["test"]["status"] == "decided"
    assert movies(tested, "somebody")["version"] == 2


def test_a_switch_ends_the_test_and_what_it_showed_is_kept(here: Place, tested: TestClient) -> None:
    for user_id in USERS:
        movies(tested, user_id)
    assert tested.post("/api/model-versions/2/activate", headers=BEARER).status_code == 200
    assert movies(tested, USERS[0])["arm"] is None
    (summary,) = tested.get("/api/ab-tests").json()["ab_tests"]
    assert (summary["status"], summary["verdict"]) == ("stopped", "collecting")
    ended = ab_test(here.engine, 1)
    assert ended is not None and ended.judgement is not None
    assert tested.get("/api/ab-tests/1").json()["judgement"]["verdict"] == "collecting"
