"""The tables of what is deployed: versions, which one is active, tests between two, ratings that came in.

One chain of ids leads through them: an experiment's `config_key`, its version, who was exposed to it, what
they rated, what was concluded, and what was rolled back.
"""

from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import Boolean, CheckConstraint, Date, ForeignKey, Index, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from db.tables import Base

BUILDING, READY, ABANDONED = "building", "ready", "abandoned"
ACTIVE = "active"  # the one alias
RUNNING, STOPPED, DECIDED = "running", "stopped", "decided"
LIVE = "live"  # the source of a test of users

Action = Literal["deploy", "activate", "rollback", "promote", "retrain"]
Source = Literal["live", "offline_replay"]
Arm = Literal["champion", "challenger"]


class ModelVersion(Base):
    """A model that can answer users: its files were written, and hashed, before it is called ready."""

    __tablename__ = "model_versions"

    version: Mapped[int] = mapped_column(primary_key=True)
    status: Mapped[str] = mapped_column()
    created_at: Mapped[datetime]
    ready_at: Mapped[datetime | None]
    action: Mapped[str]  # that made it: deploy or retrain
    model: Mapped[str]
    hyperparameters: Mapped[dict[str, Any]]  # as used: weights normalised
    experiment_id: Mapped[str | None]  # of hp_experiments; NULL where hyperparameters were typed
    parent_version: Mapped[int | None] = mapped_column(ForeignKey("model_versions.version"))  # active then
    config_key: Mapped[str]
    problem_key: Mapped[str]  # of data, split and code: equal keys make measurements comparable
    data_name: Mapped[str]
    data_fingerprint: Mapped[str]
    code_version: Mapped[str]
    n_ratings: Mapped[int]  # that it was fitted on
    n_live_ratings: Mapped[int]  # of them, those that came in through the service
    validation: Mapped[dict[str, Any]]  # metric to value, fitted on train
    test: Mapped[dict[str, Any]]  # metric to value, fitted on train + validation
    gate: Mapped[dict[str, Any]]  # what the gate asked and found, rule by rule
    passed: Mapped[bool] = mapped_column(Boolean)  # the gate let it through
    forced: Mapped[bool] = mapped_column(Boolean)  # somebody did
    artifact_path: Mapped[str | None]  # folder, relative to the project where it lies below it
    artifact_sha256: Mapped[str | None]  # of its manifest, which holds those of its files
    artifact_bytes: Mapped[int | None]
    process: Mapped[str | None]  # that builds it; NULL when done

    __table_args__ = (
        CheckConstraint("status IN ('building', 'ready', 'abandoned')", name="ck_model_versions_status"),
        CheckConstraint(
            "status != 'ready' OR artifact_sha256 IS NOT NULL", name="ck_model_versions_ready_has_artifact"
        ),
        # Numbers are given once, also after the last row was deleted by hand.
        {"sqlite_autoincrement": True},
    )


class ModelAlias(Base):
    """A name that points at a version: one row, so that exactly one version is active."""

    __tablename__ = "model_aliases"

    alias: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(ForeignKey("model_versions.version"))
    rev: Mapped[int]  # one more at every switch: what to compare before swapping


class ModelActivation(Base):
    """Every switch of the active version, in order; rows are only ever added."""

    __tablename__ = "model_activations"

    rev: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    from_version: Mapped[int | None] = mapped_column(ForeignKey("model_versions.version"))
    to_version: Mapped[int] = mapped_column(ForeignKey("model_versions.version"))
    action: Mapped[str]
    who: Mapped[str]
    why: Mapped[str]
    forced: Mapped[bool] = mapped_column(Boolean)
    activated_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint(
            "action IN ('deploy', 'activate', 'rollback', 'promote', 'retrain')",
            name="ck_model_activations_action",
        ),
    )


class AbTest(Base):
    """Two versions side by side. What was planned is fixed at the start; only its end is written later."""

    __tablename__ = "ab_tests"

    ab_test_id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    source: Mapped[str]  # live, or a replay of held-out ratings
    champion_version: Mapped[int] = mapped_column(ForeignKey("model_versions.version"))
    challenger_version: Mapped[int] = mapped_column(ForeignKey("model_versions.version"))
    salt: Mapped[str]
    split: Mapped[float]  # share of users that the challenger answers
    plan: Mapped[dict[str, Any]]  # alpha, power, planned effect, planned users, days, margins
    status: Mapped[str]
    who: Mapped[str]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    verdict: Mapped[str | None]  # at its end
    judgement: Mapped[dict[str, Any] | None]  # the figures that the verdict was made of
    stop_reason: Mapped[str | None]

    __table_args__ = (
        CheckConstraint("status IN ('running', 'stopped', 'decided')", name="ck_ab_tests_status"),
        CheckConstraint("source IN ('live', 'offline_replay')", name="ck_ab_tests_source"),
        CheckConstraint("champion_version != challenger_version", name="ck_ab_tests_two_versions"),
        UniqueConstraint("salt", name="uq_ab_tests_salt"),
        {"sqlite_autoincrement": True},
    )


_runs_live = (AbTest.status == RUNNING) & (AbTest.source == LIVE)
Index(
    "ux_ab_tests_one_runs",
    AbTest.source,
    unique=True,
    sqlite_where=_runs_live,
    postgresql_where=_runs_live,
)


class Exposure(Base):
    """The first time that a test showed a user anything."""

    __tablename__ = "exposures"

    ab_test_id: Mapped[int] = mapped_column(ForeignKey("ab_tests.ab_test_id"), primary_key=True)
    user_id: Mapped[str] = mapped_column(primary_key=True)
    arm: Mapped[str]
    version: Mapped[int] = mapped_column(ForeignKey("model_versions.version"))  # that answered
    fell_back: Mapped[bool] = mapped_column(Boolean, server_default=false())  # the arm's own could not
    latency_ms: Mapped[float]
    exposed_at: Mapped[datetime]

    __table_args__ = (CheckConstraint("arm IN ('champion', 'challenger')", name="ck_exposures_arm"),)


class LiveRating(Base):
    """A rating that came in through the service, beside what was foretold of it."""

    __tablename__ = "live_ratings"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[str]
    movie_id: Mapped[str]
    rating: Mapped[float]  # y in [0, 1]: rating / the scale's maximum
    received_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(ForeignKey("model_versions.version"))  # that answered the user then
    # NULL where it was no forecast: the version was fitted on this pair, or the user rates the movie again.
    expected: Mapped[float | None]  # rating in [0, 1]
    answered: Mapped[float | None]  # rating in [0, 1] that accuracy is about
    position: Mapped[int | None]  # among the user's recommendations, 1 the best; NULL where not among them
    ab_test_id: Mapped[int | None] = mapped_column(ForeignKey("ab_tests.ab_test_id"))  # that had shown itself

    __table_args__ = (
        Index("ix_live_ratings_user", "user_id", "movie_id"),
        Index("ix_live_ratings_version", "version", "received_at"),
        Index("ix_live_ratings_ab_test", "ab_test_id", "user_id"),
    )


class ModelPerformance(Base):
    """What a version was worth in the wild on one day: sums, added to with every forecast that was rated."""

    __tablename__ = "model_performance_log"

    version: Mapped[int] = mapped_column(ForeignKey("model_versions.version"), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)  # of UTC
    samples: Mapped[int]
    hits: Mapped[int]  # answered within the tolerance
    absolute_error: Mapped[float]  # sum of |expected - rating|, in [0, 1] each
    squared_error: Mapped[float]  # sum of their squares
