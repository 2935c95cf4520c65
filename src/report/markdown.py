"""What was found as Markdown: for a pull request, a wiki, a letter."""

from collections.abc import Iterable, Iterator

from report.findings import Findings
from report.judgement import Judgement
from report.next_steps import next_steps, report_command
from report.overview import Overview
from report.results import failures_table, parameters_table, results_table, tests_table
from report.runs import group_lines, overview_figures, runs_table
from report.summary import Figure, summary_figures
from report.tables import Table
from report.telling import telling
from report.user_groups import HEADING, groups_table


def markdown_of_run(findings: Findings, judgement: Judgement) -> str:
    """Write a run's verdict, figures and tables."""
    return "\n".join([f"# {findings.run_id}", "", *_run(findings, judgement)])


def markdown_of_overview(found: Overview) -> str:
    """Write a table of runs for each problem, and what is the best there."""
    lines = ["# All runs", "", *figure_lines(overview_figures(found))]
    for group in found.groups:
        lines += [f"## {group.title}", "", *table_lines(runs_table(group)), *list_lines(group_lines(group))]
        if group.best is not None:
            lines += code_lines([report_command(group.best.run_id, found.database)])
    return "\n".join(lines)


def _run(findings: Findings, judgement: Judgement) -> Iterator[str]:
    if findings.ranked:
        yield from _found(findings, judgement)
    else:
        yield from ("No trial completed, so that there is nothing to compare.", "")
    if findings.failures:
        yield from table_lines(failures_table(findings), heading="## Failures")
    if findings.run is not None:
        yield from ("## Command", "", *code_lines([findings.run.command]))
    if findings.ranked:
        yield from ("## Next", "")
        yield from code_lines(f"{step.command}  # {step.purpose}" for step in next_steps(findings, judgement))


def _found(findings: Findings, judgement: Judgement) -> Iterator[str]:
    told = telling(findings, judgement)
    yield from list_lines(told.lines)
    yield from figure_lines(summary_figures(findings, judgement))
    for table in told.tables:
        yield from table_lines(table, heading="## What this search is for")
    yield from table_lines(results_table(findings, judgement), heading="## Best trials")
    tests = tests_table(findings, judgement)
    if tests is not None:
        yield from table_lines(tests, heading="## Against the baseline")
    groups = groups_table(findings)
    if groups is not None:
        yield from table_lines(groups, heading=f"## {HEADING}")
    yield from table_lines(parameters_table(findings.winner), heading="## The winner, parameter by parameter")


def table_lines(table: Table, heading: str | None = None) -> Iterator[str]:
    if heading is not None:
        yield from (heading, "", table.caption, "")
    yield _row(column.heading.replace("\n", " ") for column in table.columns)
    yield _row("--:" if column.numeric else "---" for column in table.columns)
    yield from (_row(map(str, row)) for row in table.rows)
    yield ""


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def figure_lines(figures: Iterable[Figure]) -> Iterator[str]:
    yield from (f"* {figure.name}: {figure.value}" for figure in figures)
    yield ""


def list_lines(lines: Iterable[str]) -> Iterator[str]:
    written = [f"* {line}" for line in lines]
    yield from ([*written, ""] if written else [])


def code_lines(commands: Iterable[str]) -> Iterator[str]:
    yield from (f"    {command}" for command in commands)
    yield ""
