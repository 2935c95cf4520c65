"""The script that draws the plots of a page: plotly.js, which the optional package plotly brings along."""

from importlib.util import find_spec
from pathlib import Path

INSTALL = "python -m pip install -c constraints.txt -e '.[plots]'"


def can_plot() -> bool:
    return find_spec("plotly") is not None


def scripts() -> str:
    """Give plotly.js and what draws with it, for a page to hold once; nothing where it is not installed."""
    if not can_plot():
        return ""
    from plotly.offline import get_plotlyjs  # noqa: PLC0415 - an extra

    own = Path(__file__).with_name("page.js").read_text(encoding="utf-8")
    return f"<script>{get_plotlyjs()}</script>\n<script>\n{own}</script>\n"
