"""Pieces of a page: text is escaped here and nowhere else."""

import json
import os
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path
from urllib.parse import quote

from report.next_steps import Step
from report.plotly_script import scripts
from report.plots import Plot
from report.summary import Figure
from report.tables import Cell, Column, Link, Table

PLOT = '<figure class="plot'
POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"


def paragraphs(lines: Iterable[str]) -> str:
    return "".join(f"<p>{escape(line)}</p>\n" for line in lines)


def section(title: str, *parts: str) -> str:
    """Put parts under a heading; nothing where all of them are empty."""
    content = "".join(parts)
    return f"<section>\n<h2>{escape(title)}</h2>\n{content}</section>\n" if content else ""


def figures(found: Iterable[Figure]) -> str:
    rows = "".join(f"<div><dt>{escape(one.name)}</dt><dd>{escape(one.value)}</dd></div>\n" for one in found)
    return f'<dl class="figures">\n{rows}</dl>\n'


def table(found: Table, folder: Path) -> str:
    """Write a table that scrolls by itself where it is too wide; links are relative to the folder."""
    heads = "".join(
        f'<th scope="col"{_kind(column)}>{escape(column.heading)}</th>' for column in found.columns
    )
    bodies = "".join(
        f"<tbody>\n{''.join(_row(row, found, folder) for row in group)}</tbody>\n" for group in found.groups
    )
    caption = escape(found.caption)
    return (
        f'<div class="scroll" role="region" tabindex="0" aria-label="{caption}">\n<table>\n'
        f"<caption>{caption}</caption>\n<thead><tr>{heads}</tr></thead>\n{bodies}</table>\n</div>\n"
    )


def plot(figure: Plot, caption: str, kind: str = "wide") -> str:
    """Leave room for a plot, which the page's script draws from the values beside it."""
    values = json.dumps(figure, allow_nan=False, separators=(",", ":")).replace("</", "<\\/")
    return (
        f'{PLOT} {kind}"><div role="img" aria-label="{escape(caption)}"></div>'
        f'<script type="application/json">{values}</script>'
        f"<figcaption>{escape(caption)}</figcaption></figure>\n"
    )


def commands(steps: Iterable[Step]) -> str:
    """List commands, each after what it does."""
    items = "".join(f"<li>{escape(step.purpose)}{code(step.command)}</li>\n" for step in steps)
    return f"<ol>\n{items}</ol>\n" if items else ""


def code(typed: str) -> str:
    """Write what can be typed."""
    return f"<pre><code>{escape(typed)}</code></pre>\n"


def page(title: str, body: Sequence[str]) -> str:
    """Put a page together; its policy keeps the browser from fetching anything."""
    css = Path(__file__).with_name("page.css").read_text(encoding="utf-8")
    content = "".join(body)
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<title>{escape(title)}</title>
<style>
{css}</style>
</head>
<body>
<main>
<h1>{escape(title)}</h1>
{content}</main>
{scripts() if PLOT in content else ""}</body>
</html>
"""


def _row(row: Sequence[Cell], found: Table, folder: Path) -> str:
    """Write a row, whose first cell says what it is about."""
    first, *others = (_cell(cell, folder) for cell in row)
    about, *kinds = map(_kind, found.columns)
    rest = "".join(f"<td{kind}>{cell}</td>" for cell, kind in zip(others, kinds, strict=True))
    return f'<tr><th scope="row"{about}>{first}</th>{rest}</tr>\n'


def _cell(cell: Cell, folder: Path) -> str:
    if not isinstance(cell, Link):
        return escape(cell)
    target = Path(os.path.relpath(cell.target, folder)).as_posix()
    return f'<a href="{escape(quote(target))}/">{escape(cell.text)}</a>'


def _kind(column: Column) -> str:
    kinds = (("number", column.numeric), ("wraps", column.wraps))
    return "".join(f' class="{kind}"' for kind, is_it in kinds if is_it)
