"""What report_app does: find in the record, or in data, what was asked for, and write it as asked for."""

import io
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from sqlalchemy import Engine

from db.runs import run_ids
from db.snapshot import snapshot
from pipeline.parameters import InvalidInput, near, parameters
from project import ROOT, shown_path
from report.files import DATA_PAGE, PAGE, STUDY, replaced
from report.findings import Findings, gathered
from report.forms import nothing, write
from report.next_steps import first_search
from report.overview import Overview, overview
from report.plotly_script import INSTALL, can_plot
from sweep.command.command_line import refuse
from sweep.command.report_settings import DataReportSettings, Report, ReportSettings
from sweep.keys import General
from sweep.runs.environment import database_typed


def make_report(settings: ReportSettings | DataReportSettings) -> None:
    """Report on what is recorded, or say that nothing is; or on data.

    Raises:
        SystemExit: 2 after one line, where the run that was asked for is not recorded, the data cannot be had
            or a file has no place.

    """
    try:
        if isinstance(settings, DataReportSettings):
            _report_on_data(settings)
        else:
            _report(settings.report, snapshot(settings.db_url))
        sys.stdout.flush()
    except InvalidInput as error:
        refuse(error)  # here, as Hydra would say more than is of use
    except BrokenPipeError:
        # Who reads, such as head, has seen enough; nor is there anybody whom Python could tell at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _report(report: Report, engine: Engine | None) -> None:
    known = [] if engine is None else run_ids(engine)
    if report.run is not None and report.run not in known:
        raise InvalidInput(f"report.run={report.run} is not recorded{near(report.run, known, 'report.run=')}")
    if engine is None or not known:
        _say_nothing(report.format)
    elif report.run is None:
        _write(report, overview(engine, database_typed()))
    else:
        _write(report, gathered(engine, report.run, database_typed()))


def _report_on_data(settings: DataReportSettings) -> None:
    from report.data_forms import write_data  # noqa: PLC0415 - slow to load, as all that reads ratings
    from sweep.command.data_reporting import looked_at  # noqa: PLC0415

    found = looked_at(settings, sys.argv[1:])
    path = settings.report.file
    if path is None and settings.report.format == "html":
        path = _folder_of_all() / DATA_PAGE
    _written(path, lambda out: write_data(settings.report.format, found, out))


def _say_nothing(form: str) -> None:
    """Say that nothing is recorded; programs get what they read, with nothing in it."""
    empty, step = nothing(form), first_search("records something", database_typed())
    said = f"nothing is recorded yet; this {step.purpose}: {step.command}"
    print(said, file=sys.stdout if empty is None else sys.stderr)
    print(empty or "", end="")


def _write(report: Report, found: Findings | Overview) -> None:
    path = report.file
    if report.export is not None:
        from report.optuna_study import export  # noqa: PLC0415 - slow to load

        path = path or _place(found, STUDY)
        export(path, found.runs)
        print(f"{shown_path(path)} written; optuna-dashboard sqlite:///{path} opens it")
        return
    if report.format == "html":
        path = path or _place(found, PAGE)
        if not can_plot():
            raise InvalidInput(f"report.format=html needs plotly for its plots: run {INSTALL}")
    folder = ROOT if path is None else path.parent
    _written(path, lambda out: write(report.format, found, out, folder))


def _written(path: Path | None, write_to: Callable[[TextIO], None]) -> None:
    """Write into a file in one step, and say so; into the terminal where there is none."""
    if path is None:
        write_to(sys.stdout)
        return
    text = io.StringIO()
    write_to(text)
    replaced(path, text.getvalue())
    print(f"{shown_path(path)} written")


def _place(found: Findings | Overview, name: str) -> Path:
    """Put a file into the run's folder, one about all runs into the folder of all."""
    if isinstance(found, Overview):
        return _folder_of_all() / name
    if found.folder is None:
        raise InvalidInput(f"report.output must name a file, as the folder of run {found.run_id} is gone")
    return found.folder / name


def _folder_of_all() -> Path:
    folder: Path = ROOT / parameters(General)["outputs"].default
    folder.mkdir(exist_ok=True)
    return folder
