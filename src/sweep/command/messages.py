"""What Hydra and OmegaConf say in many lines, said in one: the key as typed, and what exists."""

import re
from collections.abc import Iterator
from difflib import get_close_matches

from hydra.errors import MissingConfigException, OverrideParseException
from omegaconf.errors import OmegaConfBaseException

from pipeline.parameters import InvalidInput
from sweep.command.application import Application


def explained(error: Exception, application: Application) -> str:
    """Say in one line what Hydra says in many, with the key as typed and what exists."""
    if isinstance(error, MissingConfigException) and error.missing_cfg_file and error.options is not None:
        return _missing_option(error)
    refused = next((e for e in _causes(error) if isinstance(e, InvalidInput)), None)
    if refused is not None:
        return str(refused)
    text = str(error)
    if isinstance(error, OverrideParseException):
        return f"{error.override} is not a legal override{_reason(text)}"
    key = named_key(text)
    if key is not None:
        return _not_chosen(key, error, application) or _unknown_key(key, application)
    return _listed(text, application) or _of_wrong_type(text, error.__cause__) or _said_by_omegaconf(error)


def _listed(text: str, application: Application) -> str | None:
    sweep = re.match(r"(?:Ambiguous value for argument|Sweep parameters) '([^']+)'", text)
    if sweep is None:
        return None
    hint = "and needs -m" if application.one_run is None else "where one is needed"
    return f"{sweep[1]} lists several values {hint}"


def _of_wrong_type(text: str, cause: BaseException | None) -> str | None:
    wrong_type = re.match(r"Error merging override ([^=]+)", text)
    if wrong_type and cause is not None:
        return f"{bare(wrong_type[1])} is refused: {str(cause).splitlines()[0]}"
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


def _not_chosen(key: str, error: Exception, application: Application) -> str | None:
    """Say which preset a key goes with, where its whole section is not there."""
    section = re.split(r"[./@]", key)[0]
    missing = getattr(error.__cause__, "full_key", section)
    if (
        missing != section
        or section not in application.brought
        or not str(error).startswith("Could not over")
    ):
        return None
    return f"{key} does not exist without {application.brought[section]}"


def _unknown_key(key: str, application: Application) -> str:
    if key in (*application.known_keys, *application.hydra_keys):
        return f"{key} does not exist with the presets chosen"
    return f"{key} does not exist{_nearest(key, application.known_keys, '')}"


def _nearest(name: str, existing: list[str], prefix: str) -> str:
    matches = get_close_matches(name, existing, n=1)
    return f"; did you mean {prefix}{matches[0]}?" if matches else ""


def bare(line: str) -> str:
    return line.lstrip("+~")


def named_key(text: str) -> str | None:
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
