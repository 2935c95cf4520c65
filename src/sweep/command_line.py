"""The command line's two ends: a user's mistake leaves as one line, our own bugs keep their traceback."""

import os
import re
import sys
from collections.abc import Callable
from difflib import get_close_matches
from typing import NoReturn

from hydra.errors import CompactHydraException, MissingConfigException, OverrideParseException
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException

from pipeline.parameters import InvalidInput
from project import ROOT
from sweep.rerun import with_rerun

USAGE_ERROR = 2
CONF = ROOT / "conf"


def run(app: Callable[[], None]) -> None:
    """Run a Hydra application; exit with 2 and one line a problem where the command line is wrong."""
    # Hydra would print the errors of a job itself, at length; raised, they come here.
    os.environ.setdefault("HYDRA_FULL_ERROR", "1")
    try:
        sys.argv[1:] = with_rerun(sys.argv[1:])
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
        print(f"reeltune: {line}", file=sys.stderr)
    raise SystemExit(USAGE_ERROR)


def explained(error: Exception) -> str:
    """Say in one line what Hydra says in many, with the key as typed and what exists."""
    if isinstance(error, MissingConfigException) and error.missing_cfg_file and error.options is not None:
        return _missing_option(error)
    text = str(error)
    cause = error.__cause__
    if isinstance(error, OverrideParseException):
        return f"{error.override} is not a legal override: {text.splitlines()[0]}"
    for pattern in (r"Could not override '([^']+)'", r"Could not delete from config. '([^']+)'"):
        found = re.match(pattern, text)
        if found:
            return _unknown_key(found[1])
    if isinstance(cause, InvalidInput):
        return str(cause)
    wrong_type = re.match(r"Error merging override (\S+)", text)
    if wrong_type and cause is not None:
        return f"{wrong_type[1]} is refused: {str(cause).splitlines()[0]}"
    return " ".join(line.strip() for line in text.splitlines() if line.strip())


def _missing_option(error: MissingConfigException) -> str:
    group, _, choice = str(error.missing_cfg_file).rpartition("/")
    options = [option for option in error.options or () if not option.startswith("_")]
    hint = _nearest(choice, options, f"{group}=")
    return f"{group}={choice} does not exist{hint}; there are {', '.join(options)}"


def _unknown_key(key: str) -> str:
    return f"{key} does not exist{_nearest(key, known_keys(), '')}"


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
