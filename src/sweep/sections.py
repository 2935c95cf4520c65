"""A composed config taken apart into plain sections, for whichever application it was composed."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from omegaconf import DictConfig, OmegaConf, open_dict
from omegaconf.errors import OmegaConfBaseException

from db.urls import password_in, read_url
from pipeline.parameters import InvalidInput

NOT_IN_CONFIG = (
    "db.url must not contain a password, it would be saved with the config; "
    "put it into the environment variable PGPASSWORD or use db=postgresql with REELTUNE_DB_URL"
)
NOT_IN_DATA = (
    "data.url must not contain a password, it would be saved with the config; "
    "put it into the environment variable PGPASSWORD or the URL into one of your own: "
    "data.url='${oc.env:MY_DATA_URL}'"
)
SECRETS = {"db": NOT_IN_CONFIG, "data": NOT_IN_DATA}  # by the section whose url they are about
T = TypeVar("T")


def collected(problems: list[str], make: Callable[..., T], *arguments: Any) -> T | None:
    """Call and return, or add what is wrong to the problems."""
    try:
        return make(*arguments)
    except InvalidInput as error:
        problems.extend(error.problems)
        return None


def plain(config: DictConfig) -> dict[str, Any]:
    """Resolve every interpolation; one that cannot be is the user's mistake."""
    try:
        values = OmegaConf.to_container(config, resolve=True, throw_on_missing=False)
    except OmegaConfBaseException as error:
        raise InvalidInput(f"{error.full_key} cannot be resolved: {str(error).splitlines()[0]}") from error
    return {str(key): value for key, value in values.items()} if isinstance(values, dict) else {}


def section_of(values: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Take a section of a config; anything else under its name is the user's mistake."""
    section = values.get(name)
    if not isinstance(section, dict):
        raise InvalidInput(f"{name} must be a section of the config, got {section!r}")
    return section


def url_of(values: Mapping[str, Any]) -> str:
    """Read the db section."""
    section = section_of(values, "db")
    unknown = [key for key in section if key != "url"]
    if unknown:
        raise InvalidInput([f"db.{key} does not exist; did you mean db.url?" for key in unknown])
    url = section.get("url")
    if not isinstance(url, str) or not url:
        raise InvalidInput(f"db.url must be a database URL such as sqlite:///movies.db, got {url!r}")
    return url


def checked_url_of(values: Mapping[str, Any]) -> str:
    """Read the db section, and refuse a URL that could not be opened."""
    url = url_of(values)
    read_url(url)
    return url


def without_hydra(config: DictConfig) -> DictConfig:
    """Copy a composed config as a task sees it, with the same run_id."""
    # The time of day in run_id is read here, once; two readings could lie on both sides of a second.
    OmegaConf.select(config, "run_id", throw_on_resolution_failure=False)
    task = config.copy()
    OmegaConf.copy_cache(from_config=config, to_config=task)
    with open_dict(task):
        task.pop("hydra")
    return task


def check_secrets(config: DictConfig) -> None:
    """Refuse a password in the config itself, where it would be saved and logged."""
    values: Any = OmegaConf.to_container(config, resolve=False)
    problems = []
    for name, problem in SECRETS.items():
        section = values.get(name)
        url = section.get("url") if isinstance(section, dict) else None
        if isinstance(url, str) and password_in(url):
            problems.append(problem)
    if problems:
        raise InvalidInput(problems)
