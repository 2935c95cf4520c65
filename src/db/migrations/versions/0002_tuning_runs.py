"""Add the table of runs. Runs that were recorded before it have no row there, and lose nothing."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "hp_tuning_runs",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("tuning_run_id", sa.Text, nullable=False),
        sa.Column("tuning_method", sa.Text, nullable=False),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("objective", sa.Text, nullable=False),
        sa.Column("metric", sa.Text, nullable=False),
        sa.Column("second_metric", sa.Text),
        sa.Column("seed", sa.BigInteger, nullable=False),
        sa.Column("space", sa.JSON, nullable=False),
        sa.Column("data_name", sa.Text, nullable=False),
        sa.Column("data_fingerprint", sa.Text, nullable=False),
        sa.Column("split", sa.JSON, nullable=False),
        sa.Column("attendance", sa.JSON(none_as_null=True)),
        sa.Column("code_version", sa.Text, nullable=False),
        sa.Column("problem_key", sa.Text, nullable=False),
        sa.Column("reference_metrics", sa.JSON, nullable=False),
        sa.Column("planned_trials", sa.Integer, nullable=False),
        sa.Column("warm_started", sa.Integer, nullable=False),
        sa.Column("command", sa.Text, nullable=False),
        sa.Column("environment", sa.JSON, nullable=False),
        sa.Column("output_dir", sa.Text, nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT),
        sa.Column("stop_reason", sa.Text),
        sa.UniqueConstraint("tuning_run_id", name="uq_hp_tuning_runs_tuning_run_id"),
    )
    op.create_index("ix_hp_tuning_runs_problem_key", "hp_tuning_runs", ["problem_key"])
