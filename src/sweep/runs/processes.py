"""Which process runs a trial, so that the next start can tell whether it still does."""

import os
import platform
from functools import cache
from pathlib import Path


@cache
def _described(pid: int) -> str:
    return f"{platform.node()}:{pid}:{_start_of(pid) or 0}"


def this_process() -> str:
    """Describe this process: host, number and start; numbers are given out again, starts are not."""
    return _described(os.getpid())


def is_gone(process: str) -> bool:
    """Say whether a described process has ended; one on another host is taken to live."""
    host, number, start = process.rsplit(":", 2)
    if host != platform.node():
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return start != str(_start_of(int(number)) or 0)


def _start_of(pid: int) -> int | None:
    """Read the start of a process in clock ticks since boot; None where the system does not tell."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    # Fields are counted behind the name, which may hold anything, brackets too.
    return int(status.rpartition(")")[2].split()[19])
