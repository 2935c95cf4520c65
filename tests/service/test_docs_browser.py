"""/docs in a real browser, without the internet: it shows the API, fits, and says nothing in the console."""

from collections.abc import Sequence
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from in_browser import WIDTHS, browser, frames, looked_at
from served_app import served
from service_samples import place

from deployment.revalidation import Policy
from service.app import make_app
from service.holder import Holder
from service.settings import Serve

Shown = tuple[str, list[dict[str, Any]], Sequence[str]]


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Shown:
    command, folder = browser(), tmp_path_factory.mktemp("docs")
    with place(folder) as made:
        app: FastAPI = make_app(made.engine, Holder(made.engine, Serve()), Policy(), None)

        @app.get("/frames", response_class=HTMLResponse)
        def framed() -> str:
            return frames("/docs")

        with served(app) as address:
            found = looked_at(command, f"{address}frames", folder)
    return (address, *found)


def test_the_console_stays_empty_and_nothing_is_asked_of_another_machine(shown: Shown) -> None:
    address, found, console = shown
    assert console == []
    for frame in found:
        assert f"{address}openapi.json" in frame["asked"]
        assert all(asked.startswith((address, "data:")) for asked in frame["asked"])


def test_the_page_fits_at_either_width(shown: Shown) -> None:
    _, found, _ = shown
    assert [frame["width"] for frame in found] == list(WIDTHS)
    assert [frame["overflow"] for frame in found] == [0, 0]
