"""Whom a test has shown itself to: noted once, when the arm is really served."""

from sqlalchemy import Engine

from db.deployment.ab_tests import expose
from service.metrics import Metrics
from service.serving import Answering


class Exposures:
    """Notes exposures; who is remembered costs nothing, for the others the record knows."""

    def __init__(self, engine: Engine, metrics: Metrics) -> None:
        self._engine, self._metrics = engine, metrics

    def is_due(self, user_id: str, answering: Answering) -> bool:
        """Say whether a user's exposure is not known to be noted."""
        return answering.test is not None and user_id not in answering.test.exposed

    def note(self, user_id: str, answering: Answering, latency_ms: float) -> None:
        """Note the first answer that a user of a test is given.

        Args:
            user_id: who was answered.
            answering: what answered; nothing is noted where no test runs.
            latency_ms: how long the answer took.

        """
        test, arm = answering.test, answering.arm
        if test is None or arm is None or not self.is_due(user_id, answering):
            return
        is_first = expose(
            self._engine,
            test.test.ab_test_id,
            user_id,
            arm=arm,
            version=answering.version,
            latency_ms=latency_ms,
            fell_back=answering.fell_back,
        )
        test.exposed.add(user_id)
        if is_first:
            self._metrics.exposed(arm, fell_back=answering.fell_back)
