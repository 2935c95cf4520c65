"""Commands of report_app: what is checked of them beside what every application checks."""

from argparse import Namespace

from omegaconf import DictConfig

from sweep.command.application import Application
from sweep.command.one_run import problems_of_one_run


def problems_of(config: DictConfig, options: Namespace) -> list[str]:
    """Name every problem of a command that is to make a report."""
    from sweep.command.report_settings import read_report_settings  # noqa: PLC0415 - not for --help

    return problems_of_one_run(config, options, REPORT, read_report_settings)


REPORT = Application(
    "report", problems_of, one_run="a report is made once; report.run=null is on all runs together"
)
