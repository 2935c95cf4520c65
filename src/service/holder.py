"""What answers now, kept up with the record: a switch is one reference put in another's place."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Lock, Thread

from sqlalchemy import Engine

from db.deployment.ab_tests import exposed_users, running_test
from db.deployment.answers import AbTest, Active
from db.deployment.versions import active, earlier_versions
from db.engine import FAULTS
from deployment.bundle import Damaged
from service.loading import Loader
from service.memory import give_back
from service.rated import RatedSince
from service.recent import Recent
from service.serving import LiveTest, Loaded, Serving
from service.settings import Serve

log = logging.getLogger(__name__)


class Holder:
    """Holds a `Serving`; requests read it once, one thread at a time makes another."""

    def __init__(self, engine: Engine, settings: Serve) -> None:
        self._engine, self._settings = engine, settings
        self.asked_lately = Recent(settings.kept_users)
        self.rated_since = RatedSince(engine, settings.kept_users)
        self._stopped = Event()
        self._loader = Loader(
            engine, settings.kept_versions, settings.warm_seconds, self.asked_lately, self._stopped
        )
        self._refreshing = Lock()
        self.serving = Serving(None, None)
        self.fault: str | None = None  # why the record could not be asked the last time
        self.swaps = 0

    def problems(self) -> tuple[str, ...]:
        """Say why it is not as the record has it; nothing where all is well."""
        return (*self.serving.problems, *([self.fault] if self.fault else []))

    def refresh(self) -> Serving:
        """Look into the record, and put what it asks for in place; the old one answers until then.

        What was refused is tried again each time: files can be put back.
        """
        with self._refreshing:
            self.rated_since.follow()
            now, test = active(self._engine), running_test(self._engine)
            if self._differs(now, test):
                self._swap(self._made(now, test))
                self._let_go()
            self.fault = None
            return self.serving

    @contextmanager
    def polling(self) -> Iterator[None]:
        """Refresh every few seconds in a thread of its own, until the end."""
        self._stopped.clear()
        thread = Thread(target=self._poll, name="holder", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._stopped.set()
            thread.join()

    def _poll(self) -> None:
        while not self._stopped.wait(self._settings.poll_seconds):
            try:
                self.refresh()
            except FAULTS as error:
                self._note_fault(f"the record cannot be read: {type(error).__name__}")
            except Exception as error:  # a bug must not stop the polling: what is loaded answers on
                log.exception("the active version could not be followed")
                self._note_fault(f"the active version could not be followed: {type(error).__name__}")

    def _note_fault(self, fault: str) -> None:
        if fault != self.fault:
            log.warning(fault)
        self.fault = fault

    def _differs(self, now: Active | None, test: AbTest | None) -> bool:
        held = self.serving
        running = None if held.live_test is None else held.live_test.test.ab_test_id
        wanted = None if test is None else test.ab_test_id
        return (now, wanted) != (held.active, running) or bool(held.problems)

    def _made(self, now: Active | None, test: AbTest | None) -> Serving:
        if now is None:
            return Serving(None, None)
        wanted = (now.version, *earlier_versions(self._engine))
        champion, problems = self._loader.first_loaded(wanted)
        live_test = None if test is None else self._taking_part(test, problems)
        return Serving(now, champion, live_test, tuple(problems))

    def _taking_part(self, test: AbTest, problems: list[str]) -> LiveTest:
        challenger: Loaded | None = None
        try:
            challenger = self._loader.loaded(test.challenger_version)
        except Damaged as damage:
            problems.append(
                f"version {test.challenger_version}, the challenger of test {test.ab_test_id}, "
                f"was refused: {damage}"
            )
        held = self.serving.live_test
        if held is not None and held.test.ab_test_id == test.ab_test_id:
            return LiveTest(test, challenger, held.exposed)
        seen = exposed_users(self._engine, test.ab_test_id)
        return LiveTest(test, challenger, Recent(self._settings.kept_users, seen))

    def _swap(self, serving: Serving) -> None:
        before, self.serving = self.serving, serving
        if (before.version, before.active) != (serving.version, serving.active):
            self.swaps += 1
            log.info(
                "version %s answers, revision %s", serving.version, serving.active and serving.active.rev
            )
        for problem in serving.problems:
            if problem not in before.problems:
                log.warning(problem)

    def _let_go(self) -> None:
        """Let go of versions that no longer answer; requests that began with one still hold it."""
        test = self.serving.live_test
        answering = (self.serving.champion, None if test is None else test.challenger)
        self._loader.forget({one.version for one in answering if one is not None})
        give_back()
