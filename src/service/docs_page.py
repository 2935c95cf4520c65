"""/docs: Swagger UI over /openapi.json, its files served from here, so that it works without the internet."""

from collections.abc import Callable, Coroutine
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import FileResponse, HTMLResponse

# The package brings the files; nothing of its code is used.
PACKAGE = "fastapi_offline"
FILES = {"swagger-ui-bundle.js": "text/javascript", "swagger-ui.css": "text/css", "favicon.png": "image/png"}
PLACE = "/docs-files"


def docs_page(app: FastAPI) -> None:
    """Give an application its page."""
    found = find_spec(PACKAGE)
    assert found is not None and found.origin is not None  # the extra service brings it
    folder = Path(found.origin).parent / "static"
    router = APIRouter(include_in_schema=False)

    @router.get("/docs")
    async def docs() -> HTMLResponse:
        return get_swagger_ui_html(
            openapi_url=str(app.openapi_url),
            title=f"{app.title}: its API",
            swagger_js_url=f"{PLACE}/swagger-ui-bundle.js",
            swagger_css_url=f"{PLACE}/swagger-ui.css",
            swagger_favicon_url=f"{PLACE}/favicon.png",
        )

    for name, media_type in FILES.items():
        router.add_api_route(f"{PLACE}/{name}", _file(folder / name, media_type))
    app.include_router(router)


def _file(path: Path, media_type: str) -> Callable[[], Coroutine[Any, Any, FileResponse]]:
    async def sent() -> FileResponse:
        return FileResponse(path, media_type=media_type)

    return sent
