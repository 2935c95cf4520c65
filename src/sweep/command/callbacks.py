"""A run of one trial, without -m: checked before its folder is made, shown after it was recorded."""

import traceback
from typing import Any

from hydra.core.utils import JobReturn, JobStatus
from hydra.experimental.callback import Callback
from omegaconf import DictConfig, OmegaConf

from db.engine import connect
from db.runs import close_run
from pipeline.parameters import InvalidInput
from sweep.command.checks import checked_settings
from sweep.command.command_line import refuse
from sweep.runs.plan import Plan
from sweep.runs.tuning_run import announce, claim, prepared_database, show_summary


class SingleRun(Callback):
    """Hydra turns exceptions of callbacks into warnings, so that refusals leave as SystemExit."""

    def on_run_start(self, config: DictConfig, **kwargs: Any) -> None:
        try:
            method = OmegaConf.select(config, "search.method")
            if method != "manual":
                command = f"python src/tune_app.py -m search={method}"
                raise InvalidInput(f"search={method} runs many trials and needs -m: {command}")
            self._settings = checked_settings(config)
            plan = Plan(total=1)
            announce(self._settings, plan, claim(prepared_database(self._settings), self._settings, plan))
        except InvalidInput as error:
            refuse(error)
        except Exception:
            traceback.print_exc()
            raise SystemExit(1) from None

    def on_run_end(self, config: DictConfig, **kwargs: Any) -> None:
        job_return: JobReturn = kwargs["job_return"]
        if job_return.status == JobStatus.COMPLETED:
            engine = connect(self._settings.db_url)
            close_run(engine, self._settings.general.run_id, stop_reason=None)
            show_summary(engine, self._settings)
