"""What was found as one page for the browser that needs nothing else: of one run, or of all."""

from collections.abc import Iterator
from pathlib import Path

from report.attendance import attendance_lines
from report.findings import Findings
from report.html import code, commands, figures, page, paragraphs, section, table
from report.judgement import Judgement
from report.next_steps import Step, deploy_line, next_steps, report_command
from report.overview import Group, Overview
from report.plot_sections import group_plot, run_plots
from report.plotly_script import INSTALL, can_plot, scripts
from report.results import failures_table, parameters_table, results_table, tests_table
from report.runs import group_lines, overview_figures, runs_table
from report.summary import Figure, summary_figures
from report.verdict import reuse_lines, verdict_lines


def page_of_run(findings: Findings, judgement: Judgement, folder: Path) -> str:
    """Tell of one run; links lead from the folder that the page is put into."""
    body = [*_found(findings, judgement, folder), *_failures(findings, folder), *_origin(findings)]
    return page(findings.run_id, body, scripts())


def page_of_overview(found: Overview, folder: Path) -> str:
    """Tell of all runs, of those together that can be compared."""
    head = section("Summary", figures(overview_figures(found)))
    return page("All runs", [head, *(_group(group, found, folder) for group in found.groups)], scripts())


def _found(findings: Findings, judgement: Judgement, folder: Path) -> Iterator[str]:
    if not findings.ranked:
        yield section("Verdict", paragraphs(["No trial completed, so that there is nothing to compare."]))
        return
    lines = [*verdict_lines(findings, judgement), deploy_line(judgement), *attendance_lines(findings.run)]
    yield section("Verdict", f'<div class="verdict">\n{paragraphs(lines)}</div>\n')
    yield section("Summary", figures(summary_figures(findings, judgement)))
    yield from run_plots(findings) if can_plot() else [_no_plots()]
    yield section("The winner against the baseline", table(parameters_table(findings.winner), folder))
    best = table(results_table(findings, judgement), folder)
    tests = table(tests_table(findings, judgement), folder)
    yield section("Best trials", best, tests, paragraphs(reuse_lines(findings.statistics)))
    yield section("Next", commands(next_steps(findings, judgement)))


def _failures(findings: Findings, folder: Path) -> Iterator[str]:
    if findings.failures:
        yield section("Failures", table(failures_table(findings), folder))


def _origin(findings: Findings) -> Iterator[str]:
    """Say what made the run, and on what it ran."""
    run = findings.run
    if run is not None:
        yield section("The command that made it", code(run.command))
        environment = [Figure(name, str(value)) for name, value in run.environment.items()]
        yield section("Where it ran", figures(environment))


def _group(group: Group, found: Overview, folder: Path) -> str:
    plot = group_plot(group) if can_plot() else _no_plots()
    steps = []
    if group.best is not None:
        steps.append(Step("says what it is worth", report_command(group.best.run_id, found.database)))
    lines = paragraphs(group_lines(group))
    return section(group.title, lines, plot, table(runs_table(group), folder), commands(steps))


def _no_plots() -> str:
    """Say in the place of plots what brings them."""
    return f"<p>Plots need plotly, which is not installed; this brings it:</p>\n{code(INSTALL)}"
