"""The database of the system that the project grew from."""

import sqlite3
from pathlib import Path

from db.tables import HYPERPARAMETERS

SEED_HISTORY = """
CREATE TABLE hp_tuning_history (id INTEGER PRIMARY KEY, tuning_run_id TEXT, iteration INTEGER,
    timestamp TIMESTAMP, best_accuracy REAL, best_experiment_id TEXT, exploration_phase TEXT)
"""


def seed_experiments(hyperparameters: int, unique: str = "UNIQUE") -> str:
    columns = ", ".join(f"{name} REAL" for name in HYPERPARAMETERS[:hyperparameters])
    return f"""
CREATE TABLE hp_experiments (id INTEGER PRIMARY KEY, experiment_id TEXT {unique}, status TEXT,
    created_at TIMESTAMP, completed_at TIMESTAMP, {columns}, test_accuracy REAL,
    improvement_from_baseline REAL, recommendation_quality_score REAL, tuning_method TEXT,
    parent_experiment_id TEXT, my_own_note TEXT)
"""


def fill_as_seed(path: Path, *, hyperparameters: int = 18, unique: str = "UNIQUE") -> None:
    """Make the seed's database with three experiments, and a history that names an iteration twice."""
    database = sqlite3.connect(path)
    database.execute(seed_experiments(hyperparameters, unique))
    database.execute(SEED_HISTORY)
    database.executemany(
        "INSERT INTO hp_experiments"
        " (experiment_id, status, created_at, genre_weight, test_accuracy, my_own_note)"
        " VALUES (?, ?, ?, 0.4, ?, 'mine')",
        [
            ("random_20251130_155355_001", "completed", "2025-11-30T15:53:55.123456", 0.71),
            ("random_20251130_155355_002", "completed", "2025-11-30 15:53:56", 0.74),
            ("random_20251130_155355_003", "running?", None, None),
        ],
    )
    database.executemany(
        "INSERT INTO hp_tuning_history (tuning_run_id, iteration, best_accuracy) VALUES ('r', ?, 0.7)",
        [(1,), (1,), (2,)],
    )
    database.commit()
    database.close()
