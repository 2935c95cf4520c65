"""The page in a real browser, as wide as a desk's and as a phone's: it draws, fits, complains of nothing."""

import html
import json
import re
import shutil
import subprocess
from typing import Any

import pytest
from report_samples import findings, told

from report.pages import page_of_run

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
WIDTHS = (1280, 400)
# A headless window is at least 500 wide: the page is shown in frames, which may be narrower.
FRAMES = """<!DOCTYPE html><body style="margin:0">
FRAME<pre id="found"></pre>
<script>
function measured(frame) {
  const page = frame.contentDocument.documentElement;
  const figures = [...page.querySelectorAll("figure.plot")];
  const wide = (node) => node.getBoundingClientRect().right > page.clientWidth + 1;
  const free = figures.filter((figure) => !figure.classList.contains("parallel"));
  return {
    width: frame.clientWidth,
    overflow: page.scrollWidth - page.clientWidth,
    figures: figures.length,
    drawn: figures.filter((figure) => figure.querySelector("svg.main-svg")).length,
    cut: free.filter((figure) => [...figure.querySelectorAll("svg")].some(wide)).length,
  };
}
addEventListener("load", () => setTimeout(() => {
  const frames = [...document.querySelectorAll("iframe")];
  document.getElementById("found").textContent = JSON.stringify(frames.map(measured));
}, 3000));
</script></body>"""


def browser() -> str:
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip(f"no browser here: none of {', '.join(BROWSERS)} is on the path")
    return found


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[dict[str, Any]], str]:
    """Show the page of thirty trials in frames of both widths: what is measured, what the console says."""
    command, folder = browser(), tmp_path_factory.mktemp("browser")
    found, judgement = told(findings({n: 0.4 + n / 100 for n in range(1, 31)}))
    (folder / "report.html").write_text(page_of_run(found, judgement, folder), encoding="utf-8")
    style = "border:0;height:9000px"
    frames = [f'<iframe src="report.html" style="{style};width:{width}px"></iframe>' for width in WIDTHS]
    (folder / "frames.html").write_text(FRAMES.replace("FRAME", "\n".join(frames)), encoding="utf-8")
    options = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking")
    reads = ("--allow-file-access-from-files", f"--user-data-dir={folder / 'profile'}")
    logs = ("--enable-logging=stderr", "--v=0", "--virtual-time-budget=20000", "--window-size=1300,9000")
    done = subprocess.run(
        [command, *options, *reads, *logs, "--dump-dom", f"file://{folder / 'frames.html'}"],
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    text = re.search('<pre id="found">(.*?)</pre>', done.stdout)
    assert text is not None, done.stderr[-2000:]
    return json.loads(html.unescape(text[1])), done.stderr


def test_all_plots_are_drawn_at_both_widths(shown: tuple[list[dict[str, Any]], str]) -> None:
    assert [frame["width"] for frame in shown[0]] == list(WIDTHS)
    assert [(frame["figures"], frame["drawn"]) for frame in shown[0]] == [(5, 5)] * 2


def test_nothing_sticks_out_at_either_width(shown: tuple[list[dict[str, Any]], str]) -> None:
    assert [(frame["overflow"], frame["cut"]) for frame in shown[0]] == [(0, 0)] * 2


def test_the_console_stays_empty(shown: tuple[list[dict[str, Any]], str]) -> None:
    assert [line for line in shown[1].splitlines() if "CONSOLE" in line] == []
