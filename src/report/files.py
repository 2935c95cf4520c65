"""Files that a report is written to: where they go, and that they are there whole or not at all."""

import os
from pathlib import Path

from pipeline.parameters import InvalidInput

PAGE = "report.html"
DATA_PAGE = "data.html"
STUDY = "optuna.db"


def replaced(path: Path, text: str) -> None:
    """Write a file in one step, so that nobody ever reads half of it.

    Raises:
        InvalidInput: where it cannot be written.

    """
    begun = path.with_name(f".{path.name}-{os.getpid()}")
    try:
        begun.write_text(text, encoding="utf-8")
        begun.replace(path)
    except OSError as error:
        raise InvalidInput(f"report.output cannot be written to {path}: {error.strerror}") from error
