"""Versions and ratings as the tests record them."""

from typing import Any

from sqlalchemy import Engine

from db.deployment.answers import NewAbTest, NewRating, NewVersion
from db.deployment.versions import open_version, ready_version


def new_version(**changes: Any) -> NewVersion:
    values: dict[str, Any] = {
        "action": "deploy",
        "model": "phase1",
        "hyperparameters": {"genre_weight": 0.4},
        "experiment_id": None,
        "parent_version": None,
        "config_key": "c",
        "problem_key": "p",
        "data_name": "synthetic",
        "data_fingerprint": "f",
        "code_version": "v",
        "n_ratings": 100,
        "n_live_ratings": 0,
        "validation": {"accuracy": 0.7, "ndcg": None},
        "test": {"accuracy": 0.6},
        "gate": {"rules": []},
        "passed": True,
        "forced": False,
    }
    return NewVersion(**values | changes)


def ready(engine: Engine, **changes: Any) -> int:
    """Record a version that may be made active."""
    version = open_version(engine, new_version(**changes))
    ready_version(engine, version, path=f"versions/{version:04d}", sha256="0" * 64, n_bytes=1)
    return version


def new_test(champion: int, challenger: int, **changes: Any) -> NewAbTest:
    values: dict[str, Any] = {
        "name": "taste",
        "source": "live",
        "champion_version": champion,
        "challenger_version": challenger,
        "salt": f"salt of {champion} and {challenger}",
        "split": 0.5,
        "plan": {"alpha": 0.05},
        "who": "a test",
    }
    return NewAbTest(**values | changes)


def new_rating(user_id: str, movie_id: str, rating: float, version: int, **changes: Any) -> NewRating:
    foretold: dict[str, Any] = {"expected": 0.6, "answered": 0.7, "position": None}
    return NewRating(user_id=user_id, movie_id=movie_id, rating=rating, version=version, **foretold | changes)
