"""What the dashboard draws beside the report's plots: accuracy by day, how far a challenger is ahead."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from report.plots import BASELINE, BEST, CURVES, LEGEND, TRIALS, Plot, across, framed

DAY = timedelta(days=1)
ASIDE = timedelta(hours=3)  # so that two of one day do not hide each other
COLOURS = (BEST, TRIALS, BASELINE, *CURVES[3:])  # the active version's first
FEW_DAYS = 7


class Share(NamedTuple):
    """A share of what was counted on a day, with its interval."""

    day: date
    share: float
    low: float
    high: float
    n: int


def over_days(shares: Mapping[str, Sequence[Share]], beside: Mapping[str, float], aim: str, of: str) -> Plot:
    """Draw shares by day with their intervals.

    Args:
        shares: by name of whose they are, at least one in all and at most as many as there are COLOURS; the
            first stands out.
        beside: what they are held against, by name.
        aim: what is shared.
        of: what was counted.

    """
    counted = [one for points in shares.values() for one in points]
    ends = [*beside.values(), *(one.low for one in counted), *(one.high for one in counted)]
    layout = framed("day of UTC", aim, showlegend=True, legend=LEGEND) | across(beside, side=None)
    # Plotly would leave out of the picture what no point reaches.
    layout["yaxis"] |= {"range": [max(0, min(ends) - 0.03), min(1.03, max(ends) + 0.03)]}
    layout["xaxis"] |= _calendar([one.day for one in counted])
    dots = [
        _days(points, of, place * ASIDE) | {"name": name, "marker": {"color": COLOURS[place], "size": 8}}
        for place, (name, points) in enumerate(shares.items())
    ]
    lines = zip(beside.items(), layout["shapes"], strict=True)
    keys = [_key(f"{name} {value:g}", line) for (name, value), line in lines]
    return {"data": [*dots, *keys], "layout": layout}


def ahead(estimate: float, low: float, high: float, aim: str) -> Plot:
    """Draw a difference with its interval, beside the line where there is none."""
    bar = {"type": "data", "symmetric": False, "thickness": 3, "width": 8, "color": BEST}
    point = {
        "x": [estimate],
        "y": [""],
        "mode": "markers",
        "marker": {"color": BEST, "size": 12},
        "error_x": bar | {"array": [high - estimate], "arrayminus": [estimate - low]},
        "hoverinfo": "x",
    }
    reach = 1.15 * max(abs(low), abs(high))
    layout = framed(aim, "", height=140)
    layout["xaxis"] |= {"range": [-reach, reach], "zerolinewidth": 2, "tickformat": "+.3~f"}
    return {"data": [point], "layout": layout}


def _days(points: Sequence[Share], of: str, aside: timedelta) -> Plot:
    bar = {"type": "data", "symmetric": False, "thickness": 1.5, "width": 3}
    up, down = [one.high - one.share for one in points], [one.share - one.low for one in points]
    return {
        "x": [f"{datetime.combine(one.day, time()) + aside}" for one in points],
        "y": [one.share for one in points],
        "error_y": bar | {"array": up, "arrayminus": down},
        "text": [f"{one.day}: {one.share:.4f} of {one.n:,} {of}" for one in points],
        "hoverinfo": "text",
        "mode": "markers",
    }


def _calendar(days: Sequence[date]) -> Plot:
    """Leave a day free at both ends, and name each day once where there are few."""
    first, last = min(days), max(days)
    every = {"dtick": DAY.total_seconds() * 1000} if last - first < FEW_DAYS * DAY else {}
    return {"type": "date", "range": [f"{first - DAY}", f"{last + DAY}"], "tickformat": "%d %b\n%Y", **every}


def _key(name: str, line: Plot) -> Plot:
    """Put a line across the plot into the legend, which knows only of what has points."""
    return {"x": [None], "y": [None], "mode": "lines", "name": name, "line": line["line"]}
