"""Add versions of the model, which one is active, tests between two, and ratings that came in."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _add_versions()
    _add_tests()
    _add_ratings()


def _version(name: str, *, nullable: bool = True, primary_key: bool = False) -> sa.Column[int]:
    points_at = sa.ForeignKey("model_versions.version")
    return sa.Column(name, sa.Integer, points_at, nullable=nullable, primary_key=primary_key)


def _add_versions() -> None:
    op.create_table(
        "model_versions",
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("ready_at", MOMENT),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("hyperparameters", sa.JSON, nullable=False),
        sa.Column("experiment_id", sa.Text),
        _version("parent_version"),
        sa.Column("config_key", sa.Text, nullable=False),
        sa.Column("problem_key", sa.Text, nullable=False),
        sa.Column("data_name", sa.Text, nullable=False),
        sa.Column("data_fingerprint", sa.Text, nullable=False),
        sa.Column("code_version", sa.Text, nullable=False),
        sa.Column("n_ratings", sa.Integer, nullable=False),
        sa.Column("n_live_ratings", sa.Integer, nullable=False),
        sa.Column("validation", sa.JSON, nullable=False),
        sa.Column("test", sa.JSON, nullable=False),
        sa.Column("gate", sa.JSON, nullable=False),
        sa.Column("passed", sa.Boolean, nullable=False),
        sa.Column("forced", sa.Boolean, nullable=False),
        sa.Column("artifact_path", sa.Text),
        sa.Column("artifact_sha256", sa.Text),
        sa.Column("artifact_bytes", sa.Integer),
        sa.Column("process", sa.Text),
        sa.CheckConstraint("status IN ('building', 'ready', 'abandoned')", name="ck_model_versions_status"),
        sa.CheckConstraint(
            "status != 'ready' OR artifact_sha256 IS NOT NULL", name="ck_model_versions_ready_has_artifact"
        ),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "model_aliases",
        sa.Column("alias", sa.Text, primary_key=True),
        _version("version", nullable=False),
        sa.Column("rev", sa.Integer, nullable=False),
    )
    op.create_table(
        "model_activations",
        sa.Column("rev", sa.Integer, primary_key=True, autoincrement=False),
        _version("from_version"),
        _version("to_version", nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("forced", sa.Boolean, nullable=False),
        sa.Column("activated_at", MOMENT, nullable=False),
        sa.CheckConstraint(
            "action IN ('deploy', 'activate', 'rollback', 'promote', 'retrain')",
            name="ck_model_activations_action",
        ),
    )


def _add_tests() -> None:
    op.create_table(
        "ab_tests",
        sa.Column("ab_test_id", sa.Integer, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        _version("champion_version", nullable=False),
        _version("challenger_version", nullable=False),
        sa.Column("salt", sa.Text, nullable=False),
        sa.Column("split", sa.Double, nullable=False),
        sa.Column("plan", sa.JSON, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT),
        sa.Column("verdict", sa.Text),
        sa.Column("judgement", sa.JSON(none_as_null=True)),
        sa.Column("stop_reason", sa.Text),
        sa.CheckConstraint("status IN ('running', 'stopped', 'decided')", name="ck_ab_tests_status"),
        sa.CheckConstraint("source IN ('live', 'offline_replay')", name="ck_ab_tests_source"),
        sa.CheckConstraint("champion_version != challenger_version", name="ck_ab_tests_two_versions"),
        sa.UniqueConstraint("salt", name="uq_ab_tests_salt"),
        sqlite_autoincrement=True,
    )
    runs_live = sa.text("status = 'running' AND source = 'live'")
    op.create_index(
        "ux_ab_tests_one_runs",
        "ab_tests",
        ["source"],
        unique=True,
        sqlite_where=runs_live,
        postgresql_where=runs_live,
    )
    op.create_table(
        "exposures",
        sa.Column("ab_test_id", sa.Integer, sa.ForeignKey("ab_tests.ab_test_id"), primary_key=True),
        sa.Column("user_id", sa.Text, primary_key=True),
        sa.Column("arm", sa.Text, nullable=False),
        _version("version", nullable=False),
        sa.Column("fell_back", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("latency_ms", sa.Double, nullable=False),
        sa.Column("exposed_at", MOMENT, nullable=False),
        sa.CheckConstraint("arm IN ('champion', 'challenger')", name="ck_exposures_arm"),
    )


def _add_ratings() -> None:
    op.create_table(
        "live_ratings",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("user_id", sa.Text, nullable=False),
        sa.Column("movie_id", sa.Text, nullable=False),
        sa.Column("rating", sa.Double, nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        _version("version", nullable=False),
        sa.Column("expected", sa.Double),
        sa.Column("answered", sa.Double),
        sa.Column("position", sa.Integer),
        sa.Column("ab_test_id", sa.Integer, sa.ForeignKey("ab_tests.ab_test_id")),
    )
    op.create_index("ix_live_ratings_user", "live_ratings", ["user_id", "movie_id"])
    op.create_index("ix_live_ratings_version", "live_ratings", ["version", "received_at"])
    op.create_index("ix_live_ratings_ab_test", "live_ratings", ["ab_test_id", "user_id"])
    op.create_table(
        "model_performance_log",
        _version("version", nullable=False, primary_key=True),
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("samples", sa.Integer, nullable=False),
        sa.Column("hits", sa.Integer, nullable=False),
        sa.Column("absolute_error", sa.Double, nullable=False),
        sa.Column("squared_error", sa.Double, nullable=False),
    )
