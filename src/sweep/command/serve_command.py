"""Commands of serve_app: what is checked of them beside what every application checks."""

from argparse import Namespace
from collections.abc import Iterator
from importlib.util import find_spec

from omegaconf import DictConfig

from sweep.command.application import Application
from sweep.command.one_run import problems_of_one_run

INSTALL = "python -m pip install -c constraints.txt -e '.[service]'"
PACKAGES = ("fastapi", "fastapi_offline", "jinja2", "plotly", "prometheus_client", "uvicorn")


def problems_of(config: DictConfig, options: Namespace) -> list[str]:
    """Name every problem of a command that is to serve."""
    from sweep.command.serve_settings import read_serve_settings  # noqa: PLC0415 - not for --help

    return [*_missing_packages(), *problems_of_one_run(config, options, SERVE, read_serve_settings)]


def _missing_packages() -> Iterator[str]:
    missing = [package for package in PACKAGES if find_spec(package) is None]
    if missing:
        yield f"serve_app needs {', '.join(missing)}: run {INSTALL}"


SERVE = Application("serve", problems_of, one_run="one service runs at a time; start another on another port")
