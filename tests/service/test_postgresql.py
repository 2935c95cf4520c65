"""The service on PostgreSQL, which refuses what SQLite takes: numbers too long, texts that are none."""

from pathlib import Path

from service_samples import BEARER, dataset, place
from test_fuzz import requests

from db.deployment.ab_tests import exposed
from db.deployment.live_ratings import live_ratings


def test_the_whole_way_and_three_hundred_requests_of_nonsense(postgresql_url: str, tmp_path: Path) -> None:
    with place(tmp_path, postgresql_url) as here:
        here.active()
        here.ready(0.9)
        with here.service() as client:
            test = {"name": "t", "challenger_version": 2}
            assert client.post("/api/ab-tests", json=test, headers=BEARER).status_code == 201
            for user_id in ("a", "b", "c"):
                assert client.get(f"/api/recommendations/{user_id}").status_code == 200
                rating = {"user_id": user_id, "movie_id": str(dataset().movie_ids[0]), "rating": 4}
                assert client.post("/api/ratings", json=rating, headers=BEARER).status_code == 201
            assert [row.ab_test_id for row in live_ratings(here.engine)] == [1, 1, 1]
            assert len(exposed(here.engine, 1)) == 3
            assert client.post("/api/ab-tests/1/stop", headers=BEARER).status_code == 200
            assert client.post("/api/model-versions/2/activate", headers=BEARER).status_code == 200
            rolled_back = client.post("/api/model-versions/rollback", headers=BEARER)
            assert rolled_back.json()["answering_version"] == 1
            for request in requests(seed=3, n=300):
                request["headers"] |= BEARER  # type: ignore[operator]
                answer = client.request(**request)  # type: ignore[arg-type]
                assert answer.status_code < 500, (request, answer.text)
