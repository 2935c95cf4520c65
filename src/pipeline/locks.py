"""One process at a time: a lock file whose lock ends with its holder, however that ends."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

if sys.platform != "win32":
    import fcntl


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Wait for whoever holds the lock of this name, then hold it inside the block, and leave no file behind.

    The system releases the lock of a process that dies. Where there can be none (no such file system, a
    folder that cannot be written, Windows) nobody waits: a lock saves work here, it keeps nothing right.
    """
    held = _held(path)
    try:
        yield
    finally:
        if held is not None:
            path.unlink(missing_ok=True)
            os.close(held)


def _held(path: Path) -> int | None:
    """Open the file and lock it; once more where whoever held it took the file away."""
    if sys.platform == "win32":
        return None
    while True:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        except OSError:
            return None
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            if path.exists() and os.path.samestat(os.fstat(file), path.stat()):
                return file
        except OSError:
            os.close(file)
            return None
        os.close(file)
