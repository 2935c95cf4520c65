"""What a report is asked for, read from conf/report.yaml as it is composed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from omegaconf import DictConfig

from db.urls import read_url
from pipeline.hyperparameters import MODELS, Phase1
from pipeline.parameters import InvalidInput, near, parameter, read
from pipeline.sources.section import Data, read_section
from pipeline.split import SplitSettings
from project import ROOT, problems_of_file
from report.data_forms import DATA_FORMS
from report.forms import FORMS
from sweep.sections import collected, plain, section_of, url_of
from sweep.settings import named_settings, split_of

SECTIONS = ("report", "db")
OF_DATA = ("data", "split", "model")


@dataclass(frozen=True, kw_only=True)
class Report:
    """The keys of report=runs."""

    run: str | None = parameter(None, "run_id of one run; null = all runs")
    format: str = parameter("terminal", "how it is written", choices=FORMS)
    output: str | None = parameter(None, "file to write, relative to the project; null = the terminal")
    export: str | None = parameter(None, "file to write instead of a report", choices=("optuna",))

    def conflicts(self) -> Iterator[str]:
        if self.export is not None and self.format != "terminal":
            yield f"export={self.export} writes a file of its own: leave report.format out, got {self.format}"
        yield from _file_problems(self.output)

    @property
    def file(self) -> Path | None:
        """The file that was asked for, if one was."""
        return None if self.output is None else ROOT / self.output


@dataclass(frozen=True, kw_only=True)
class DataReport:
    """The keys of report=data."""

    format: str = parameter("terminal", "how it is written", choices=DATA_FORMS)
    output: str | None = parameter(None, "file to write, relative to the project; null = the terminal")

    def conflicts(self) -> Iterator[str]:
        yield from _file_problems(self.output)

    @property
    def file(self) -> Path | None:
        """The file that was asked for, if one was."""
        return None if self.output is None else ROOT / self.output


REPORTS: dict[str, type[Report] | type[DataReport]] = {"runs": Report, "data": DataReport}


@dataclass(frozen=True)
class ReportSettings:
    """One composed config of report_app with report=runs, read."""

    report: Report
    db_url: str


@dataclass(frozen=True)
class DataReportSettings:
    """One composed config of report_app with report=data, read."""

    report: DataReport
    data: Data
    split_name: str
    split: SplitSettings
    model: str
    hyperparameters: Phase1
    db_url: str  # of the record, which has the ratings that came in through the service


def read_report_settings(config: DictConfig) -> ReportSettings | DataReportSettings:
    """Read a composed config, without its hydra node.

    Raises:
        InvalidInput: with every problem of every section, each under its dotted key.

    """
    values = plain(config)
    is_of_data = _name_of(values) == "data"
    known = (*SECTIONS, *OF_DATA) if is_of_data else SECTIONS
    problems = [f"{key} does not exist{near(key, known)}" for key in values if key not in known]
    report = collected(problems, _report, values)
    url = collected(problems, _checked_url, values, report)
    made = collected(problems, _of_data, values, report, url) if is_of_data else None
    if problems or report is None or url is None:
        raise InvalidInput(problems)
    return made or ReportSettings(report, url)


def _name_of(values: Mapping[str, Any]) -> object:
    """Tell what is reported on.

    Raises:
        InvalidInput: where the name is another than that of the preset, which brings its sections along.

    """
    section, has_data = values.get("report"), all(name in values for name in OF_DATA)
    name = section.get("name") if isinstance(section, dict) else None
    if name in REPORTS and (name == "data") != has_data:
        raise InvalidInput(f"report.name is fixed: choose report={name}")
    return name


def _report(values: Mapping[str, Any]) -> Any:
    name, section = named_settings(REPORTS, values, "report")
    return read(REPORTS[name], section, "report.")


def _of_data(values: Mapping[str, Any], report: Any, url: str | None) -> DataReportSettings | None:
    problems: list[str] = []
    data = collected(problems, lambda: read_section(section_of(values, "data")))
    split = collected(problems, split_of, values)
    model = collected(problems, _model, values)
    if problems:
        raise InvalidInput(problems)
    if report is None or data is None or split is None or model is None or url is None:
        return None
    return DataReportSettings(report, data, *split, *model, url)


def _model(values: Mapping[str, Any]) -> tuple[str, Phase1]:
    name, section = named_settings(MODELS, values, "model")
    return name, read(MODELS[name], section, "model.")


def _file_problems(output: str | None) -> Iterator[str]:
    if output is not None:
        yield from (f"output {problem}, got {output!r}" for problem in problems_of_file(output))


def _checked_url(values: Mapping[str, Any], report: Report | DataReport | None) -> str:
    url = url_of(values)
    record = read_url(url).database
    file = None if report is None else report.file
    if record is not None and file is not None and file.resolve() == Path(record).resolve():
        raise InvalidInput(f"report.output must not be the record itself, got {file}")
    return url
