"""A run's findings in the terminal, in 80 columns."""

from collections.abc import Sequence
from typing import TextIO

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table as RichTable

from report.findings import Findings
from report.judgement import Judgement
from report.next_steps import next_steps, report_command
from report.overview import Overview
from report.results import results_table
from report.runs import group_lines, overview_figures, runs_table
from report.summary import Figure, summary_figures
from report.tables import Table
from report.telling import telling
from report.user_groups import groups_table
from report.verdict import failure_lines


def console(out: TextIO | None = None) -> Console:
    """Open the terminal, or a file as if it were one.

    Reasons of failures and paths are not markup, whatever brackets they hold.
    """
    return Console(file=out, highlight=False, markup=False, emoji=False)


def print_findings(out: Console, findings: Findings, judgement: Judgement) -> None:
    """Print what a run found; a run without a completed trial says so."""
    if findings.ranked:
        told = telling(findings, judgement)
        print_table(out, results_table(findings, judgement))
        for table in (*told.tables, *filter(None, [groups_table(findings)])):
            out.print()
            print_table(out, table)
        out.print()
        print_figures(out, summary_figures(findings, judgement))
        out.print()
        for line in told.lines:
            out.print(line)
        # One line each, however long: to be copied and searched.
        for step in next_steps(findings, judgement):
            out.print(f"Next: {step.command}  # {step.purpose}", soft_wrap=True)
    else:
        out.print(f"{findings.run_id}: no trial completed, so that there is nothing to compare.")
    for line in failure_lines(findings):
        out.print(line, style="red", soft_wrap=True)


def print_overview(out: Console, found: Overview) -> None:
    """Print what all runs found, one table a problem."""
    print_figures(out, overview_figures(found))
    for group in found.groups:
        out.print()
        print_table(out, runs_table(group, group.title))
        for line in group_lines(group):
            out.print(line)
        if group.best is not None:
            command = report_command(group.best.run_id, found.database)
            out.print(f"Next: {command}  # says what it is worth", soft_wrap=True)


def print_figures(out: Console, figures: Sequence[Figure]) -> None:
    width = max(len(figure.name) for figure in figures)
    for figure in figures:
        out.print(f"{figure.name:<{width}}  {figure.value}", soft_wrap=True)


def print_table(out: Console, table: Table) -> None:
    """Print a table with a rule under its heads and a space between its groups."""
    printed = RichTable(
        title=table.caption,
        title_justify="left",
        box=SIMPLE_HEAD,
        padding=(0, 0, 0, 0),
        pad_edge=False,
        show_edge=False,
    )
    for column in table.columns:
        printed.add_column(
            column.heading,
            justify="right" if column.numeric else "left",
            style="dim" if column.aside else None,
            no_wrap=not column.wraps,
        )
    for group in table.groups:
        for row in group:
            printed.add_row(*map(str, row))
        printed.add_section()
    out.print(printed, soft_wrap=True)
