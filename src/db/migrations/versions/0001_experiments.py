"""Make both tables, or adopt the seed's: missing columns and indexes are added, nothing else is touched.

The columns are spelled out: a later change of the dataclasses must not change what this revision did.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None  # and no way back: a table that was adopted is the user's own

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    present = sa.inspect(op.get_bind()).get_table_names()
    for name, columns, constraints in (
        ("hp_experiments", experiments(), experiment_rules()),
        ("hp_tuning_history", history(), ()),
    ):
        if name in present:
            add_missing_columns(name, columns)
        else:
            op.create_table(name, *columns, *constraints)
    if "hp_experiments" in present:
        make_experiment_ids_unique()
    create_indexes()


def add_missing_columns(table: str, columns: tuple[sa.Column[object], ...]) -> None:
    """Add each column that an existing table lacks; rows that are there hold NULL in it."""
    present = {column["name"].lower() for column in sa.inspect(op.get_bind()).get_columns(table)}
    for column in columns:
        if column.name not in present:
            op.add_column(table, sa.Column(column.name, column.type))


def make_experiment_ids_unique() -> None:
    """Add a unique index where the adopted table has no such rule.

    The status check is left out on adoption: SQLite would have to copy the user's table, whose rows may
    also hold another status. Our own code writes the four constants only.
    """
    inspector = sa.inspect(op.get_bind())
    constraints = inspector.get_unique_constraints("hp_experiments")
    unique = [index for index in inspector.get_indexes("hp_experiments") if index["unique"]]
    if not any(rule["column_names"] == ["experiment_id"] for rule in (*constraints, *unique)):
        op.create_index("ux_hp_experiments_experiment_id", "hp_experiments", ["experiment_id"], unique=True)


def create_indexes() -> None:
    """Index trials and keys; of the history only our rows, as the seed's may name an iteration twice."""
    op.create_index(
        "ux_hp_experiments_trial", "hp_experiments", ["tuning_run_id", "trial_number"], unique=True
    )
    op.create_index("ix_hp_experiments_config_key", "hp_experiments", ["config_key"])
    ours = sa.text("experiment_id IS NOT NULL")
    op.create_index(
        "ux_hp_tuning_history_iteration",
        "hp_tuning_history",
        ["tuning_run_id", "iteration"],
        unique=True,
        sqlite_where=ours,
        postgresql_where=ours,
    )


def experiment_rules() -> tuple[sa.Constraint, ...]:
    return (
        sa.CheckConstraint(
            "status IN ('pending', 'interrupted', 'completed', 'failed')", name="ck_hp_experiments_status"
        ),
        sa.UniqueConstraint("experiment_id", name="uq_hp_experiments_experiment_id"),
    )


def experiments() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("experiment_id", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("created_at", MOMENT),
        sa.Column("completed_at", MOMENT),
        sa.Column("genre_weight", sa.Double),
        sa.Column("cast_weight", sa.Double),
        sa.Column("franchise_weight", sa.Double),
        sa.Column("rating_weight", sa.Double),
        sa.Column("popularity_weight", sa.Double),
        sa.Column("genre_boost_high", sa.Double),
        sa.Column("genre_boost_medium", sa.Double),
        sa.Column("genre_boost_low", sa.Double),
        sa.Column("genre_threshold_high", sa.Double),
        sa.Column("genre_threshold_medium", sa.Double),
        sa.Column("genre_threshold_low", sa.Double),
        sa.Column("cast_lead_weight", sa.Double),
        sa.Column("cast_supporting_weight", sa.Double),
        sa.Column("cast_background_weight", sa.Double),
        sa.Column("cast_lead_threshold", sa.Integer),
        sa.Column("cast_supporting_threshold", sa.Integer),
        sa.Column("popularity_rating_weight", sa.Double),
        sa.Column("popularity_count_weight", sa.Double),
        sa.Column("accuracy_threshold", sa.Double),
        sa.Column("test_accuracy", sa.Double),
        sa.Column("improvement_from_baseline", sa.Double),
        sa.Column("recommendation_quality_score", sa.Double),
        sa.Column("tuning_method", sa.Text),
        sa.Column("parent_experiment_id", sa.Text),
        sa.Column("tuning_run_id", sa.Text),
        sa.Column("trial_number", sa.Integer),
        sa.Column("model", sa.Text),
        sa.Column("objective", sa.Text),
        sa.Column("objective_value", sa.Double),
        sa.Column("validation_accuracy", sa.Double),
        sa.Column("validation_balanced_accuracy", sa.Double),
        sa.Column("validation_mae", sa.Double),
        sa.Column("validation_rmse", sa.Double),
        sa.Column("validation_recall", sa.Double),
        sa.Column("validation_coverage", sa.Double),
        sa.Column("test_balanced_accuracy", sa.Double),
        sa.Column("test_mae", sa.Double),
        sa.Column("test_rmse", sa.Double),
        sa.Column("test_ndcg", sa.Double),
        sa.Column("test_recall", sa.Double),
        sa.Column("test_coverage", sa.Double),
        sa.Column("config_key", sa.Text),
        sa.Column("data_fingerprint", sa.Text),
        sa.Column("code_version", sa.Text),
        sa.Column("seed", sa.BigInteger),
        sa.Column("duration_seconds", sa.Double),
        sa.Column("output_dir", sa.Text),
        sa.Column("error", sa.Text),
        sa.Column("reused_from", sa.Text),
        sa.Column("process", sa.Text),
    )


def history() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("tuning_run_id", sa.Text, nullable=False),
        sa.Column("iteration", sa.Integer, nullable=False),
        sa.Column("timestamp", MOMENT),
        sa.Column("best_accuracy", sa.Double),
        sa.Column("best_experiment_id", sa.Text),
        sa.Column("exploration_phase", sa.Text),
        sa.Column("best_objective", sa.Double),
        sa.Column("experiment_id", sa.Text),
    )
