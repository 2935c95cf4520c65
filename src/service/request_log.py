"""One line of JSON a request: when, what, how it ended, how long it took, and which version answered.

It holds no header, no body, no token and no id of a user: of the path it has the route's template alone.
"""

import json
import logging
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.errors import problem
from service.metrics import Metrics
from service.serving import Answering

UNKNOWN_ROUTE = "unknown"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
LOGGERS = {"service": logging.INFO, "uvicorn": logging.WARNING}
requests = logging.getLogger("service.requests")
bugs = logging.getLogger("service.bugs")


def note_answering(request: Request, answering: Answering) -> None:
    """Keep which version answered, for the request's line."""
    request.state.answering = answering


class RequestLog:
    """Writes the line and counts; what our own code raises becomes a 500 without a word of it."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, status = time.perf_counter(), 0

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        scope.setdefault("state", {})
        self._metrics.came()
        try:
            await self._app(scope, receive, noted)
        except Exception:
            bugs.exception("a bug, in %s", route_of(scope))
            if not status:
                await problem(500, "an internal error; the log says more")(scope, receive, noted)
        finally:
            self._write(scope, status, time.perf_counter() - started)

    def _write(self, scope: Scope, status: int, seconds: float) -> None:
        method = scope["method"] if scope["method"] in METHODS else "other"
        route = route_of(scope)
        self._metrics.answered(method, route, status, seconds)
        answering: Answering | None = scope["state"].get("answering")
        line = {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "method": method,
            "route": route,
            "status": status,
            "ms": round(1000 * seconds, 2),
            "version": None if answering is None else answering.version,
            "arm": None if answering is None else answering.arm,
        }
        requests.info(json.dumps(line))


def route_of(scope: Scope) -> str:
    """Name a route by its template, in which no id is."""
    return str(getattr(scope.get("route"), "path", UNKNOWN_ROUTE))


def open_log(file: Path | None) -> None:
    """Send the lines of requests, and what the service itself says, to a file or to stderr."""
    handler: logging.Handler
    handler = (
        logging.StreamHandler(sys.stderr) if file is None else logging.FileHandler(file, encoding="utf-8")
    )
    handler.setFormatter(_AsJson())
    for name, level in LOGGERS.items():
        logger = logging.getLogger(name)
        logger.handlers[:], logger.propagate = [handler], False
        logger.setLevel(level)


class _AsJson(logging.Formatter):
    """Writes whatever is logged as one line of JSON, tracebacks among it; a request's line is one already."""

    def format(self, record: logging.LogRecord) -> str:
        if record.name == requests.name:
            return record.getMessage()
        said: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "message": record.getMessage(),
        }
        if record.exc_info:
            said["traceback"] = self.formatException(record.exc_info)
        return json.dumps(said)
