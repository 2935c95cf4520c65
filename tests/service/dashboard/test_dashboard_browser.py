"""The dashboard in a real browser, at a desk's width and a phone's: it draws, fits, and asks nobody else."""

from collections.abc import Sequence
from typing import Any

import pytest
from dashboard_samples import app_of, fill_all, sources
from fastapi.responses import HTMLResponse
from in_browser import WIDTHS, browser, frames, looked_at
from recorded import record
from served_app import served

from service.dashboard.page import dashboard_router

Shown = tuple[str, list[dict[str, Any]], Sequence[str]]


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Shown:
    """Show the dashboard with a user, over a full record, and with troubles over an empty one."""
    command, folder = browser(), tmp_path_factory.mktemp("dashboard")
    full, empty = record(folder / "full.db"), record(folder / "empty.db")
    fill_all(full)
    app = app_of(sources(full))
    troubled = sources(empty, problems=lambda: ("version 2 was refused",), recommend=lambda *_: None)
    app.include_router(dashboard_router(troubled), prefix="/empty")

    @app.get("/frames", response_class=HTMLResponse)
    def framed() -> str:
        return frames("/?user=7", "/empty/?user=7")

    with served(app) as address:
        found = looked_at(command, f"{address}frames", folder)
    full.dispose()
    empty.dispose()
    return (address, *found)


def test_all_plots_are_drawn_and_nothing_sticks_out_at_either_width(shown: Shown) -> None:
    _, found, _ = shown
    assert [frame["width"] for frame in found] == list(WIDTHS) * 2
    assert [(frame["figures"], frame["drawn"]) for frame in found] == [(3, 3), (3, 3), (0, 0), (0, 0)]
    assert [(frame["overflow"], frame["cut"]) for frame in found] == [(0, 0)] * 4


def test_nothing_is_asked_of_another_machine_and_the_console_stays_empty(shown: Shown) -> None:
    address, found, console = shown
    assert console == []
    for frame in found:
        asked = [name.removeprefix(f"{address}static/").split("?")[0] for name in frame["asked"]]
        assert sorted(asked) == ["dashboard.css", "page.css", "page.js", "plotly.js"]
