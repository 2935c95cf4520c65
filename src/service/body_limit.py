"""No body longer than a limit: what is longer is answered with 413, and never held in memory."""

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.errors import problem

LONGEST_BODY = 64 * 1024  # bytes
_TOO_LONG = f"the body must have at most {LONGEST_BODY} bytes"


class BodyLimit:
    """Refuses by the length that a request announces, and by what comes where it announces none, or lies."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            announced = Headers(scope=scope).get("content-length", "0")
            if announced.isascii() and announced.isdigit() and _is_longer(announced):
                await problem(413, f"{_TOO_LONG}, got {announced[:20]}")(scope, receive, send)
                return
            receive = _counted(receive)
        await self._app(scope, receive, send)


def _is_longer(announced: str) -> bool:
    """Compare by the digits first: Python reads no integer of 5000 digits."""
    digits = announced.lstrip("0")
    return len(digits) > len(str(LONGEST_BODY)) or int(digits or "0") > LONGEST_BODY


def _counted(receive: Receive) -> Receive:
    """Receive until it is too much; FastAPI lets the error pass to our handler."""
    came = 0

    async def counted() -> Message:
        nonlocal came
        message = await receive()
        came += len(message.get("body", b""))
        if came > LONGEST_BODY:
            raise HTTPException(413, f"{_TOO_LONG}, got more")
        return message

    return counted
