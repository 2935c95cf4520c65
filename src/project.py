"""Where the project lies: relative paths of configs are relative to it, wherever a command is typed."""

from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CONF = ROOT / "conf"


def shown_path(path: Path) -> str:
    """Write a path as short as it can be: relative to the project where it lies inside."""
    return str(path.relative_to(ROOT) if path.is_relative_to(ROOT) else path)


def problems_of_file(name: str) -> Iterator[str]:
    """Say why a file named in a config could not be written, without writing it."""
    path = ROOT / name
    if not name or not name.isprintable() or name.startswith("~"):
        yield "must be the path of a file, with ~ written out"
    elif not path.parent.is_dir():
        yield f"must lie in a folder that exists, {path.parent} does not"
    elif path.exists() and not path.is_file():
        yield "must be a file, not a folder or device"
