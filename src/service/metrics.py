"""What Prometheus is told: requests, how long they took, which version answers, what users were shown."""

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from db.deployment.tables import Arm
from service.holder import Holder

CONTENT_TYPE = CONTENT_TYPE_LATEST
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)  # seconds


class Metrics:
    """One registry an application; labels are routes, methods and arms, of which there are few."""

    def __init__(self, holder: Holder) -> None:
        self._holder = holder
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._requests = Counter(
            "reeltune_requests", "Requests", ("method", "route", "status"), registry=self._registry
        )
        self._seconds = Histogram(
            "reeltune_request_seconds",
            "Time that requests took",
            ("route",),
            buckets=BUCKETS,
            registry=self._registry,
        )
        self._exposed = Counter(
            "reeltune_exposed_users", "Users whom a test was shown", ("arm",), registry=self._registry
        )
        self._fell_back = Counter(
            "reeltune_fell_back", "Users given the champion in place of their arm", registry=self._registry
        )
        self._ratings = Counter(
            "reeltune_ratings", "Ratings that came in", ("counted",), registry=self._registry
        )
        self._in_flight = Gauge(
            "reeltune_requests_in_flight", "Requests that are being answered", registry=self._registry
        )
        self._gauge(
            "reeltune_version", "Version that answers; 0 for none", lambda: holder.serving.version or 0
        )
        self._gauge("reeltune_revision", "Switches of the active version, as followed", self._revision)
        self._gauge("reeltune_degraded", "1 where it is not as the record has it", self._degraded)
        self._gauge("reeltune_swaps", "Versions put in place since the start", lambda: holder.swaps)

    def came(self) -> None:
        self._in_flight.inc()

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        self._in_flight.dec()
        self._requests.labels(method, route, status).inc()
        self._seconds.labels(route).observe(seconds)

    def exposed(self, arm: Arm, *, fell_back: bool) -> None:
        self._exposed.labels(arm).inc()
        if fell_back:
            self._fell_back.inc()

    def rated(self, *, counted: bool) -> None:
        self._ratings.labels("yes" if counted else "no").inc()

    def text(self) -> bytes:
        """Write it all as Prometheus reads it."""
        return generate_latest(self._registry)

    def _gauge(self, name: str, meaning: str, value: Callable[[], float]) -> None:
        Gauge(name, meaning, registry=self._registry).set_function(value)

    def _revision(self) -> int:
        active = self._holder.serving.active
        return 0 if active is None else active.rev

    def _degraded(self) -> int:
        return int(bool(self._holder.problems()))
