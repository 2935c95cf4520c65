"""What the questions of the modules beside this one are answered with."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from db.answers import Value
from db.deployment.tables import Action, Arm, Source


@dataclass(frozen=True, kw_only=True)
class NewVersion:
    """What is known of a version before its files are written; db.deployment.tables says more of each."""

    action: Action
    model: str
    hyperparameters: Mapping[str, Value]
    experiment_id: str | None
    parent_version: int | None
    config_key: str
    problem_key: str
    data_name: str
    data_fingerprint: str
    code_version: str
    n_ratings: int
    n_live_ratings: int
    validation: Mapping[str, float | None]
    test: Mapping[str, float | None]
    gate: Mapping[str, Any]
    passed: bool
    forced: bool
    process: str | None = None


@dataclass(frozen=True, kw_only=True)
class Version(NewVersion):
    """A recorded version."""

    version: int
    status: str
    created_at: datetime
    ready_at: datetime | None
    artifact_path: str | None
    artifact_sha256: str | None
    artifact_bytes: int | None


class Active(NamedTuple):
    """Which version answers, and the revision that a switch is compared with."""

    version: int
    rev: int


@dataclass(frozen=True, kw_only=True)
class Activation:
    """One switch of the active version."""

    rev: int
    from_version: int | None
    to_version: int
    action: str
    who: str
    why: str
    forced: bool
    activated_at: datetime


@dataclass(frozen=True, kw_only=True)
class NewAbTest:
    """What is fixed when a test starts."""

    name: str
    source: Source
    champion_version: int
    challenger_version: int
    salt: str
    split: float
    plan: Mapping[str, Any]
    who: str


@dataclass(frozen=True, kw_only=True)
class AbTest(NewAbTest):
    """A recorded test."""

    ab_test_id: int
    status: str
    started_at: datetime
    ended_at: datetime | None
    verdict: str | None
    judgement: Mapping[str, Any] | None
    stop_reason: str | None


@dataclass(frozen=True, kw_only=True)
class Exposed:
    """One user of a test, and all that came of it."""

    user_id: str
    arm: Arm
    fell_back: bool
    latency_ms: float
    ratings: int  # since the exposure
    forecasts: int  # of them, those that the version foretold
    hits: int  # of the forecasts, answered within the tolerance
    recommended: int  # of the ratings, those of recommended movies
    rating_of_recommended: float | None  # their mean in [0, 1]


@dataclass(frozen=True, kw_only=True)
class NewRating:
    """A rating as it comes in, beside what the version that answers the user foretold."""

    user_id: str
    movie_id: str
    rating: float  # in [0, 1]
    version: int
    expected: float | None
    answered: float | None
    position: int | None
    ab_test_id: int | None = None  # that runs; noted only if it has shown itself to the user


@dataclass(frozen=True, kw_only=True)
class LiveRating(NewRating):
    """A recorded rating; what was foretold is None where it was no forecast."""

    id: int
    received_at: datetime


@dataclass(frozen=True, kw_only=True)
class Performance:
    """What forecasts were worth that users rated later; means are None without samples."""

    samples: int
    accuracy: float | None
    mae: float | None  # in [0, 1]: times the scale's maximum it is in stars
    rmse: float | None  # likewise


@dataclass(frozen=True, kw_only=True)
class DailyPerformance(Performance):
    """Performance of one version on one day of UTC."""

    version: int
    day: date
