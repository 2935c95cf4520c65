"""What a run was started by and runs on, so that its numbers can be understood later."""

import os
import platform
import shlex
import subprocess
import sys
from functools import cache
from importlib.metadata import version
from pathlib import Path

from project import ROOT

# Libraries whose version a number or a proposal may depend on.
LIBRARIES = ("numpy", "scipy", "hydra-core", "optuna")


@cache
def versions() -> dict[str, str]:
    """Name the versions that a number may depend on."""
    return {"python": platform.python_version()} | {name: version(name) for name in LIBRARIES}


def environment() -> dict[str, str | int | None]:
    """Describe the machine, the versions and the commit."""
    return {
        **versions(),
        "system": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count(),
        "commit": _commit(),
    }


def command() -> str:
    """Write the command line as it can be typed again from the project."""
    return shlex.join(["python", f"src/{Path(sys.argv[0]).name}", *sys.argv[1:]])


def database_typed() -> list[str]:
    """List the arguments that chose the database, for a command about what is recorded in it."""
    return [word for word in sys.argv[1:] if word.startswith(("db=", "db.url="))]


def _commit() -> str | None:
    """Name the commit, with + behind it where files differ from it; None outside a checkout."""
    try:
        head, changed = _git("rev-parse", "--short=12", "HEAD"), _git("status", "--porcelain", "-uno")
    except (OSError, subprocess.CalledProcessError):
        return None
    return head + ("+" if changed else "")


def _git(*arguments: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(ROOT), *arguments],  # noqa: S607 - whichever git the user has
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()
