"""What a search learnt from before its first trial: comparable experiments of other runs."""

import json
from collections.abc import Sequence
from pathlib import Path

ANCESTORS_FILE = "warm_start.json"


def keep_ancestors(folder: Path, ancestors: Sequence[str]) -> None:
    """Write the ids of the experiments that a run begins with, so that a resumed one begins with the same."""
    if ancestors:
        text = json.dumps({"experiments": list(ancestors)}, indent=2)
        (folder / ANCESTORS_FILE).write_text(text + "\n", encoding="utf-8")
