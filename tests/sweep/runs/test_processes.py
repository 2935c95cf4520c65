"""Whether the process of a trial still runs."""

import os
import subprocess
import sys

from project import ROOT
from sweep.runs.processes import is_gone, this_process


def test_this_process_is_not_gone() -> None:
    assert not is_gone(this_process())


def test_a_process_that_ended_is_gone() -> None:
    code = "from sweep.runs.processes import this_process; print(this_process())"
    ended = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
    )
    assert is_gone(ended.stdout.strip())


def test_a_number_that_was_given_out_again_is_not_the_old_process() -> None:
    host, number, _ = this_process().rsplit(":", 2)
    assert number == str(os.getpid())
    assert is_gone(f"{host}:{number}:1")


def test_a_process_of_another_host_is_taken_to_live() -> None:
    assert not is_gone("another-host:1:1")
