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


def config_key(
    model: str, hyperparameters: Mapping[str, float], split: Mapping[str, object], data_fingerprint: str
) -> str:
    """Hash all that decides a trial's metrics; 16 hexadecimal digits. The objective is not part of it."""
    content = {
        "model": model,
        "hyperparameters": dict(hyperparameters),
        "split": dict(split),
        "data": data_fingerprint,
        "code": code_version(),
        "libraries": [np.__version__, scipy.__version__],
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]
