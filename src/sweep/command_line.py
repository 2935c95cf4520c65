"""The command line's two ends: a user's mistake leaves as one line, our own bugs keep their traceback."""

import io
import os
import re
import sys
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from hydra._internal.utils import create_config_search_path, get_args_parser
from hydra.core.config_search_path import SearchPathQuery
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override, QuotedString
from hydra.core.utils import setup_globals
from hydra.errors import CompactHydraException, MissingConfigException, OverrideParseException
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError

from pipeline.parameters import InvalidInput
from project import ROOT
from sweep.rerun import with_rerun

if TYPE_CHECKING:
    from hydra._internal.config_loader_impl import ConfigLoaderImpl

USAGE_ERROR = 2
CONF = ROOT / "conf"
CONFIG_NAME = "config"
# Of Hydra's own keys a user may change these; the others say where files go and what is executed.
HYDRA_KEYS = (
    "hydra.sweeper.n_trials",
    "hydra.sweeper.n_jobs",
    "hydra.sweeper.max_batch_size",
    "hydra.sweeper.start_from_current",
    "hydra.sweeper.params",
    "hydra.sweeper.sampler.multivariate",
    "hydra.sweeper.sampler.constant_liar",
    "hydra.sweeper.sampler.n_startup_trials",
    "hydra.sweeper.sampler.n_ei_candidates",
    "hydra.launcher.n_jobs",
)
INSTEAD = {
    "hydra.run": "choose outputs=… or run_id=…",
    "hydra.sweep": "choose outputs=… or run_id=…",
    "hydra.mode": "type -m for many trials",
    "hydra.searchpath": "use --config-dir",
    "hydra/sweeper": "choose search=…",
    "hydra/launcher": "choose launch=…",
}
# What composing raises where the user's config is wrong; Hydra raises ValueError for some.
WRONG_CONFIG = (CompactHydraException, OmegaConfBaseException, YAMLError, ValueError)


def run(app: Callable[[], None]) -> None:
    """Run a Hydra application; exit with 2 and one line a problem where the command line is wrong."""
    # Hydra would print the errors of a job itself, at length; raised, they come here.
    os.environ.setdefault("HYDRA_FULL_ERROR", "1")
    try:
        sys.argv[1:] = with_rerun(sys.argv[1:])
        check_command(sys.argv[1:])
        app()
    except (InvalidInput, CompactHydraException, OmegaConfBaseException) as error:
        refuse(error)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        raise SystemExit(130) from None


def refuse(error: Exception) -> NoReturn:
    """Print what is wrong, one line a problem, and exit."""
    lines = error.problems if isinstance(error, InvalidInput) else [explained(error)]
    for line in lines:
        print(f"reeltune: {_one_line(line)}", file=sys.stderr)
    raise SystemExit(USAGE_ERROR)


def check_command(arguments: list[str]) -> None:
    """Compose the config and check it before Hydra does: from its own, Hydra opens log files at once.

    Raises:
        InvalidInput: with every problem found.

    """
    options = _options(arguments)
    if options.help or options.hydra_help or options.shell_completion:
        return
    from sweep.checks import check_secrets, checked_settings, collected  # noqa: PLC0415 - not for --help

    config, problems = _composed(options)
    if options.cfg or options.info is not None:
        collected(problems, check_secrets, config)
        if options.resolve:
            problems += _shown_secrets(config)
    elif options.multirun or not _many_asked_of_one(config, problems):
        problems += _hidden_rerun(config, options.overrides)
        collected(problems, checked_settings, config)
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


def _composed(options: Namespace) -> tuple[DictConfig, list[str]]:
    """Compose as Hydra will; overrides that cannot be composed are named and left out, so that all are."""
    problems: list[str] = []
    overrides = [line for line in options.overrides if _is_legal(line, problems)]
    loader = _loader(options.config_dir)
    while True:
        try:
            return _load(loader, overrides, many=options.multirun), problems
        except WRONG_CONFIG as error:
            problems.append(explained(error))
            culprit = _culprit(error, overrides)
            if culprit is None:
                raise InvalidInput(problems) from error
            overrides.remove(culprit)


def _loader(config_dir: str | None) -> "ConfigLoaderImpl":
    from hydra._internal.config_loader_impl import ConfigLoaderImpl  # noqa: PLC0415 - not for --help

    setup_globals()
    search_path = create_config_search_path(str(CONF))
    if config_dir is not None:
        folder = f"file://{Path(config_dir).absolute()}"
        search_path.prepend(provider="command-line", path=folder, anchor=SearchPathQuery(provider="schema"))
    return ConfigLoaderImpl(config_search_path=search_path)


def _load(loader: "ConfigLoaderImpl", overrides: list[str], *, many: bool) -> DictConfig:
    mode = RunMode.MULTIRUN if many else RunMode.RUN
    config = loader.load_configuration(CONFIG_NAME, overrides, run_mode=mode)
    config.hydra.mode = mode
    return config


def _is_legal(line: str, problems: list[str]) -> bool:
    """Parse one override, and refuse it where it changes what is Hydra's own."""
    try:
        override = OverridesParser.create().parse_overrides([line])[0]
    except OverrideParseException as error:
        problems.append(_open_secret(line) or explained(error))
        return False
    problem = _hydra_key_problem(override) or _preset_problem(override)
    if problem:
        problems.append(problem)
    return problem is None


def _open_secret(line: str) -> str | None:
    """Say what is worse than the syntax of a URL such as postgresql://user@host/db?password=…"""
    from db.urls import password_in  # noqa: PLC0415 - not for --help
    from sweep.checks import NOT_IN_CONFIG  # noqa: PLC0415

    return NOT_IN_CONFIG if _bare(line).startswith("db") and password_in(line) else None


def _hydra_key_problem(override: Override) -> str | None:
    key = override.key_or_group
    if re.split(r"[./]", key)[0] != "hydra" and not (override.package or "").startswith("hydra"):
        return None
    if not any(key == known or key.startswith(f"{known}.") for known in HYDRA_KEYS):
        for prefix, hint in INSTEAD.items():
            if key == prefix or key.startswith((f"{prefix}.", f"{prefix}/")):
                return f"{key} is fixed: {hint}"
        return f"{key} is fixed{_nearest(key, list(HYDRA_KEYS), '')}"
    if override.is_sweep_override() and not key.startswith("hydra.sweeper.params."):
        return f"{key} cannot be swept: all trials of a run share it"
    return None


def _preset_problem(override: Override) -> str | None:
    """Refuse model=null and its like, of which Hydra would not name the key."""
    key = override.key_or_group
    if not key:
        return f"{override.input_line} is not a legal override: it has no key"
    if key not in {folder.name for folder in CONF.iterdir()}:
        return None
    if override.is_delete():
        return f"{key} cannot be left out: choose {key}=…"
    value = override.value()
    if override.is_add() and not isinstance(value, dict):
        return f"{key} is chosen once: write {_bare(str(override.input_line))}"
    named = override.is_sweep_override() or isinstance(value, str | QuotedString | dict)
    return None if named else f"{key} must be the name of a preset, got {override.input_line}"


def _culprit(error: Exception, overrides: list[str]) -> str | None:
    """Find the override that an error is about, as it was typed."""
    text = str(error)
    if isinstance(error, MissingConfigException) and error.missing_cfg_file:
        group, _, choice = str(error.missing_cfg_file).rpartition("/")
        named = [line for line in overrides if _bare(line) == f"{group}={choice}"]
        return named[-1] if named else None
    key = _named_key(text)
    found = [line for line in overrides if line in text or (key and _bare(line).split("=")[0] == key)]
    return max(found, key=len, default=None)


def _bare(line: str) -> str:
    return line.lstrip("+~")


def _named_key(text: str) -> str | None:
    """Read the key in a message of Hydra's about one that does not exist."""
    for pattern in (
        r"Could not override '([^']+)'",
        r"Could not delete from config. '([^']+)'",
        r"Could not delete '([^']+)'",
        r"In '[^']+': Could not find '([^']+)'",
    ):
        found = re.match(pattern, text)
        if found:
            return found[1].split("=")[0]
    return None


def _many_asked_of_one(config: DictConfig, problems: list[str]) -> bool:
    """Say, and note, that a search was chosen without -m: its other settings may well be legal."""
    method = OmegaConf.select(config, "search.method")
    if method in {path.stem for path in (CONF / "search").glob("[!_]*.yaml")} - {"manual"}:
        command = f"python src/tune_app.py -m search={method}"
        problems.append(f"search={method} runs many trials and needs -m: {command}")
        return True
    return False


def _hidden_rerun(config: DictConfig, overrides: list[str]) -> list[str]:
    """Refuse a rerun that did not bring its trial's config along: ++rerun=…, or one in a preset."""
    folder = OmegaConf.select(config, "rerun")
    if folder is None or any(line.startswith("rerun=") for line in overrides):
        return []
    return [f"rerun must be typed as rerun=FOLDER on the command line, got {folder!r} elsewhere"]


def _shown_secrets(config: DictConfig) -> list[str]:
    """Refuse to print what --resolve would fetch from the environment."""
    from db.urls import password_in  # noqa: PLC0415 - not for --help

    url = OmegaConf.select(config, "db.url")
    if isinstance(url, str) and password_in(url):
        return ["--resolve would show the password in db.url; leave --resolve out, or put it into PGPASSWORD"]
    return []


def explained(error: Exception) -> str:
    """Say in one line what Hydra says in many, with the key as typed and what exists."""
    if isinstance(error, MissingConfigException) and error.missing_cfg_file and error.options is not None:
        return _missing_option(error)
    refused = next((e for e in _causes(error) if isinstance(e, InvalidInput)), None)
    if refused is not None:
        return str(refused)
    text = str(error)
    if isinstance(error, OverrideParseException):
        return f"{error.override} is not a legal override{_reason(text)}"
    key = _named_key(text)
    if key is not None:
        return _unknown_key(key)
    return _listed_or_of_wrong_type(text, error.__cause__) or _said_by_omegaconf(error)


def _listed_or_of_wrong_type(text: str, cause: BaseException | None) -> str | None:
    sweep = re.match(r"(?:Ambiguous value for argument|Sweep parameters) '([^']+)'", text)
    if sweep:
        return f"{sweep[1]} lists several values and needs -m"
    wrong_type = re.match(r"Error merging override ([^=]+)", text)
    if wrong_type and cause is not None:
        return f"{_bare(wrong_type[1])} is refused: {str(cause).splitlines()[0]}"
    return None


def _said_by_omegaconf(error: Exception) -> str:
    """Say it with its key, which Hydra wraps in an error without words."""
    inner = error.__cause__ if error.__cause__ is not None and not str(error) else error
    if isinstance(inner, OmegaConfBaseException) and inner.full_key:
        return f"{inner.full_key} is refused: {str(inner).splitlines()[0]}"
    return str(inner)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _reason(text: str) -> str:
    """Take from the parser's message what it stumbled over."""
    if "LexerNoViableAltException" in text:
        return ": it has a character that needs quotes around the value"
    lines = [line for line in text.splitlines()[1:] if not line.startswith(("See ", "Error parsing "))]
    return f": {lines[0]}" if lines else ""


def _missing_option(error: MissingConfigException) -> str:
    group, _, choice = str(error.missing_cfg_file).rpartition("/")
    options = [option for option in error.options or () if not option.startswith("_")]
    hint = _nearest(choice, options, f"{group}=")
    return f"{group}={choice} does not exist; there are {', '.join(options)}{hint}"


def _unknown_key(key: str) -> str:
    existing = known_keys()
    if key in (*existing, *HYDRA_KEYS):
        return f"{key} does not exist with the presets chosen"
    return f"{key} does not exist{_nearest(key, existing, '')}"


def _one_line(text: str) -> str:
    """Join lines, and hide the password of a URL that never came as far as the checks."""
    from db.urls import safe_url  # noqa: PLC0415 - not for --help

    line = " ".join(text.split())
    return safe_url(line) if "://" in line else line


def _nearest(name: str, existing: list[str], prefix: str) -> str:
    matches = get_close_matches(name, existing, n=1)
    return f"; did you mean {prefix}{matches[0]}?" if matches else ""


def known_keys() -> list[str]:
    """List every dotted key of the config as it is shipped, and of the sections it could have."""
    keys: dict[str, None] = {}
    for path in sorted(CONF.rglob("*.yaml")):
        group = path.parent.relative_to(CONF).parts[:1]
        is_global = not group or "@package _global_" in path.read_text(encoding="utf-8")
        content = OmegaConf.to_container(OmegaConf.load(path), resolve=False)
        keys |= dict.fromkeys(_keys(content if is_global else {group[0]: content}, ""))
    return [key for key in keys if key != "defaults"]


def _keys(node: object, prefix: str) -> list[str]:
    if not isinstance(node, dict):
        return []
    inside = [(f"{prefix}{key}", value) for key, value in node.items()]
    return [key for key, _ in inside] + [k for key, value in inside for k in _keys(value, f"{key}.")]
