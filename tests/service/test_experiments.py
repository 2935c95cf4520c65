"""The record's experiments over HTTP, a page at a time, the latest first."""

import pytest
from db_samples import new_experiment, result
from fastapi.testclient import TestClient
from service_samples import Place

from db.records import open_experiment, save_experiment


def ids(client: TestClient, **page: int) -> list[str]:
    return [
        experiment["experiment_id"]
        for experiment in client.get("/api/experiments", params=page).json()["experiments"]
    ]


def test_experiments_come_in_pages_the_latest_first(here: Place, client: TestClient) -> None:
    for number in range(1, 6):
        save_experiment(
            here.engine, experiment=new_experiment(number), result=result(0.1 * number), phase="exploration"
        )
    open_experiment(here.engine, experiment=new_experiment(6))
    whole = client.get("/api/experiments").json()
    assert whole["total"] == 6
    assert [found["trial_number"] for found in whole["experiments"]] == [6, 5, 4, 3, 2, 1]
    assert [found["status"] for found in whole["experiments"][:2]] == ["pending", "completed"]
    assert whole["experiments"][1]["validation"]["accuracy"] == pytest.approx(0.5)
    assert "genre_weight" in whole["experiments"][1]["hyperparameters"]
    every = ids(client)
    assert ids(client, limit=2) + ids(client, limit=2, offset=2) + ids(client, limit=2, offset=4) == every
    assert ids(client, offset=6) == []


@pytest.mark.parametrize("path", ["/api/experiments", "/api/model-versions", "/api/ab-tests"])
@pytest.mark.parametrize(
    "page",
    [{"limit": -1}, {"limit": 0}, {"limit": 101}, {"offset": -1}, {"offset": 10**9}, {"limit": 10**30}],
)
def test_a_page_is_bounded(shared: TestClient, path: str, page: dict[str, int]) -> None:
    answer = shared.get(path, params=page)
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith(f"{next(iter(page))} must be ")


def test_versions_come_in_pages_and_the_active_one_is_named(here: Place, client: TestClient) -> None:
    here.active(0.9)
    here.ready(0.1)
    told = client.get("/api/model-versions", params={"limit": 2}).json()
    assert (told["active_version"], told["rev"]) == (2, 2)
    assert [version["version"] for version in told["versions"]] == [3, 2]
    detail = client.get("/api/model-versions/2").json()
    assert detail["hyperparameters"]["genre_weight"] > 0
    assert detail["artifact_sha256"] == here.sha256(2)
    assert [switch["rev"] for switch in detail["activations"]] == [2]
    assert str(here.folder) not in str(detail)
    assert client.get("/api/model-versions/99").json() == {"detail": "there is no version 99"}


def test_performance_and_the_need_of_another_fit_are_told(client: TestClient) -> None:
    told = client.get("/api/model-performance", params={"version": 99}).json()
    assert (told["version"], told["total"]["samples"], told["days"]) == (99, 0, [])
    status = client.get("/api/revalidation-status").json()
    assert (status["should_retrain"], status["version"], status["samples"]) == (False, 1, 0)
    assert "too few" in status["reason"]
