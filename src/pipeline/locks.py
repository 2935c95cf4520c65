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


@contextmanager
def marked(folder: Path) -> Iterator[None]:
    """Hold a folder inside the block, so that others see that somebody still works on it."""
    held = None if sys.platform == "win32" else _locked(folder)
    try:
        yield
    finally:
        if held is not None:
            os.close(held)


def is_forsaken(folder: Path) -> bool:
    """Say whether nobody holds a folder any more; where locks cannot tell, somebody may."""
    held = None if sys.platform == "win32" else _locked(folder)
    if held is not None:
        os.close(held)
    return held is not None


if sys.platform != "win32":

    def _locked(folder: Path) -> int | None:
        """Open and lock a folder; None where another process holds it, or there are no locks."""
        try:
            held = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return None
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(held)
            return None
        return held


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
