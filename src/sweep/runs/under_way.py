"""How far the trials are that are being measured: files in the run's folder, whatever process writes them."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pipeline.progress import Listener, heard_by

FOLDER = ".under_way"
QUIET_SECONDS = 1.5  # a trial that is over by then is not spoken of
WRITE_SECONDS = 0.5
LINE_SECONDS = 10.0
FORGOTTEN_SECONDS = 120.0  # whoever wrote nothing for so long was killed


@contextmanager
def under_way(run_folder: Path, trial: str) -> Iterator[None]:
    """Leave word of how far a trial is, as long as it runs; a trial of a moment leaves none."""
    file = run_folder / FOLDER / trial

    def write(told: str) -> None:
        file.parent.mkdir(exist_ok=True)
        file.write_text(told, encoding="utf-8")

    try:
        with heard_by(_at_times(write, WRITE_SECONDS)):
            yield
    finally:
        file.unlink(missing_ok=True)
        with suppress(OSError):  # it never was, or others are still under way
            file.parent.rmdir()


@contextmanager
def said_in_lines(what: str) -> Iterator[None]:
    """Say on stderr how far work is that precedes the trials, from time to time."""
    with heard_by(
        _at_times(lambda told: print(f"{what}: {told}", file=sys.stderr, flush=True), LINE_SECONDS)
    ):
        yield


def trials_under_way(run_folder: Path) -> list[str]:
    """Say of each trial that takes long how far it is: "trial 3: ranking 45%"."""
    return [told for file in sorted(run_folder.glob(f"{FOLDER}/*")) if (told := _told(file))]


def _told(file: Path) -> str:
    """Read what a trial left; nothing where it is over by now, or was killed long ago."""
    try:
        if time.time() - file.stat().st_mtime > FORGOTTEN_SECONDS:
            return ""
        share = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
    return f"trial {int(file.name)}: {share}" if share else ""


def _at_times(tell: Callable[[str], None], seconds: float) -> Listener:
    """Listen to every step, and tell of it once the quiet is over, then every so many seconds."""
    next_time = time.monotonic() + QUIET_SECONDS

    def listen(work: str, share: float) -> None:
        nonlocal next_time
        if time.monotonic() >= next_time:
            tell(f"{work} {share:.0%}")
            next_time = time.monotonic() + seconds

    return listen
