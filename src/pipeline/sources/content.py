"""Which bytes a file holds, told by their hash; remembered for as long as nothing has touched the file."""

import hashlib
import json
import time
import uuid
from contextlib import suppress
from pathlib import Path

# Seconds that a file must have been left alone before its hash is remembered: two changes within one tick of
# a file system's clock, at most 2 s, leave the same times.
SETTLED = 2.0


def digest_of(file: Path, cache: Path) -> str:
    """Return the SHA-256 of a file's bytes; hashing takes a second a gigabyte, remembering nothing.

    What is remembered holds while the file's size, number and times are the same. Among them is the time
    of its last change, which the system sets and nobody can set back: a file that was edited or replaced is
    hashed again, also where its size and date were kept. A cache that cannot be written remembers nothing.
    """
    stamp = _stamp(file)
    note = cache / "digests" / f"{hashlib.sha256(str(file.resolve()).encode()).hexdigest()[:16]}.json"
    known = _noted(note, stamp)
    if known is not None:
        return known
    is_settled = time.time() - max(stamp[2:]) / 1e9 > SETTLED
    with file.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    if is_settled:
        _remember(note, stamp, digest)
    return digest


def _stamp(file: Path) -> list[int]:
    found = file.stat()
    return [found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns]


def _noted(note: Path, stamp: list[int]) -> str | None:
    try:
        known = json.loads(note.read_text(encoding="utf-8"))
        return str(known["digest"]) if known["stamp"] == stamp else None
    except (OSError, ValueError, LookupError, TypeError):
        return None


def _remember(note: Path, stamp: list[int], digest: str) -> None:
    """Write beside, then rename: whoever looks meets the whole note or none."""
    with suppress(OSError):
        note.parent.mkdir(parents=True, exist_ok=True)
        beside = note.with_name(f".{note.name}-{uuid.uuid4().hex}")
        beside.write_text(json.dumps({"stamp": stamp, "digest": digest}), encoding="utf-8")
        beside.replace(note)
