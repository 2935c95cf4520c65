"""What a number depends on, as short hashes: equal keys promise equal numbers."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

import numpy as np
import scipy


@cache
def code_version() -> str:
    """Hash the sources that make the numbers, this room's; 16 hexadecimal digits."""
    return hash_of_sources(Path(__file__).parent.rglob("*.py"))


def hash_of_sources(files: Iterable[Path]) -> str:
    """Hash some of this room's sources by their place in it and their content; 16 hexadecimal digits."""
    room = Path(__file__).parent
    digest = hashlib.sha256()
    for source in sorted(files):
        content = source.read_bytes()
        digest.update(f"{source.relative_to(room).as_posix()} {len(content)} ".encode() + content)
    return digest.hexdigest()[:16]


def problem_key(split: Mapping[str, object], data_fingerprint: str, ranking_users: int | None = None) -> str:
    """Hash what every trial of a run is measured on and by; equal keys make metrics comparable.

    Args:
        split: its name and settings.
        data_fingerprint: of the ratings.
        ranking_users: size of the sample whose rankings are measured; None where everybody's are.

    """
    return _short_hash(
        {
            "split": dict(split),
            "ranking_users": ranking_users,
            "data": data_fingerprint,
            "code": code_version(),
            "libraries": [np.__version__, scipy.__version__],
        }
    )


def config_key(problem: str, model: str, hyperparameters: Mapping[str, float]) -> str:
    """Hash all that decides a trial's metrics. The objective is not part of it.

    Args:
        problem: what it is measured on, as `problem_key` names it.
        model: name of the model.
        hyperparameters: as the model uses them.

    """
    return _short_hash({"problem": problem, "model": model, "hyperparameters": dict(hyperparameters)})


def _short_hash(content: Mapping[str, object]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]
