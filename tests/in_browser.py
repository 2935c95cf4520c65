"""Pages in a real browser, in frames of several widths: what is drawn, what sticks out, what it says."""

import html
import json
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
WIDTHS = (1280, 400)  # a desk's, a phone's
HEIGHT = 9000
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
    asked: frame.contentWindow.performance.getEntriesByType("resource").map((entry) => entry.name),
  };
}
addEventListener("load", () => setTimeout(() => {
  const frames = [...document.querySelectorAll("iframe")];
  document.getElementById("found").textContent = JSON.stringify(frames.map(measured));
}, 3000));
</script></body>"""
OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--allow-file-access-from-files",
    "--enable-logging=stderr",
    "--v=0",
    "--virtual-time-budget=20000",
    f"--window-size={max(WIDTHS) + 20},{HEIGHT}",
)


def browser() -> str:
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip(f"no browser here: none of {', '.join(BROWSERS)} is on the path")
    return found


def frames(*addresses: str) -> str:
    """Write the page that shows others in frames of all widths; all have to come from one place."""
    style = f"border:0;height:{HEIGHT}px"
    shown = (
        f'<iframe src="{address}" style="{style};width:{width}px"></iframe>'
        for address in addresses
        for width in WIDTHS
    )
    return FRAMES.replace("FRAME", "\n".join(shown))


def looked_at(command: str, address: str, folder: Path) -> tuple[list[dict[str, Any]], Sequence[str]]:
    """Open a page of frames: what was measured in each, and the lines of the console."""
    done = subprocess.run(
        [command, *OPTIONS, f"--user-data-dir={folder / 'profile'}", "--dump-dom", address],
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    text = re.search('<pre id="found">(.+?)</pre>', done.stdout)
    assert text is not None, done.stderr[-2000:]
    console = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    return json.loads(html.unescape(text[1])), console
