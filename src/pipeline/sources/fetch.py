"""MovieLens-100K with its knowledge graph, in the RecBole wheel: fetched once with pip, never installed."""

import hashlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from pipeline.parameters import InvalidInput
from pipeline.sources.means import Announce

REQUIREMENT = "recbole==1.2.1"
WHEEL = "recbole-1.2.1-py3-none-any.whl"
SHA256 = "9c9948202011f37eb0a7c6768129313f00d6403ad221ec940d5e2d5d5f33a407"
TIMEOUT = 300.0  # seconds for 2 MB; pip's own retries end long before


class DataUnavailable(InvalidInput):
    """Data is neither in the cache nor to be had; one line that names the ways out."""


def movielens_wheel(cache: Path, announce: Announce) -> Path:
    """Return the path of the checked wheel in the cache, fetching it where it is missing or damaged.

    Raises:
        DataUnavailable: where pip cannot fetch it, or what it fetched is another file.

    """
    wheel = cache / WHEEL
    if wheel.is_file() and _sha256(wheel) == SHA256:
        return wheel
    announce("fetching MovieLens-100K with pip (2 MB, once) …")
    cache.mkdir(parents=True, exist_ok=True)
    # Within the cache, so that the last step is a rename: a reader meets the whole wheel or none.
    with tempfile.TemporaryDirectory(dir=cache, prefix=".fetch-") as folder:
        fetched = Path(folder, WHEEL)
        problem = _download(fetched)
        if problem is not None:
            raise _unavailable(wheel, problem)
        fetched.replace(wheel)
    return wheel


def _download(wheel: Path) -> str | None:
    """Let pip put the wheel at this path; say what went wrong, or None."""
    options = ["--no-deps", "--only-binary=:all:", "--dest", str(wheel.parent), REQUIREMENT]
    command = [sys.executable, "-m", "pip", "download", *options]
    try:
        done = subprocess.run(command, capture_output=True, timeout=TIMEOUT, check=False, env=_environment())
    except subprocess.TimeoutExpired:
        return f"pip did not finish within {TIMEOUT:g} s"
    except OSError as error:
        return f"pip could not be started ({error.strerror})"
    if b"No module named pip" in done.stderr:
        return "this Python has no pip"
    if done.returncode != 0 or not wheel.is_file():
        return f"pip could not fetch it (exit code {done.returncode})"
    if _sha256(wheel) != SHA256:
        return f"pip fetched another file (SHA-256 {_sha256(wheel)}, expected {SHA256})"
    return None


def _environment() -> dict[str, str]:
    """Keep pip from waiting for an answer on a terminal, for example for a password."""
    return {**os.environ, "PIP_NO_INPUT": "1"}


def _unavailable(wheel: Path, problem: str) -> DataUnavailable:
    found = "the file there is not the expected wheel" if wheel.is_file() else "there is no such file"
    return DataUnavailable(
        f"MovieLens-100K is missing: looked for {wheel} ({found}), and {problem}; "
        f"go online once, put the wheel there (pip download --no-deps {REQUIREMENT}), or use data=synthetic"
    )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
