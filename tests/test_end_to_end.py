"""The whole way by real commands and real HTTP: from a sweep to a rollback, along one chain of ids."""

import re
from pathlib import Path
from typing import Any

import httpx2
import pytest
from real_data import movielens_or_skip
from sqlalchemy import create_engine, text
from whole_way import Home, Visitor, all_visit, answered, visitors

from pipeline.dataset import Dataset
from pipeline.sources import Synthetic, load
from project import ROOT

# From an experiment's key to the rollback, as the guide shows it.
DOCUMENT = ROOT / "docs" / "deployment.md"
ANY_SPEED = "gate.recommendation_ms=null"  # the machine may be busy with other tests
# What a short test may be asked: everything within what a plan allows.
PLAN: dict[str, Any] = {
    "planned_effect": 0.2,
    "min_days": 1,
    "min_users": 30,
    "mean_rating_margin": 0.5,
    "rating_rate_margin": 0.5,
    "latency_ms_margin": 1000,
    "errors_margin": 0.2,
}


def the_whole_way(home: Home, who: list[Visitor]) -> None:
    swept(home)
    nothing_changes_in_a_dry_run(home)
    refused_below_the_gate(home)
    deployed(home)
    with home.served() as client:
        recommended_and_rated(client, who[0])
        assert home.deploy("experiment=sharp_001", "activate=false", ANY_SPEED).code == 0
        test = started(client)
        exposed(client, who[1:], test)
        not_yet_decided(client, test)
    with home.served(hours_later=25) as client:
        decided_and_promoted(client, who[1:], test)
        rolled_back(home, client)
    asked_to_fit_again(home)
    one_chain(home)


def swept(home: Home) -> None:
    """Search phase1, which stays below the gate, and measure phase3 with and without a decision."""
    searched = home.tune("-m", "search=random", "hydra.sweeper.n_trials=2", "run_id=found")
    assert searched.code == 0, searched.stderr
    for calibration, run in (("none", "plain"), ("tolerance", "sharp")):
        measured = home.tune("model=phase3", f"model.calibration={calibration}", f"run_id={run}")
        assert measured.code == 0, measured.stderr


def nothing_changes_in_a_dry_run(home: Home) -> None:
    before = home.left()
    answer = home.deploy("experiment=best", "dry_run=true", ANY_SPEED)
    assert answer.code == 0, answer.stderr
    assert "The gate lets it through." in answer.stdout
    assert home.left() == before


def refused_below_the_gate(home: Home) -> None:
    """The best of phase1 does not predict well enough; the refusal has both figures."""
    before = home.left()
    answer = home.deploy("experiment=found_001")
    assert answer.code == 1
    refused = r"reeltune: refused by accuracy: needs validation accuracy at least 0\.65, .*; found 0\.\d{4}"
    assert [line for line in answer.lines if re.fullmatch(refused, line)]
    assert home.left() == before


def deployed(home: Home) -> None:
    answer = home.deploy("experiment=plain_001", ANY_SPEED)
    assert answer.code == 0, answer.stderr
    assert "Version 1 is active" in answer.stdout
    assert "plain_001" in (home.folder / "conf" / "model" / "deployed.yaml").read_text(encoding="utf-8")


def recommended_and_rated(client: httpx2.Client, visitor: Visitor) -> None:
    assert answered(client.get("/healthz"))["status"] == "ok"
    shown, *rated = visitor.visit(client, 2)
    assert (shown["version"], len(shown["movies"]), shown["arm"]) == (1, 10, None)
    assert all(movie["reasons"] for movie in shown["movies"])
    assert [one["foretold"] is not None for one in rated] == [True, True]
    assert answered(client.get("/api/model-performance"))["total"]["samples"] == 2
    assert answered(client.get("/api/revalidation-status"))["should_retrain"] is False


def started(client: httpx2.Client) -> int:
    """Start a test of version 2 beside version 1; the second of two at a time is refused."""
    asked = {"name": "a decision", "challenger_version": 2, **PLAN}
    test = answered(client.post("/api/ab-tests", json=asked))
    assert client.post("/api/ab-tests", json=asked).status_code == 409
    number = test["test"]["ab_test_id"]
    assert isinstance(number, int)
    return number


def exposed(client: httpx2.Client, who: list[Visitor], test: int) -> None:
    """Everybody comes, is shown one version, and rates; who comes again is shown the same."""
    visits = all_visit(client, who)
    versions = {"champion": 1, "challenger": 2}
    for shown, *rated in visits:
        assert (shown["ab_test_id"], shown["fell_back"]) == (test, False)
        assert shown["version"] == versions[shown["arm"]]
        assert {(one["arm"], one["version"]) for one in rated} == {(shown["arm"], shown["version"])}
    again = answered(client.get(f"/api/recommendations/{who[0].user_id}"))
    assert again["arm"] == visits[0][0]["arm"]


def not_yet_decided(client: httpx2.Client, test: int) -> None:
    """Before its days are over nobody is named better, and nothing is promoted."""
    found = answered(client.get(f"/api/ab-tests/{test}"))["judgement"]
    assert found["verdict"] == "collecting"
    assert "of at least 1 day are over" in found["reason"]
    refused = client.post(f"/api/ab-tests/{test}/stop", json={"promote": True})
    assert refused.status_code == 409
    assert "does not allow to promote" in refused.text


def decided_and_promoted(client: httpx2.Client, who: list[Visitor], test: int) -> None:
    """A day later, in another process: the same arms, a verdict, and the challenger becomes active."""
    found = answered(client.get(f"/api/ab-tests/{test}"))["judgement"]
    assert found["verdict"] == "challenger_better", found["reason"]
    assert found["exposed_champion"] + found["exposed_challenger"] == len(who)
    assert found["accuracy"]["low"] > 0
    assert "a decision" in client.get("/").text
    answered(client.post(f"/api/ab-tests/{test}/stop", json={"promote": True}))
    assert answered(client.get(f"/api/recommendations/{who[0].user_id}"))["version"] == 2


def rolled_back(home: Home, client: httpx2.Client) -> None:
    """One command, and the service answers with the version before."""
    answer = home.deploy("action=rollback", "why='only to see it'")
    assert answer.code == 0, answer.stderr
    for _ in range(100):
        if answered(client.get("/healthz"))["answering_version"] == 1:
            return
    pytest.fail("the service did not follow the rollback")


def asked_to_fit_again(home: Home) -> None:
    """What the visitors rated is below what is asked here, and would be joined to the data."""
    asked = ("revalidation.accuracy_threshold=0.8", "revalidation.minimum_samples=30")
    answer = home.deploy("action=retrain", "dry_run=true", *asked, ANY_SPEED)
    assert answer.stdout.startswith("Revalidation asks for another fit: live accuracy 0."), answer.stderr
    joined = re.search(r"(\d+) ratings that came in are joined to .*; 0 of movies", answer.stdout)
    assert joined
    assert int(joined[1]) > 80
    assert "Dry run: nothing was changed." in answer.stdout


def one_chain(home: Home) -> None:
    """One statement leads from the experiment's key to the rollback of its version."""
    (query,) = re.findall(r"```sql\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), flags=re.DOTALL)
    engine = create_engine(home.url)
    with engine.connect() as connection:
        (row,) = connection.execute(text(query)).mappings().all()
    engine.dispose()
    assert row["config_key"]
    told = {name: value for name, value in row.items() if name not in {"config_key", "exposed_users"}}
    assert told == {
        "experiment_id": "sharp_001",
        "version": 2,
        "ab_test_id": 1,
        "verdict": "challenger_better",
        "promoted_by_revision": 2,
        "rolled_back_by_revision": 3,
        "back_to_version": 1,
    }
    assert row["exposed_users"] > 0


def test_the_whole_way_on_synthetic_data(tmp_path: Path) -> None:
    settings = Synthetic(users=200, movies=120, ratings=6000)
    data = ("data=synthetic", "data.users=200", "data.movies=120", "data.ratings=6000")
    cache = tmp_path / "cache"
    home = Home(tmp_path, (*data, f"data.cache={cache}"))
    the_whole_way(home, visitors(load(settings, cache), 80))


@pytest.mark.slow
def test_the_whole_way_on_movielens(tmp_path: Path) -> None:
    dataset: Dataset = movielens_or_skip()
    the_whole_way(Home(tmp_path, ("data=movielens_100k",)), visitors(dataset, 250))
