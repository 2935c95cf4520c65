"""The forms that an audit of data takes; none of them needs a record, nor plotly."""

# ruff: noqa: PLC0415

import dataclasses
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import TextIO

from report.data_found import GRAVE, DataFound, bars_table, sections, span, title

DATA_FORMS = ("terminal", "html", "json", "md")


def write_data(form: str, found: DataFound, out: TextIO) -> None:
    """Write what was found of data."""
    if form == "html":
        out.write(page_of_data(found))
    elif form == "json":
        out.write(json_of_data(found))
    elif form == "md":
        out.write("\n".join(_markdown(found)))
    else:
        print_data(found, out)


def print_data(found: DataFound, out: TextIO) -> None:
    """Print it, in 80 columns but for commands and names."""
    from report.terminal import console, print_figures, print_table

    terminal = console(out)
    terminal.print(title(found), style="bold", soft_wrap=True)
    for section in sections(found):
        terminal.print()
        terminal.print(section.title, style="bold")
        for line in section.lines:
            terminal.print(f"* {line}", style="red" if line.startswith(GRAVE) else None)
        if section.figures:
            print_figures(terminal, section.figures)
        for number, table in enumerate(section.tables):
            if number:
                terminal.print()
            print_table(terminal, table)
    terminal.print()
    for step in found.steps:
        terminal.print(f"Next: {step.command}  # {step.purpose}", soft_wrap=True)


def page_of_data(found: DataFound) -> str:
    """Write a page; the histogram is drawn by the browser's own means."""
    from report.html import commands, figures, page, paragraphs, section, table

    body = []
    for one in sections(found):
        tables = [
            _drawn(found) if drawn.caption == bars_table(found.audit).caption else table(drawn, Path())
            for drawn in one.tables
        ]
        shown = figures(one.figures) if one.figures else ""
        body.append(section(one.title, paragraphs(one.lines), shown, *tables))
    return page(title(found), [*body, section("Next", commands(found.steps))])


def _drawn(found: DataFound) -> str:
    """Draw the histogram as bars of a table."""
    bars, ratings = found.audit.levels.bars, found.audit.sizes.ratings
    most = max(bar.ratings for bar in bars)
    rows = "".join(
        f'<tr><th scope="row" class="number">{escape(span(bar))}</th>'
        f'<td class="number">{bar.ratings:,}</td><td class="number">{bar.ratings / ratings:.1%}</td>'
        f'<td class="bar"><span style="width:{100 * bar.ratings / most:.2f}%"></span></td></tr>\n'
        for bar in bars
    )
    heads = '<th scope="col" class="number">rating</th><th scope="col" class="number">ratings</th>'
    heads += '<th scope="col" class="number">share</th><th></th>'
    return (
        '<div class="scroll" role="region" tabindex="0" aria-label="ratings by level">\n<table>\n'
        f"<caption>ratings by level</caption>\n<thead><tr>{heads}</tr></thead>\n<tbody>\n{rows}</tbody>\n"
        "</table>\n</div>\n"
    )


def json_of_data(found: DataFound) -> str:
    """Write everything with full precision."""
    from report.json_form import json_text

    return json_text(
        {
            "data": found.audit,
            "split": found.split,
            "model": found.model,
            "oddities": found.oddities,
            "hyperparameters": found.reaches,
            "intake": None if found.intake is None else dataclasses.asdict(found.intake),
            "next": [step._asdict() for step in found.steps],
        }
    )


def _markdown(found: DataFound) -> Iterator[str]:
    from report.markdown import code_lines, figure_lines, list_lines, table_lines

    yield from (f"# {title(found)}", "")
    for section in sections(found):
        yield from (f"## {section.title}", "")
        yield from list_lines(section.lines)
        if section.figures:
            yield from figure_lines(section.figures)
        for table in section.tables:
            yield from table_lines(table)
    yield from ("## Next", "")
    yield from code_lines(f"{step.command}  # {step.purpose}" for step in found.steps)
