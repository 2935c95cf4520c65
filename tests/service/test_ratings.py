"""Ratings over HTTP: joined to what was foretold, refused where they are none."""

import pytest
from fastapi.testclient import TestClient
from service_samples import BEARER, Place, dataset

from db.deployment.live_ratings import live_ratings
from deployment.bundle import open_bundle
from deployment.served import ServedModel

USER, MOVIE = "somebody new", str(dataset().movie_ids[3])


def rating(**changes: object) -> dict[str, object]:
    return {"user_id": USER, "movie_id": MOVIE, "rating": 4} | changes


def test_a_rating_is_joined_to_what_the_version_foretold(here: Place, client: TestClient) -> None:
    bundle = open_bundle(here.folder / "model_versions" / "0001", here.sha256(1))
    served = ServedModel(bundle.model, bundle.catalogue)
    foretold = served.predicted(USER, MOVIE)
    assert foretold is not None
    answer = client.post("/api/ratings", json=rating(), headers=BEARER)
    assert answer.status_code == 201
    told = answer.json()
    assert (told["version"], told["rating"], told["ab_test_id"], told["arm"]) == (1, 4, None, None)
    assert told["foretold"]["expected"] == pytest.approx(5 * foretold.expected)
    assert told["foretold"]["answered"] == pytest.approx(5 * foretold.answered)
    assert told["foretold"]["hit"] == (abs(foretold.answered - 0.8) <= 0.2)
    (recorded,) = live_ratings(here.engine)
    assert (recorded.rating, recorded.expected, recorded.version) == (0.8, foretold.expected, 1)
    performance = client.get("/api/model-performance").json()
    assert (performance["version"], performance["total"]["samples"]) == (1, 1)
    assert performance["total"]["accuracy"] == float(told["foretold"]["hit"])
    assert [day["samples"] for day in performance["days"]] == [1]


def test_the_place_among_what_is_recommended_is_noted(client: TestClient) -> None:
    movies = client.get(f"/api/recommendations/{USER}").json()["movies"]
    third = client.post("/api/ratings", json=rating(movie_id=movies[2]["movie_id"]), headers=BEARER).json()
    first = client.post("/api/ratings", json=rating(movie_id=movies[0]["movie_id"]), headers=BEARER).json()
    fourth = client.post("/api/ratings", json=rating(movie_id=movies[3]["movie_id"]), headers=BEARER).json()
    # The fourth is the second best of those that are left.
    assert (third["position"], first["position"], fourth["position"]) == (3, 1, 2)


def test_what_was_known_or_is_rated_again_is_no_forecast(client: TestClient) -> None:
    data = dataset()
    known = {"user_id": str(data.user_ids[data.users[0]]), "movie_id": str(data.movie_ids[data.movies[0]])}
    assert client.post("/api/ratings", json=rating(**known), headers=BEARER).json()["foretold"] is None
    first, again = (client.post("/api/ratings", json=rating(), headers=BEARER).json() for _ in range(2))
    assert first["foretold"] is not None
    assert again["foretold"] is None
    assert client.get("/api/model-performance").json()["total"]["samples"] == 1


@pytest.mark.parametrize(
    ("changes", "status", "line"),
    [
        ({"rating": 5.5}, 422, "rating must be in [0, 5], got 5.5"),
        ({"rating": -1}, 422, "rating must be greater than or equal to 0, got -1"),
        ({"rating": 1e308}, 422, "rating must be less than or equal to 1000, got 1e+308"),
        ({"rating": "four"}, 422, 'rating must be a valid number, got "four"'),
        ({"rating": None}, 422, "rating must be a valid number, got null"),
        ({"rating": [4]}, 422, "rating must be a valid number, got a list"),
        ({"rating": True}, 422, "rating must be a valid number, got true"),
        ({"movie_id": "no such"}, 404, "movie_id must be one of the 25 movies that version 1 knows"),
        ({"movie_id": 7}, 422, "movie_id must be a valid string, got 7"),
        ({"user_id": ""}, 422, "user_id must have at least 1 character"),
        ({"user_id": "u" * 65}, 422, "user_id must have at most 64 characters"),
        ({"user_id": "a\nb"}, 422, "user_id must be printable characters"),
        ({"user_id": "\x00"}, 422, "user_id must be printable characters"),
        ({"user_id": "   "}, 422, "user_id must not be blank"),
        ({"version": 3}, 422, "version does not exist"),
    ],
)
def test_what_is_no_rating_is_refused_in_one_line(
    shared_place: Place, shared: TestClient, changes: dict[str, object], status: int, line: str
) -> None:
    answer = shared.post("/api/ratings", json=rating(**changes), headers=BEARER)
    assert (answer.status_code, list(answer.json())) == (status, ["detail"])
    assert answer.json()["detail"].startswith(line)
    assert live_ratings(shared_place.engine) == ()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b"\xff\xfe",
        b"[" * 60_000,
        b'{"user_id": "u", "movie_id": "\\ud800", "rating": 3}',
        b'{"user_id": "u", "movie_id": "1", "rating": NaN}',
        b'{"user_id": "u", "movie_id": "1", "rating": -Infinity}',
        b'{"user_id": "u", "movie_id": "1", "rating": 1e999}',
        b'{"user_id": "u", "movie_id": "1", "rating": ' + b"9" * 5000 + b"}",
    ],
    ids=lambda body: body[:60].decode(errors="replace"),
)
def test_a_body_that_is_none_is_refused(shared_place: Place, shared: TestClient, body: bytes) -> None:
    headers = BEARER | {"Content-Type": "application/json"}
    answer = shared.post("/api/ratings", content=body, headers=headers)
    assert answer.status_code in {400, 422}, answer.text
    assert "\n" not in answer.json()["detail"]
    assert len(answer.content) < 500
    assert live_ratings(shared_place.engine) == ()
