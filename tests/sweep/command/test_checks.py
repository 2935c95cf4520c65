"""What the checks promise beyond the tables of bad input."""

from itertools import count

from omegaconf import OmegaConf

from sweep.sections import without_hydra


def test_a_second_that_passes_while_a_command_is_checked_does_not_change_its_run_id() -> None:
    ticks = count()
    OmegaConf.register_resolver("tick", lambda: next(ticks), use_cache=True, annotation_validation="off")
    config = OmegaConf.create({"run_id": "run_${tick:}", "hydra": {"sweep": {"dir": "${run_id}"}}})

    assert without_hydra(config).run_id == config.hydra.sweep.dir == "run_0"
