"""What was found as one page for the browser that needs nothing else: of one run, or of all."""

from collections.abc import Iterator
from pathlib import Path

from report.findings import Findings
from report.html import code, commands, figures, page, paragraphs, section, table
from report.judgement import Judgement
from report.next_steps import Step, next_steps, report_command
from report.overview import Group, Overview
from report.plot_sections import group_plot, run_plots
from report.plotly_script import INSTALL, can_plot
from report.results import failures_table, parameters_table, results_table, tests_table
from report.runs import group_lines, overview_figures, runs_table
from report.summary import Figure, summary_figures
from report.telling import telling
from report.user_groups import HEADING, groups_table


def page_of_run(findings: Findings, judgement: Judgement, folder: Path) -> str:
    """Tell of one run; links lead from the folder that the page is put into."""
    body = [*_found(findings, judgement, folder), *_failures(findings, folder), *_origin(findings)]
    return page(findings.run_id, [_lead(findings), *body])


def page_of_overview(found: Overview, folder: Path) -> str:
    """Tell of all runs, of those together that can be compared."""
    head = section("Summary", figures(overview_figures(found)))
    return page("All runs", [head, *(_group(group, found, folder) for group in found.groups)])


def _lead(findings: Findings) -> str:
    """Say what the run was."""
    run = findings.run
    if run is None:
        return paragraphs(["This run is older than the table of runs: on what it was measured is not known."])
    what = f"{run.tuning_method} of {run.model} for {run.objective} on {run.data_name}"
    when = f"{run.started_at:%Y-%m-%d %H:%M} UTC, {findings.ending}"
    return paragraphs([f"{what}, split {run.split.get('name')}; {when}."])


def _found(findings: Findings, judgement: Judgement, folder: Path) -> Iterator[str]:
    if not findings.ranked:
        yield section("Verdict", paragraphs(["No trial completed, so that there is nothing to compare."]))
        return
    told = telling(findings, judgement)
    yield section("Verdict", f'<div class="verdict">\n{paragraphs(told.lines)}</div>\n')
    yield section("Summary", figures(summary_figures(findings, judgement)))
    for one in told.tables:
        yield section("What this search is for", table(one, folder))
    yield from run_plots(findings) if can_plot() else [_no_plots()]
    yield section("The winner against the baseline", table(parameters_table(findings.winner), folder))
    best = [results_table(findings, judgement), tests_table(findings, judgement)]
    yield section("Best trials", *(table(one, folder) for one in best if one is not None))
    groups = groups_table(findings)
    yield section(HEADING, "" if groups is None else table(groups, folder))
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
