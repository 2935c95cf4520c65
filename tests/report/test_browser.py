"""The page in a real browser, as wide as a desk's and as a phone's: it draws, fits, complains of nothing."""

from collections.abc import Sequence
from typing import Any

import pytest
from in_browser import WIDTHS, browser, frames, looked_at
from report_samples import findings, told

from report.pages import page_of_run

Shown = tuple[list[dict[str, Any]], Sequence[str]]


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Shown:
    """Show the page of thirty trials in frames of both widths: what is measured, what the console says."""
    command, folder = browser(), tmp_path_factory.mktemp("browser")
    found, judgement = told(findings({n: 0.4 + n / 100 for n in range(1, 31)}))
    (folder / "report.html").write_text(page_of_run(found, judgement, folder), encoding="utf-8")
    (folder / "frames.html").write_text(frames("report.html"), encoding="utf-8")
    return looked_at(command, f"file://{folder / 'frames.html'}", folder)


def test_all_plots_are_drawn_at_both_widths(shown: Shown) -> None:
    assert [frame["width"] for frame in shown[0]] == list(WIDTHS)
    assert [(frame["figures"], frame["drawn"]) for frame in shown[0]] == [(5, 5)] * 2


def test_nothing_sticks_out_at_either_width(shown: Shown) -> None:
    assert [(frame["overflow"], frame["cut"]) for frame in shown[0]] == [(0, 0)] * 2


def test_the_console_stays_empty(shown: Shown) -> None:
    assert shown[1] == []
