"""One at a time, whatever becomes of the one; and so one builder of a dataset on a machine."""

import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from pipeline.locks import alone

# Builds data that says who built it, slowly enough for all others to come meanwhile.
BUILDER = """
import os, sys, time
from pathlib import Path
sys.path[:0] = {path!r}
from test_store import small
from pipeline.store import cached

home = Path(sys.argv[1])

def build():
    (home / f"built-{{os.getpid()}}").touch()
    time.sleep(float(sys.argv[2]))
    return small(), {{}}

(home / f"begun-{{os.getpid()}}").touch()
assert cached("a", build, home / "cache").fingerprint == small().fingerprint
"""


def builders(home: Path, count: int, seconds: float) -> list[subprocess.Popen[bytes]]:
    code = BUILDER.format(path=sys.path)
    command: Sequence[str] = (sys.executable, "-c", code, str(home), str(seconds))
    return [subprocess.Popen(command) for _ in range(count)]


def wait_for(home: Path, pattern: str, count: int) -> list[Path]:
    for _ in range(600):
        found = list(home.glob(pattern))
        if len(found) == count:
            return found
        time.sleep(0.05)
    raise AssertionError(f"{len(found)} of {count} {pattern}")


def test_of_several_processes_one_builds_and_the_others_map_what_it_left(tmp_path: Path) -> None:
    processes = builders(tmp_path, 3, seconds=1)
    assert [process.wait(60) for process in processes] == [0, 0, 0]
    assert len(list(tmp_path.glob("built-*"))) == 1
    assert [path.name for path in (tmp_path / "cache").iterdir()] == ["a"], "no lock stays behind"


def test_the_lock_of_a_builder_that_was_killed_is_nobodys(tmp_path: Path) -> None:
    processes = builders(tmp_path, 2, seconds=30)
    (built,) = wait_for(tmp_path, "built-*", 1)
    wait_for(tmp_path, "begun-*", 2)
    first = next(process for process in processes if built.name == f"built-{process.pid}")
    first.send_signal(signal.SIGKILL)
    first.wait(10)
    # The other one is awake at once, and builds.
    wait_for(tmp_path, "built-*", 2)
    for process in processes:
        process.kill()
        process.wait(10)


def test_where_no_lock_can_be_made_nobody_waits(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with alone(tmp_path / "file" / "lock"):
        assert not (tmp_path / "file" / "lock").exists()


def test_a_lock_is_released_where_the_work_fails(tmp_path: Path) -> None:
    def broken() -> None:
        with alone(tmp_path / "lock"):
            assert (tmp_path / "lock").exists()
            raise ValueError("of the work")

    with pytest.raises(ValueError, match="of the work"):
        broken()
    assert list(tmp_path.iterdir()) == []
    with alone(tmp_path / "lock"):
        pass
