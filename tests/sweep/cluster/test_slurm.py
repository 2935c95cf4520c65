"""launch=slurm: what Slurm would be asked for, and its launcher's jobs as processes of this machine."""

import os
import re
from pathlib import Path

import pytest
from app_runs import Run, command, run_app, what_counts
from command import run_outside

pytest.importorskip("submitit", reason="launch=slurm needs the extra slurm")

import submitit
from hydra import compose, initialize_config_dir
from omegaconf import DictConfig, OmegaConf

from project import CONF
from sweep import resolvers


def composed(*overrides: str) -> DictConfig:
    resolvers.register()
    with initialize_config_dir(str(CONF)):
        return compose("config", ["search=random", "launch=slurm", *overrides], return_hydra_config=True)


def test_the_preset_composes_to_what_the_launcher_takes() -> None:
    config = composed("run_id=r", "launch.workers=8", "launch.cpus=2", "hydra.launcher.partition=short")
    launcher = dict(OmegaConf.to_container(config.hydra.launcher, resolve=False))
    assert launcher.pop("_target_").endswith(".SlurmLauncher")
    assert launcher.pop("executor").name == "slurm"
    assert launcher == {
        "submitit_folder": "${hydra.sweep.dir}/.submitit/%j",
        "name": "${run_id}",
        "array_parallelism": "${launch.workers}",
        "cpus_per_task": "${launch.cpus}",
        "mem_gb": "${launch.memory_gb}",
        "timeout_min": 60,
        "partition": "short",
        "account": None,
        "qos": None,
        "constraint": None,
    }
    resolved = OmegaConf.to_container(config.hydra.launcher, resolve=True)
    assert (resolved["array_parallelism"], resolved["cpus_per_task"], resolved["mem_gb"]) == (8, 2, 4)
    # A search proposes as many trials at once as run at once.
    assert config.hydra.sweeper.n_jobs == 8


def test_slurm_is_asked_for_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the launcher does, up to the file that sbatch would be given."""
    (tmp_path / "srun").write_text("#!/bin/sh\n")
    (tmp_path / "srun").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    asked = OmegaConf.to_container(
        composed("run_id=r", "launch.cpus=2", "hydra.launcher.account=films").hydra.launcher, resolve=True
    )
    of_all = {"name", "cpus_per_task", "mem_gb", "timeout_min"}
    options = {
        key if key in of_all else f"slurm_{key}": value
        for key, value in asked.items()
        if key not in ("_target_", "executor", "submitit_folder")
    }
    executor = submitit.AutoExecutor(folder=tmp_path / "jobs", cluster="slurm")
    executor.update_parameters(**options)
    text = executor._executor._make_submission_file_text("command", "1")
    found = dict(re.findall(r"#SBATCH --([a-z-]+)=(.*)", text))
    wanted = {"account": "films", "cpus-per-task": "2", "job-name": "r", "mem": "4GB", "time": "60"}
    assert {key: found[key] for key in wanted} == wanted
    assert "partition" not in found


@pytest.mark.slow
def test_jobs_of_the_launcher_measure_what_a_serial_run_measures(tmp_path: Path) -> None:
    """By submitit's processes: no Slurm was there when this was written."""
    search = ("-m", "search=random", "hydra.sweeper.n_trials=3", "hydra.sweeper.n_jobs=3")
    answer = run_outside(*command(tmp_path, "r", search)[2:], "launch=slurm", "hydra.launcher.executor=local")
    assert answer.code == 0, answer.stderr
    queued = Run(tmp_path, "r", answer.code, answer.stdout, answer.stderr)
    assert queued.statuses == dict.fromkeys((1, 2, 3), "completed")
    serial = run_app(tmp_path, "serial", *search)
    assert named_alike(queued) == named_alike(serial)
    # Submitit's own pickles of the jobs.
    assert list((queued.folder / ".submitit").rglob("*.pkl"))


def named_alike(run: Run) -> list[dict[str, object]]:
    own = {"experiment_id", "tuning_run_id"}
    return [{k: v for k, v in row.items() if k not in own} for row in what_counts(list(run.rows.values()))]
