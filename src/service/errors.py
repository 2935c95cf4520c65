"""What goes wrong, in one line: {"detail": "…"}; our own bugs are logged and say nothing to the client."""

import json
import logging
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from db.deployment.ab_tests import AlreadyRunning, NotActive, NotRunning
from db.deployment.versions import Conflict, NotReady
from db.engine import FAULTS
from deployment.bundle import Damaged
from deployment.switching import Refused
from pipeline.parameters import InvalidInput
from service.serving import Unable

log = logging.getLogger(__name__)

LONGEST_SHOWN = 60  # characters of what came that are said back
PROBLEMS_SHOWN = 5
# What our own rooms raise where something cannot be, and the status that says so.
STATUS: Mapping[type[Exception], int] = {
    InvalidInput: 422,
    Damaged: 409,
    NotReady: 409,
    Conflict: 409,
    Refused: 409,
    AlreadyRunning: 409,
    NotActive: 409,
    NotRunning: 409,
    Unable: 503,
}
# What pydantic says at length.
SHORTER = {
    "int_parsing": "must be an integer",
    "int_parsing_size": "must be an integer of fewer digits",
    "int_from_float": "must be an integer",
    "float_parsing": "must be a number",
    "finite_number": "must be a finite number",
}
MEANINGS = {
    400: "The body cannot be read.",
    401: "The token is missing or wrong.",
    403: "Changes are off, as no token is set where the service runs.",
    404: "There is nothing of this id.",
    409: "The record does not allow it as it is now; nothing was changed.",
    413: "The body is too long.",
    422: "A value is not legal; nothing was changed.",
    503: "Nothing can answer, or the record cannot be asked; later it may.",
}


class Problem(BaseModel):
    """What is wrong."""

    detail: str = Field(description="one line: what must hold, and what came")


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Describe for OpenAPI what else a route may answer."""
    return {status: {"model": Problem, "description": MEANINGS[status]} for status in statuses}


def problem(status: int, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    """Answer with what is wrong; in ASCII, as what came may hold halves of characters."""
    line = " ".join(detail.split())
    return Response(json.dumps({"detail": line}), status, headers, "application/json")


def handle_errors(app: FastAPI) -> None:
    """Have an application answer errors in one line each."""
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(RequestValidationError, _not_legal)
    for kind in STATUS:
        app.add_exception_handler(kind, _not_possible)
    for kind in FAULTS:
        app.add_exception_handler(kind, _no_record)


async def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return problem(error.status_code, error.detail, error.headers)


async def _not_legal(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    lines = [_line(found) for found in error.errors()[:PROBLEMS_SHOWN]]
    return problem(422, "; ".join(lines))


async def _not_possible(_: Request, error: Exception) -> Response:
    status = next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)
    return problem(status, "; ".join(getattr(error, "problems", [str(error)])))


async def _no_record(_: Request, error: Exception) -> Response:
    log.error("the record cannot be asked", exc_info=error)
    return problem(503, "the record cannot be asked at the moment")


def _line(error: Mapping[str, Any]) -> str:
    """Say what pydantic found in our words: the name, what must hold, what came."""
    where: Sequence[Any] = error["loc"][1:] or error["loc"]
    if error["type"] == "json_invalid":
        return f"the body must be JSON: {error['ctx']['error']} at character {where[-1]}"
    name = ".".join(shown(part) if _is_foreign(part) else str(part) for part in where)
    if error["type"] == "missing":
        return f"{name} is missing"
    if error["type"] == "extra_forbidden":
        return f"{name} does not exist"
    said = error["msg"].removeprefix("Value error, ")
    must = SHORTER.get(error["type"]) or re.sub("^(Input|String|Value) should (be|have)", r"must \2", said)
    return f"{name} {must}, got {shown(error['input'])}"


def _is_foreign(part: Any) -> bool:
    """Say whether a part of a name is not one of ours, but what came."""
    is_name = str(part).isidentifier() and str(part).isascii() and len(str(part)) < LONGEST_SHOWN
    return isinstance(part, str) and not is_name


def shown(value: Any) -> str:
    """Show what came, short and in ASCII; what is not finite has no form in JSON."""
    if isinstance(value, float) and not math.isfinite(value):
        return "a number that is not finite"
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "a list"
    if isinstance(value, bytes):
        return f"{len(value)} bytes that are not JSON"
    text = json.dumps(value, default=lambda other: type(other).__name__)
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"
