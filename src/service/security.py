"""Who may change something: whoever has the token that the service was started with."""

import secrets
from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import HTTPException, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from service.settings import TOKEN

Allowed = Callable[..., Coroutine[Any, Any, None]]
_BEARER = HTTPBearer(
    auto_error=False,
    scheme_name="token",
    description=f"The value of the environment variable {TOKEN} where the service runs.",
)


def changes_allowed(token: str | None) -> Allowed:
    """Make the dependency of routes that change something.

    Args:
        token: that a request must bring; None turns those routes off.

    """

    async def allowed(
        credentials: Annotated[HTTPAuthorizationCredentials | None, Security(_BEARER)],
    ) -> None:
        if token is None:
            raise HTTPException(403, f"changes are off: {TOKEN} is not set where the service runs")
        # Compared as bytes in constant time: texts beyond ASCII cannot be.
        if credentials is None or not secrets.compare_digest(
            credentials.credentials.encode(), token.encode()
        ):
            raise HTTPException(
                401,
                "a change needs the header Authorization: Bearer with the token of the service",
                headers={"WWW-Authenticate": "Bearer"},
            )

    return allowed
