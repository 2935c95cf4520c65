"""Hydra's basic sweeper, with a run that is watched and configurations that are checked beforehand."""

from collections.abc import Sequence
from math import prod

from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
from hydra.core.override_parser.overrides_parser import OverridesParser

from sweep.checks import checked_settings
from sweep.launching import GuardedLauncher
from sweep.plan import Plan
from sweep.space import check_space
from sweep.tuning_run import prepared_database, tuning_run


class Grid(BasicSweeper):
    """Every combination of the listed values."""

    def sweep(self, arguments: list[str]) -> None:
        assert self.config is not None
        assert self.launcher is not None
        settings = checked_settings(self.config)
        lines = [*self._parse_config(), *arguments]
        swept = check_space(lines, settings.model)
        total = prod(len(list(override.sweep_string_iterator())) for override in swept)
        search = {"space": sorted(str(override.input_line) for override in swept)}
        plan = Plan(total=total, search=search)
        with tuning_run(prepared_database(settings), settings, plan) as run:
            self.launcher = GuardedLauncher(self.launcher, self, settings, run.engine)
            super().sweep(arguments)

    def validate_batch_is_legal(self, batch: Sequence[Sequence[str]]) -> None:
        """Compose one configuration of each choice of groups; values were checked against their bounds."""
        parser = OverridesParser.create()
        distinct: dict[tuple[str, ...], Sequence[str]] = {}
        for overrides in batch:
            values = {o.input_line for o in parser.parse_overrides(list(overrides)) if "." in o.key_or_group}
            distinct.setdefault(tuple(o for o in overrides if o not in values), overrides)
        super().validate_batch_is_legal(list(distinct.values()))
