"""The script that draws the plots of a page: plotly.js, which the optional package plotly brings along."""

from importlib.util import find_spec
from pathlib import Path

INSTALL = "python -m pip install -c constraints.txt -e '.[plots]'"
DRAWING = Path(__file__).with_name("page.js")  # what draws with it


def can_plot() -> bool:
    return find_spec("plotly") is not None


def scripts() -> str:
    """Give plotly.js and what draws with it, for a page to hold once; nothing where it is not installed."""
    if not can_plot():
        return ""
    plotly, own = (path.read_text(encoding="utf-8") for path in (plotly_file(), DRAWING))
    return f"<script>{plotly}</script>\n<script>\n{own}</script>\n"


def plotly_file() -> Path:
    """Find plotly.js inside the package, for whoever serves it as a file."""
    package = find_spec("plotly")
    assert package is not None
    assert package.origin is not None
    return Path(package.origin).parent / "package_data" / "plotly.min.js"
