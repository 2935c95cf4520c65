"""The application in this process, once per call: what it prints, how it exits, what it leaves behind.

A start of Python takes most of a second; the hundreds of commands that are refused share one.
"""

import io
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from hydra.core.global_hydra import GlobalHydra

import deploy_app
import report_app
import serve_app
import tune_app
from db.engine import _engines
from sweep.command import command_line
from sweep.command.application import Application
from sweep.command.deploy_command import DEPLOY
from sweep.command.report_command import REPORT
from sweep.command.serve_command import SERVE
from sweep.command.tune_command import TUNE

APP = Path(tune_app.__file__)
TINY = ("data=synthetic", "data.users=30", "data.movies=25", "data.ratings=300")


@dataclass(frozen=True)
class Answer:
    """How a command ended."""

    code: int
    stdout: str
    stderr: str

    @property
    def lines(self) -> list[str]:
        return self.stderr.splitlines()


def standard(folder: Path) -> list[str]:
    """Keep the record, the outputs and the data of a command inside a folder."""
    return [
        *TINY,
        f"data.cache={folder}/cache",
        f"db.url=sqlite:///{folder}/movies.db",
        f"outputs={folder}/outputs",
    ]


def run_here(*arguments: str, env: dict[str, str] | None = None) -> Answer:
    """Run tune_app in this process; an exception that it does not turn into an exit is ours."""
    return _run_here(APP, tune_app.tune, TUNE, arguments, env)


def report_here(*arguments: str, env: dict[str, str] | None = None) -> Answer:
    """Run report_app in this process."""
    return _run_here(Path(report_app.__file__), report_app.report, REPORT, arguments, env)


def deploy_here(*arguments: str, env: dict[str, str] | None = None) -> Answer:
    """Run deploy_app in this process."""
    return _run_here(Path(deploy_app.__file__), deploy_app.deploy, DEPLOY, arguments, env)


def serve_here(*arguments: str, env: dict[str, str] | None = None) -> Answer:
    """Run serve_app in this process, for what it does before it serves."""
    return _run_here(Path(serve_app.__file__), serve_app.serve, SERVE, arguments, env)


def _run_here(
    app: Path,
    main: Callable[[], None],
    application: Application,
    arguments: Sequence[str],
    env: dict[str, str] | None,
) -> Answer:
    out, err = io.StringIO(), io.StringIO()
    # Imported, the application would have Hydra look for conf/ as a package.
    variables = {"HYDRA_MAIN_MODULE": "__main__", **(env or {})}
    with (
        mock.patch.object(sys, "argv", [str(app), *arguments]),
        mock.patch.dict(os.environ, variables),
        redirect_stdout(out),
        redirect_stderr(err),
        _logging_restored(),
        _databases_closed(),
    ):
        GlobalHydra.instance().clear()
        code: object = 0
        try:
            command_line.run(main, application)
        except SystemExit as stop:
            code = stop.code or 0
    assert isinstance(code, int)
    return Answer(code, out.getvalue(), err.getvalue())


def run_outside(*arguments: str, env: dict[str, str] | None = None, cwd: Path | None = None) -> Answer:
    """Run the application as a user does, in a process of its own."""
    done = subprocess.run(
        [sys.executable, str(APP), *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env=os.environ | (env or {}),
        cwd=cwd,
    )
    return Answer(done.returncode, done.stdout, done.stderr)


def snapshot(folder: Path) -> dict[str, bytes | str | None]:
    """Take down everything below a folder: files with content, links with target."""
    return {str(path.relative_to(folder)): _content(path) for path in sorted(folder.rglob("*"))}


def _content(path: Path) -> bytes | str | None:
    if path.is_symlink():
        return str(path.readlink())
    return path.read_bytes() if path.is_file() else None


@contextmanager
def _databases_closed() -> Iterator[None]:
    """Close what a command opened, as the end of its process would.

    A SQLite file that a test reads while this process has it open loses its locks, so POSIX has it.
    """
    try:
        yield
    finally:
        for engine in _engines.values():
            engine.dispose()
        _engines.clear()


@contextmanager
def _logging_restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    try:
        yield
    finally:
        for handler in set(root.handlers) - set(handlers):
            handler.close()
        root.handlers[:], root.level = handlers, level


def refusal_problems(answer: Answer) -> Sequence[str]:
    """Name what a refusal must not be: without its code, its prefix, or with a traceback or warning."""
    problems = [f"not ours: {line!r}" for line in answer.lines if not line.startswith("reeltune: ")]
    if answer.code != 2:
        problems.append(f"exit {answer.code}")
    if not answer.lines:
        problems.append("silent")
    if answer.stdout:
        problems.append(f"stdout {answer.stdout!r}")
    return problems
