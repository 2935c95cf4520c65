"""The section `data` of a config: which source, and what holds of all of them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.parameters import InvalidInput, nearest, parameter, parameters, read
from pipeline.sources import SOURCES, SourceSettings, what

PREFIX = "data."
SNAPSHOT = re.compile(r"[a-z0-9_]+(-[a-z]+)?-[0-9a-f]{16}")


@dataclass(frozen=True, kw_only=True)
class OfAll:
    """The keys that every source has; a preset need not name them."""

    include_feedback: bool = parameter(False, "join the ratings that came in through the service")
    snapshot: str | None = parameter(None, "dataset of the cache, as run.json names it; null = as it is now")
    cache: str | None = parameter(None, "folder of all datasets; null = the default")

    def conflicts(self) -> Iterator[str]:
        if self.snapshot is not None and not SNAPSHOT.fullmatch(self.snapshot):
            yield f"snapshot must be the name of a dataset in the cache, got {self.snapshot!r}"
        if self.cache == "":
            yield "cache must be a folder, or null for the default, got ''"


@dataclass(frozen=True)
class Data:
    """Which data is asked for, and where it is cached."""

    source: SourceSettings
    include_feedback: bool = False
    snapshot: str | None = None
    cache: Path | None = None

    @property
    def is_live(self) -> bool:
        """Say whether the data can be another at each look, so that only a snapshot holds it still."""
        return self.include_feedback or any(
            source.identity is None for source in SOURCES.values() if type(self.source) is source.settings
        )

    @property
    def told(self) -> dict[str, Any]:
        """Return what may be written down: where files lie, too, but no URL, which may hold secrets."""
        places = {key: getattr(self.source, key) for key in ("path", "credits") if hasattr(self.source, key)}
        return {**places, **self.what}

    @property
    def what(self) -> dict[str, Any]:
        """Return what says what the data is; equal data elsewhere is the same data."""
        return {**what(self.source), "include_feedback": self.include_feedback}


def read_section(values: Mapping[str, object]) -> Data:
    """Read a composed `data` section.

    Raises:
        InvalidInput: with every problem of the chosen source.

    """
    name = values.get("name")
    if not isinstance(name, str) or name not in SOURCES:
        known = ", ".join(SOURCES)
        raise InvalidInput(f"{PREFIX}name must be one of {known}, got {name!r}{nearest(str(name), SOURCES)}")
    common = {key: values.get(key, spec.default) for key, spec in parameters(OfAll).items()}
    own = {key: value for key, value in values.items() if key not in (*common, "name")}
    problems: list[str] = []
    settings, of_all = None, None
    try:
        of_all = read(OfAll, common, PREFIX)
    except InvalidInput as error:
        problems += error.problems
    try:
        settings = read(SOURCES[name].settings, own, PREFIX)
    except InvalidInput as error:
        problems += error.problems
    if settings is None or of_all is None:
        raise InvalidInput(problems)
    cache = Path(of_all.cache).expanduser() if of_all.cache else None
    return Data(settings, of_all.include_feedback, of_all.snapshot, cache)
