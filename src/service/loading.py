"""Versions brought into memory: verified, tried once, warmed up; a few of the latest stay."""

import time
from collections import OrderedDict
from collections.abc import Collection, Iterable
from threading import Event

from sqlalchemy import Engine

from db.deployment.versions import version_of
from deployment.bundle import Damaged
from deployment.catalogue import NEWCOMER
from deployment.served import ServedModel
from deployment.switching import opened
from service.recent import Recent
from service.serving import Loaded

SMOKE = 1  # recommendations that a version must be able to make before it answers anybody


class Loader:
    """Opens versions, one thread at a time, and keeps those that may be asked for again."""

    def __init__(
        self, engine: Engine, kept: int, warm_seconds: float, asked_lately: Recent, stopped: Event
    ) -> None:
        self._engine, self._most, self._warm_seconds = engine, kept, warm_seconds
        self._asked_lately, self._stopped = asked_lately, stopped
        self._loaded: OrderedDict[int, Loaded] = OrderedDict()

    def loaded(self, version: int) -> Loaded:
        """Give a version that can answer, from memory or from its folder.

        Raises:
            Damaged: in one line, where its files are not those that were written, or it cannot answer.

        """
        if version not in self._loaded:
            self._loaded[version] = self._opened(version)
        self._loaded.move_to_end(version)
        return self._loaded[version]

    def first_loaded(self, versions: Iterable[int]) -> tuple[Loaded | None, list[str]]:
        """Give the first version that can answer, and say what is wrong with those before it."""
        problems: list[str] = []
        for version in versions:
            try:
                return self.loaded(version), problems
            except Damaged as damage:
                problems.append(f"version {version} was refused: {damage}")
        return None, problems

    def forget(self, needed: Collection[int]) -> None:
        """Let go of the versions that are not needed, but for the latest few."""
        spare = [version for version in self._loaded if version not in needed]
        for version in spare[: max(0, len(spare) - self._most)]:
            del self._loaded[version]

    def _opened(self, version: int) -> Loaded:
        row = version_of(self._engine, version)
        if row is None:
            raise Damaged(f"there is no version {version}")
        bundle = opened(row)
        model = ServedModel(bundle.model, bundle.catalogue)
        if not model.recommended(NEWCOMER, SMOKE):
            raise Damaged(f"version {version} has nothing to recommend")
        self._warm(model)
        return Loaded(version, model)

    def _warm(self, model: ServedModel) -> None:
        """Work out what is recommended to those who asked lately, so that they wait no longer than before."""
        until = time.monotonic() + self._warm_seconds
        for user_id in self._asked_lately.latest():
            if self._stopped.is_set() or time.monotonic() > until:
                return
            model.recommended(user_id, SMOKE)
