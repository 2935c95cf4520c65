"""What a report is asked for, read from conf/report.yaml as it is composed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from omegaconf import DictConfig

from db.urls import read_url
from pipeline.parameters import InvalidInput, near, parameter, read
from project import ROOT, problems_of_file
from report.forms import FORMS
from sweep.sections import collected, plain, section_of, url_of

SECTIONS = ("report", "db")


@dataclass(frozen=True, kw_only=True)
class Report:
    """The keys of the section report."""

    run: str | None = parameter(None, "run_id of one run; null = all runs")
    format: str = parameter("terminal", "how it is written", choices=FORMS)
    output: str | None = parameter(None, "file to write, relative to the project; null = the terminal")
    export: str | None = parameter(None, "file to write instead of a report", choices=("optuna",))

    def conflicts(self) -> Iterator[str]:
        if self.export is not None and self.format != "terminal":
            yield f"export={self.export} writes a file of its own: leave report.format out, got {self.format}"
        if self.output is not None:
            yield from (f"output {problem}, got {self.output!r}" for problem in problems_of_file(self.output))

    @property
    def file(self) -> Path | None:
        """The file that was asked for, if one was."""
        return None if self.output is None else ROOT / self.output


@dataclass(frozen=True)
class ReportSettings:
    """One composed config of report_app, read."""

    report: Report
    db_url: str


def read_report_settings(config: DictConfig) -> ReportSettings:
    """Read a composed config, without its hydra node.

    Raises:
        InvalidInput: with every problem of every section, each under its dotted key.

    """
    values = plain(config)
    problems = [f"{key} does not exist{near(key, SECTIONS)}" for key in values if key not in SECTIONS]
    report = collected(problems, lambda: read(Report, section_of(values, "report"), "report."))
    url = collected(problems, _checked_url, values, report)
    if problems or report is None or url is None:
        raise InvalidInput(problems)
    return ReportSettings(report, url)


def _checked_url(values: Mapping[str, Any], report: Report | None) -> str:
    url = url_of(values)
    record = read_url(url).database
    file = None if report is None else report.file
    if record is not None and file is not None and file.resolve() == Path(record).resolve():
        raise InvalidInput(f"report.output must not be the record itself, got {file}")
    return url
