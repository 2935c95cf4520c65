"""A record with a bit of everything, and a service that answers what a test wants it to."""

import dataclasses
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from dashboard_page import Page
from deployment_samples import new_rating, new_test, ready
from fastapi import FastAPI
from fastapi.testclient import TestClient
from recorded import fill
from report_samples import experiment, tuning_run
from sqlalchemy import Engine

from db.deployment.ab_tests import end_test, start_test
from db.deployment.answers import AbTest
from db.deployment.live_ratings import record_rating
from db.deployment.versions import switch
from deployment.ab_testing.judgement import Compared, Guarded, Judgement
from deployment.ab_testing.plan import Plan
from deployment.reasons import Reason
from deployment.revalidation import Policy, revalidation
from deployment.served import Recommended
from pipeline.metrics import METRICS
from service.dashboard.page import dashboard_router
from service.dashboard.sources import Shown, Sources

NOW = datetime.now(UTC)
PLAN = {key: value for key, value in dataclasses.asdict(Plan(planned_users=400)).items() if key != "split"}


def shown(user_id: str, n: int) -> Shown:
    """Know user 1 alone; recommend movies whose scores count down from 0.9."""
    against = Reason("popularity", "how popular it is", -0.1)
    movies = [
        Recommended(str(place), f"Movie of rank {place}", 1990 + place, 0.9 - place / 100, 4.0, reasons)
        for place in range(1, n + 1)
        if (reasons := (Reason("genre", "genres you like", 1 - place / 100), against))
    ]
    return Shown(version=2, known=user_id == "1", movies=movies)


def compared(name: str = "accuracy", unit: str = "share of ratings", **changes: Any) -> Compared:
    values: dict[str, Any] = {
        "champion": 0.7,
        "challenger": 0.75,
        "champion_users": 61,
        "challenger_users": 59,
        "difference": 0.05,
        "low": -0.0125,
        "high": 0.1125,
    }
    return Compared(name=name, unit=unit, **values | changes)


def judgement(_: AbTest | None = None, **changes: Any) -> Judgement:
    """Judge a test that is not over: the challenger is ahead, one guardrail holds and one does not yet."""
    rails = [
        ("mean_rating", "y in [0, 1]", "mean rating of movies that were recommended", True),
        ("latency_ms", "ms", "time until recommendations were answered", False),
    ]
    values: dict[str, Any] = {
        "verdict": "collecting",
        "reason": "1.5 of at least 7 days are over",
        "warnings": (),
        "elapsed_days": 1.5,
        "exposed_champion": 211,
        "exposed_challenger": 203,
        "planned_users": 400,
        "sample_ratio_p": 0.694,
        "accuracy": compared(),
        "guardrails": tuple(
            Guarded(**dataclasses.asdict(compared(name, unit)), meaning=meaning, margin=0.02, holds=holds)
            for name, unit, meaning, holds in rails
        ),
    }
    return Judgement(**values | changes)


def sources(engine: Engine, **changes: Any) -> Sources:
    values: dict[str, Any] = {
        "engine": engine,
        "recommend": shown,
        "judge": judgement,
        "revalidate": lambda: revalidation(engine, Policy(minimum_samples=5), NOW.date()),
        "problems": lambda: (),
    }
    return Sources(**values | changes)


def app_of(found: Sources) -> FastAPI:
    app = FastAPI()
    app.include_router(dashboard_router(found))
    return app


def client_of(found: Sources) -> TestClient:
    return TestClient(app_of(found))


def page_of(engine: Engine, address: str = "/", status: int = 200, **changes: Any) -> Page:
    answer = client_of(sources(engine, **changes)).get(address)
    assert answer.status_code == status
    return Page(answer.text)


def fill_runs(
    engine: Engine, run_id: str = "random_1", shares: Sequence[float | None] = (0.5, 0.7, None)
) -> None:
    trials = [
        experiment(n, share, experiment_id=f"{run_id}_{n:03d}", tuning_run_id=run_id)
        for n, share in enumerate(shares, 1)
    ]
    fill(engine, tuning_run(tuning_run_id=run_id, planned_trials=len(shares)), trials)


def a_version(engine: Engine, accuracy: float = 0.7, **changes: Any) -> int:
    """Record a version on the problem of the recorded runs, 0.7 of whose ratings were hit."""
    of = {part: dict.fromkeys(METRICS, accuracy) for part in ("validation", "test")}
    known = {"problem_key": "0123456789abcdef", "hyperparameters": {"accuracy_threshold": 0.6}}
    return ready(engine, **of | known | changes)


def go_to(
    engine: Engine, version: int, action: Any = "deploy", who: str = "anna", why: str = "a test"
) -> None:
    switch(engine, version, action=action, who=who, why=why)


def rate(engine: Engine, version: int, hits: int, misses: int, days_ago: int = 0) -> None:
    """Record ratings of a day, those that are hit first; the version answers 0.7 throughout."""
    at = NOW - timedelta(days=days_ago)
    for n, rating in enumerate([0.7] * hits + [0.2] * misses):
        record_rating(engine, new_rating(f"u{n}", f"m{version}-{days_ago}", rating, version), at)


def start(engine: Engine, champion: int, challenger: int, **changes: Any) -> AbTest:
    return start_test(engine, new_test(champion, challenger, **{"plan": PLAN} | changes))


def a_replay(engine: Engine, champion: int, challenger: int) -> None:
    """Record a replay of held-out ratings that has ended."""
    test = start(engine, champion, challenger, source="offline_replay", name="yesterday", salt="replayed")
    kept = dataclasses.asdict(judgement(verdict="challenger_better"))
    end_test(
        engine,
        test.ab_test_id,
        verdict="challenger_better",
        judgement=kept,
        reason="all ratings are replayed",
        decided=True,
    )


def fill_all(engine: Engine) -> None:
    """Two runs, three versions, four switches, a week of ratings, a replay, and a test that runs."""
    fill_runs(engine, "random_20260102_030405", [0.5, 0.55, None, 0.52, 0.6, 0.61, 0.58, 0.66])
    fill_runs(engine, "bayesian_20260103_030405", [0.55, 0.6, 0.67, 0.66, 0.7])
    first = a_version(engine, 0.6)
    second = a_version(
        engine, 0.66, model="phase2", experiment_id="random_20260102_030405_008", forced=True, passed=False
    )
    third = a_version(engine, 0.7, model="phase2", experiment_id="bayesian_20260103_030405_005")
    go_to(engine, first, why="it is the first")
    a_replay(engine, first, second)
    go_to(engine, second, "promote", why="the challenger is ahead in accuracy, by [+0.0100, +0.0900]")
    for day in range(9, 4, -1):
        rate(engine, first, 30 - day, 12, day)
    for day in range(4, -1, -1):
        rate(engine, second, 34 - day, 12, day)
    start(engine, second, third, name="sequences against the hybrid")
