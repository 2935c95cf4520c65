"""The forms that a report takes. Each loads only what it needs: numbers for a table need no statistics."""

# ruff: noqa: PLC0415

from pathlib import Path
from typing import TextIO

from report.findings import Findings
from report.overview import Overview

FORMS = ("terminal", "html", "json", "csv", "md")


def write(form: str, found: Findings | Overview, out: TextIO, folder: Path) -> None:
    """Write a run, or all; links of a page lead from the folder that it is put into."""
    if form == "csv":
        from report.csv_form import csv_text

        out.write(csv_text([one for run in found.runs for one in run.experiments]))
    elif isinstance(found, Findings):
        _write_run(form, found, out, folder)
    else:
        _write_overview(form, found, out, folder)


def nothing(form: str) -> str | None:
    """Give what a program expects of an empty record; None for a form that people read."""
    if form == "csv":
        from report.csv_form import csv_text

        return csv_text([])
    if form == "json":
        from report.json_form import json_of_nothing

        return json_of_nothing()
    return None


def _write_run(form: str, findings: Findings, out: TextIO, folder: Path) -> None:
    from report.judgement import judged

    judgement = judged(findings)
    if form == "html":
        from report.pages import page_of_run

        out.write(page_of_run(findings, judgement, folder))
    elif form == "json":
        from report.json_form import json_of_run

        out.write(json_of_run(findings, judgement))
    elif form == "md":
        from report.markdown import markdown_of_run

        out.write(markdown_of_run(findings, judgement))
    else:
        from report.terminal import console, print_findings

        print_findings(console(out), findings, judgement)


def _write_overview(form: str, found: Overview, out: TextIO, folder: Path) -> None:
    if form == "html":
        from report.pages import page_of_overview

        out.write(page_of_overview(found, folder))
    elif form == "json":
        from report.json_form import json_of_overview

        out.write(json_of_overview(found))
    elif form == "md":
        from report.markdown import markdown_of_overview

        out.write(markdown_of_overview(found))
    else:
        from report.terminal import console, print_overview

        print_overview(console(out), found)
