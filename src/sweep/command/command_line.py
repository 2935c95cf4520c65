"""The command line's two ends: a user's mistake leaves as one line, our own bugs keep their traceback."""

import io
import os
import sys
from argparse import Namespace
from collections.abc import Callable
from contextlib import redirect_stderr
from pathlib import Path
from typing import NoReturn

from hydra._internal.utils import get_args_parser
from hydra.errors import CompactHydraException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from pipeline.parameters import InvalidInput
from sweep.command.application import Application
from sweep.command.composing import composed
from sweep.command.messages import explained

USAGE_ERROR = 2


def run(main: Callable[[], None], application: Application) -> None:
    """Run a Hydra application; exit with 2 and one line a problem where the command line is wrong."""
    # Hydra would print the errors of a job itself, at length; raised, they come here.
    os.environ.setdefault("HYDRA_FULL_ERROR", "1")
    try:
        sys.argv[1:] = application.rewritten(sys.argv[1:])
        check_command(sys.argv[1:], application)
        main()
    except InvalidInput as error:
        refuse(error)
    except (CompactHydraException, OmegaConfBaseException) as error:
        refuse(InvalidInput(explained(error, application)))
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        raise SystemExit(130) from None


def refuse(error: InvalidInput) -> NoReturn:
    """Print what is wrong, one line a problem, and exit."""
    for line in error.problems:
        print(f"reeltune: {_one_line(line)}", file=sys.stderr)
    raise SystemExit(USAGE_ERROR)


def check_command(arguments: list[str], application: Application) -> None:
    """Compose the config and check it before Hydra does: from its own, Hydra opens log files at once.

    Raises:
        InvalidInput: with every problem found.

    """
    options = _options(arguments)
    if options.help or options.hydra_help or options.shell_completion:
        return
    if options.multirun and application.one_run is not None:
        raise InvalidInput(f"-m is not supported: {application.one_run}")
    config, problems = composed(options, application)
    if options.cfg or options.info is not None:
        problems += _secrets(config)
        if options.resolve:
            problems += _shown_secrets(config)
    else:
        problems += application.problems(config, options)
    if problems:
        raise InvalidInput(dict.fromkeys(problems))


def _options(arguments: list[str]) -> Namespace:
    """Read Hydra's options, and refuse those that would pass by our config or our checks."""
    said = io.StringIO()
    try:
        with redirect_stderr(said):
            options = get_args_parser().parse_intermixed_args(arguments)
    except SystemExit as stop:
        if not stop.code:
            raise
        raise InvalidInput(said.getvalue().strip().rpartition("error: ")[2]) from None
    refused = {
        "--config-path": (options.config_path, "add a folder of presets with --config-dir"),
        "--config-name": (options.config_name, "add a folder of presets with --config-dir"),
        "--experimental-rerun": (options.experimental_rerun, "use rerun=FOLDER"),
    }
    problems = [f"{name} is not supported: {hint}" for name, (value, hint) in refused.items() if value]
    if options.config_dir is not None and not Path(options.config_dir).is_dir():
        problems.append(f"--config-dir must be a folder, got {options.config_dir!r}")
    modes = (options.run, options.multirun, options.cfg, options.info)
    if sum(bool(mode) for mode in modes) > 1:
        problems.append("of --run, --multirun, --cfg and --info only one can be given")
    if options.resolve and not options.cfg:
        problems.append("--resolve needs --cfg")
    if problems:
        raise InvalidInput(problems)
    return options


def _secrets(config: DictConfig) -> list[str]:
    from sweep.sections import check_secrets, collected  # noqa: PLC0415 - not for --help

    problems: list[str] = []
    collected(problems, check_secrets, config)
    return problems


def _shown_secrets(config: DictConfig) -> list[str]:
    """Refuse to print what --resolve would fetch from the environment."""
    from db.urls import password_in  # noqa: PLC0415 - not for --help

    urls = {key: OmegaConf.select(config, key) for key in ("db.url", "data.url")}
    return [
        f"--resolve would show the password in {key}; leave --resolve out, or put it into PGPASSWORD"
        for key, url in urls.items()
        if isinstance(url, str) and password_in(url)
    ]


def _one_line(text: str) -> str:
    """Join lines, and hide the password of a URL that never came as far as the checks."""
    from db.urls import safe_url  # noqa: PLC0415 - not for --help

    line = " ".join(text.split())
    return safe_url(line) if "://" in line else line
