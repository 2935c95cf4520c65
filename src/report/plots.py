"""Figures as plotly.js draws them, made as plain values.

What Optuna plots is drawn anew here: its figures have no place for the baseline and the references, take
seconds for a thousand trials, and do not fit a phone.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Plot = dict[str, Any]
Point = tuple[float, float]
Column = Sequence[float] | Sequence[str]  # values of one hyperparameter, numbers or texts throughout

TRIALS, BEST, BASELINE, OTHERS = "#4c8fd0", "#d9822b", "#2a9d6f", "#8a8a8a"
CURVES = (TRIALS, BEST, BASELINE, "#a368c9", "#c75d6c", "#7f9d2a")
LEGEND = {"orientation": "h", "y": 1.04, "yanchor": "bottom"}
# What a line is tells its dash, too: in grey, on paper and to colour-blind eyes.
DASHES = {"baseline": "solid", "best constant": "dash", "popularity": "dot", "bias": "dashdot"}


def history(trials: Sequence[Point], best: Sequence[Point], beside: Mapping[str, float], aim: str) -> Plot:
    """Draw what each trial reached, and the best so far as steps."""
    dots = {**_xy(trials), "mode": "markers", "name": "trial", "marker": {"color": TRIALS, "size": 6}}
    steps = {"mode": "lines", "name": "best so far", "line": {"color": BEST, "shape": "hv", "width": 2.5}}
    layout = framed("trial", aim, showlegend=True, legend=LEGEND) | across(beside)
    return {"data": [dots, {**_xy(best), **steps}], "layout": layout}


def curves(best: Mapping[str, Sequence[Point]], beside: Mapping[str, float], aim: str) -> Plot:
    """Draw the best so far of several runs, each as steps."""
    lines = [
        {**_xy(points), "mode": "lines", "name": name, "line": {"color": colour, "shape": "hv", "width": 2}}
        for (name, points), colour in zip(best.items(), CURVES * len(best), strict=False)
    ]
    legend = {"orientation": "h", "y": -0.25, "yanchor": "top"}
    layout = framed("trial", aim, showlegend=len(lines) <= len(CURVES), legend=legend)
    return {"data": lines, "layout": layout | across(beside)}


def bars(shares: Mapping[str, float], title: str) -> Plot:
    """Draw shares as bars, the largest on top."""
    names = list(shares)[::-1]
    bar = {"type": "bar", "orientation": "h", "y": names, "x": [shares[name] for name in names]}
    layout = framed(title, "") | {"height": 60 + 22 * len(names)}
    return {"data": [{**bar, "marker": {"color": TRIALS}}], "layout": layout}


def small(
    name: str, column: Column, values: Sequence[float], winner: int | None, beside: Mapping[str, float]
) -> Plot:
    """Draw one hyperparameter against what was maximised, small enough for many of them.

    Args:
        name: of the hyperparameter.
        column: its value in each trial; texts stand side by side in the order of the alphabet.
        values: what each trial reached.
        winner: the place of the winner among them; None where it is not there.
        beside: what stands beside the trials, by name.

    """
    dots = {"x": list(column), "y": list(values), "mode": "markers"}
    data = [dots | {"marker": {"color": TRIALS, "size": 5, "opacity": 0.55}}]
    if winner is not None:
        star = {"x": [column[winner]], "y": [values[winner]], "mode": "markers"}
        data.append(star | {"marker": {"color": BEST, "size": 11, "symbol": "star"}})
    layout = framed(name, "", height=210) | across(beside, side=None) | {"font": {"size": 11}}
    if texts := _texts(column):
        layout["xaxis"] |= {"type": "category", "categoryorder": "array", "categoryarray": texts}
    return {"data": data, "layout": layout}


def parallel(
    columns: Mapping[str, Column], values: Sequence[float], beside: Mapping[str, float], aim: str
) -> Plot:
    """Draw each trial as a line across its hyperparameters, each from its lowest value to its highest.

    Texts stand at even distances, in the order of the alphabet.
    The best tenth stands out. Lines of plain scatter traces, as plotly's own parallel coordinates need WebGL.
    """
    axes: dict[str, Column] = {**columns, aim: [*values, *beside.values()]}
    shares = [_shares(column) for column in axes.values()]
    lines = list(zip(*(column[: len(values)] for column in shares), strict=True))
    order = sorted(range(len(values)), key=lambda trial: -values[trial])
    best = max(len(order) // 10, 1)
    data = [
        _lines([lines[trial] for trial in order[best:]], "others", TRIALS, 0.25),
        _lines([lines[trial] for trial in order[:best]], "best tenth", BEST, 0.9),
        _marks(len(columns), shares[-1][len(values) :], list(beside)),
    ]
    ticks = {"tickvals": list(range(len(axes))), "ticktext": list(axes), "tickangle": -30, "automargin": True}
    layout = framed("", "", height=420, showlegend=True, legend=LEGEND, annotations=_ends(axes.values()))
    return {"data": data, "layout": layout | {"xaxis": ticks, "yaxis": {"visible": False}}}


def two_aims(
    trials: Sequence[Point],
    front: Sequence[Point],
    beside: tuple[Mapping[str, float], Mapping[str, float]],
    aims: tuple[str, str],
) -> Plot:
    """Draw trials by two metrics, those joined that no other beats in both, beside lines of the others."""
    dots = {**_xy(trials), "mode": "markers", "name": "trial", "marker": {"color": TRIALS, "size": 6}}
    line, marker = {"color": BEST, "shape": "vh"}, {"color": BEST, "size": 9}
    best = {**_xy(front), "mode": "lines+markers", "name": "beaten in both by none", "line": line}
    level, upright = across(beside[1], side="left"), _up(beside[0])
    marks = {key: [*level[key], *upright[key]] for key in ("shapes", "annotations")}
    layout = framed(*aims, showlegend=True, legend=LEGEND) | marks
    return {"data": [dots, {**best, "marker": marker}], "layout": layout}


def _texts(column: Column) -> list[str]:
    """List the different texts of a column by the alphabet; none of a column of numbers."""
    return sorted({value for value in column if isinstance(value, str)})


def _shares(column: Column) -> list[float]:
    """Place values between the lowest and the highest, 0 to 1; all in the middle where they are equal."""
    texts = _texts(column)
    places = [texts.index(value) if isinstance(value, str) else value for value in column]
    low, high = min(places), max(places)
    return [(place - low) / (high - low) if high > low else 0.5 for place in places]


def _lines(lines: Sequence[Sequence[float]], name: str, colour: str, opacity: float) -> Plot:
    """Draw many lines as one trace, with a gap after each."""
    x = [place for line in lines for place in (*range(len(line)), None)]
    y = [value for line in lines for value in (*line, None)]
    drawn = {"mode": "lines", "line": {"color": colour, "width": 1.5}, "opacity": opacity}
    return {"x": x, "y": y, "name": name, "hoverinfo": "skip", **drawn}


def _marks(place: int, shares: Sequence[float], names: Sequence[str]) -> Plot:
    """Mark what stands beside the trials on the axis of what was maximised."""
    text = {"mode": "markers+text", "text": names, "textposition": "middle left", "showlegend": False}
    marker = {"color": BASELINE, "size": 9, "symbol": "diamond"}
    return {"x": [place] * len(shares), "y": list(shares), "marker": marker, **text}


def _ends(axes: Iterable[Column]) -> list[Plot]:
    """Write the lowest and the highest value at the ends of each axis, and each text where it stands."""
    return [
        {"x": place, "y": y, "text": text, "showarrow": False, "yanchor": anchor}
        for place, axis in enumerate(axes)
        for y, text, anchor in _marked(axis)
    ]


def _marked(axis: Column) -> list[tuple[float, str, str]]:
    """Say what is written beside an axis: how high, what, and which edge of it lies there."""
    texts = _texts(axis)
    if texts:
        return [(y, text, "middle") for y, text in zip(_shares(texts), texts, strict=True)]
    numbers = [value for value in axis if not isinstance(value, str)]
    return [(0, f"{min(numbers):.3g}", "top"), (1, f"{max(numbers):.3g}", "bottom")]


def _xy(points: Sequence[Point]) -> Plot:
    return {"x": [x for x, _ in points], "y": [y for _, y in points]}


def framed(x: str, y: str, **more: Any) -> Plot:
    """Lay a plot out between its two axes."""
    margin = {"l": 55, "r": 12, "t": 12, "b": 45}
    axes = {key: {"title": {"text": text}, "automargin": True} for key, text in (("xaxis", x), ("yaxis", y))}
    return {**axes, "margin": margin, "showlegend": False, "height": 340, **more}


def across(beside: Mapping[str, float], side: str | None = "right") -> Plot:
    """Draw the baseline and the references as lines from side to side, named at one side or not at all."""
    place = {"x": 1 if side == "right" else 0, "xref": "paper", "xanchor": side, "yanchor": "bottom"}
    names = [{"text": name, "y": value, **place, "showarrow": False} for name, value in beside.items()]
    return {
        "shapes": [_line("y", value, name) for name, value in beside.items()],
        "annotations": [] if side is None else names,
    }


def _up(beside: Mapping[str, float]) -> Plot:
    """Draw them from bottom to top, where the metric runs sideways."""
    place = {"y": 1, "yref": "paper", "xanchor": "right", "yanchor": "top", "textangle": -90}
    return {
        "shapes": [_line("x", value, name) for name, value in beside.items()],
        "annotations": [{"text": name, "x": x, **place, "showarrow": False} for name, x in beside.items()],
    }


def _line(axis: str, value: float, name: str) -> Plot:
    other = "x" if axis == "y" else "y"
    ends = {f"{axis}0": value, f"{axis}1": value, f"{other}0": 0, f"{other}1": 1, f"{other}ref": "paper"}
    colour = BASELINE if name == "baseline" else OTHERS
    line = {"color": colour, "width": 1.5, "dash": DASHES.get(name, "longdash")}
    return {"type": "line", **ends, "line": line}
