"""The dashboard at /: how the active version does, tests, versions, runs, and what one user is recommended.

One page, rendered here; its script draws the plots and does nothing else. All that it shows is bounded: the
latest versions, switches, tests and runs, and the days of a quarter. Looking at it changes nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup
from pydantic import TypeAdapter, ValidationError

from report import html
from report.tables import Table
from service.dashboard import commands
from service.dashboard.ab_tests import running, tests_table
from service.dashboard.active import active_version
from service.dashboard.runs import run_groups
from service.dashboard.sources import Shown, Sources
from service.dashboard.static import StaticFiles
from service.dashboard.versions import all_versions
from service.dashboard.words import SWITCHES, moment
from service.inputs import LONGEST_ID, Id

RECOMMENDED = 10
_USER_ID: TypeAdapter[str] = TypeAdapter(Id)
# plotly.js writes styles into what it draws; scripts come from here alone, and nothing is fetched elsewhere.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",  # the address holds the id of a user
    "Cache-Control": "no-store",
}


@dataclass(frozen=True)
class Asked:
    """A user who was asked for, and what came of it."""

    user_id: str
    shown: Shown | None = None  # None where no version answers, or where no user can have this id
    problem: str | None = None


def dashboard_router(sources: Sources) -> APIRouter:
    """Make the routes / and /static, which are no part of the API."""
    router, static = APIRouter(include_in_schema=False), StaticFiles()
    template = _template(static.address)

    @router.get("/", response_class=HTMLResponse)
    def dashboard(request: Request, user: str = "") -> HTMLResponse:
        asked = _asked(sources, user.strip())
        status = 422 if asked is not None and asked.problem else 200
        page = template.render(_found(sources, str(request.base_url)), asked=asked)
        # What came may hold halves of characters, which UTF-8 has no bytes for.
        return HTMLResponse(page.encode("utf-8", "replace"), status, HEADERS)

    @router.get("/static/{name}")
    def static_file(name: str, v: str = "") -> FileResponse:
        return static.response(name, v)

    return router


def _found(sources: Sources, base_url: str) -> dict[str, Any]:
    """Gather all sections but that of a user."""
    now = datetime.now(UTC)
    return {
        "now": now,
        "problems": sources.problems(),
        "active": active_version(sources.engine, sources.revalidate(), now.date()),
        "test": running(sources.engine, sources.judge),
        "tests": tests_table(sources.engine),
        "versions": all_versions(sources.engine),
        "groups": run_groups(sources.engine),
        "base_url": base_url,
        "database": sources.database,
    }


def _asked(sources: Sources, user_id: str) -> Asked | None:
    """Recommend to a user, where one was asked for."""
    if not user_id:
        return None
    try:
        _USER_ID.validate_python(user_id)
    except ValidationError:
        return Asked(user_id, problem=f"The id of a user has 1 to {LONGEST_ID} printable characters.")
    return Asked(user_id, sources.recommend(user_id, RECOMMENDED))


def _template(address: Callable[[str], str]) -> Template:
    """Load the page with the pieces that the report's is made of; both escape whatever they are given."""
    folder = Path(__file__).with_name("templates")
    pages = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    pages.globals |= {
        "address": address,
        "code": _marked(html.code),
        "commands": _marked(html.commands),
        "longest_id": LONGEST_ID,
        "figures": _marked(html.figures),
        "plot": _marked(html.plot),
        "table": _marked(_table),
        "moment": moment,
        "switches": SWITCHES,
        "to": commands,
    }
    return pages.get_template("dashboard.html")


def _table(found: Table) -> str:
    return html.table(found, Path())  # none of ours holds a link, which would be relative to this


def _marked(piece: Callable[..., str]) -> Callable[..., Markup]:
    """Say of a piece of a page that it is markup, and has escaped what it was given."""
    return lambda *given: Markup(piece(*given))  # noqa: S704 - report.html escapes
