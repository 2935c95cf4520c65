"""Say what was found, or what ratings hold: in the terminal, as a page, as data.

python src/report_app.py                                          all runs
python src/report_app.py report.run=<run_id> report.format=html   one run; also json, csv, md
python src/report_app.py report.export=optuna                     a study file for optuna-dashboard
python src/report_app.py report=data data=synthetic               what ratings hold, before any is learnt from
"""

import hydra
from omegaconf import DictConfig

from sweep.command import command_line
from sweep.command.report_command import REPORT
from sweep.command.whitelist import EXECUTION_WHITELIST


@hydra.main(config_path="../conf", config_name="report", execution_whitelist=EXECUTION_WHITELIST)
def report(config: DictConfig) -> None:
    """Make the report that a composed config asks for."""
    from sweep.command.report_settings import read_report_settings  # noqa: PLC0415 - composing alone needs no arrays
    from sweep.command.reporting import make_report  # noqa: PLC0415

    make_report(read_report_settings(config))


if __name__ == "__main__":
    command_line.run(report, REPORT)
