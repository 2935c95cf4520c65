"""Recommendations over HTTP: what, why, from which version, and to whom nobody knows."""

import pytest
from fastapi.testclient import TestClient
from service_samples import BEARER, Place, dataset, wait_until


def rated_in_the_data(user_id: str) -> set[str]:
    data = dataset()
    of_user = data.user_ids[data.users] == user_id
    return {str(movie_id) for movie_id in data.movie_ids[data.movies[of_user]]}


def a_user() -> str:
    return str(dataset().user_ids[0])


def test_movies_come_with_the_reasons_that_their_score_is_the_sum_of(shared: TestClient) -> None:
    answer = shared.get(f"/api/recommendations/{a_user()}").json()
    assert (answer["user_id"], answer["known"], answer["version"]) == (a_user(), True, 1)
    assert len(answer["movies"]) == 10
    scores = [movie["score"] for movie in answer["movies"]]
    assert scores == sorted(scores, reverse=True)
    for movie in answer["movies"]:
        points = sum(reason["points"] for reason in movie["reasons"])
        assert min(max(points, 0), 1) == pytest.approx(movie["score"], abs=1e-5)
        assert all(reason["words"] for reason in movie["reasons"])


def test_what_was_rated_in_the_data_or_since_is_left_out(client: TestClient) -> None:
    address = f"/api/recommendations/{a_user()}"
    before = [movie["movie_id"] for movie in client.get(address, params={"n": 100}).json()["movies"]]
    assert set(before) == {str(movie_id) for movie_id in dataset().movie_ids} - rated_in_the_data(a_user())
    rating = {"user_id": a_user(), "movie_id": before[0], "rating": 4}
    assert client.post("/api/ratings", json=rating, headers=BEARER).status_code == 201
    after = [movie["movie_id"] for movie in client.get(address, params={"n": 100}).json()["movies"]]
    assert after == before[1:]


def test_whoever_is_unknown_is_recommended_something_too(shared: TestClient) -> None:
    answer = shared.get("/api/recommendations/nobody", params={"n": 3}).json()
    assert answer["known"] is False
    assert len(answer["movies"]) == 3
    assert answer["movies"] == shared.get("/api/recommendations/somebody", params={"n": 3}).json()["movies"]


@pytest.mark.parametrize("n", ["0", "-1", "101", "1e9", "1" * 5000, "ten", "NaN"])
def test_how_many_is_bounded(shared: TestClient, n: str) -> None:
    answer = shared.get(f"/api/recommendations/{a_user()}", params={"n": n})
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith("n must be ")


@pytest.mark.parametrize("user_id", ["1" * 65, "7" * 5000, "a%0Ab", "%00", "%7F", "%20"])
def test_an_id_is_short_and_printable(shared: TestClient, user_id: str) -> None:
    assert shared.get(f"/api/recommendations/{user_id}").status_code in {404, 422}


def test_nothing_is_answered_before_the_first_deployment(here: Place) -> None:
    with here.service() as client:
        for address in ("/api/recommendations/1", "/healthz"):
            answer = client.get(address)
            assert answer.status_code == 503
            assert answer.json()["detail"].startswith("no version is active yet")
        version = here.active()
        wait_until(lambda: client.get("/api/recommendations/1").status_code == 200)
        assert client.get("/api/recommendations/1").json()["version"] == version
