"""What is refused of a cluster before the first trial, in one line; bar D6 among it."""

from pathlib import Path

import pytest
from command import TINY, refusal_problems, run_here, snapshot, standard

from project import CONF
from sweep.cluster import checks

SEARCH = ("-m", "search=random", "hydra.sweeper.n_trials=2")
ELSEWHERE = ["auto", "127.0.0.1:6379", "10.0.0.1:6379", "head.example:6379"]


@pytest.mark.parametrize(
    "launch", [["launch=slurm"], *(["launch=ray", f"launch.address={at}"] for at in ELSEWHERE)]
)
def test_sqlite_is_refused_where_trials_may_run_on_other_machines(tmp_path: Path, launch: list[str]) -> None:
    answer = run_here(*standard(tmp_path), *SEARCH, *launch)
    assert not refusal_problems(answer), answer
    asked = " ".join(launch)
    assert answer.lines == [
        f"reeltune: {asked} may run trials on other machines, which cannot write "
        f"sqlite:///{tmp_path}/movies.db: choose db=postgresql"
    ]
    assert snapshot(tmp_path) == {}


def test_sqlite_is_fine_with_a_ray_of_this_machine(tmp_path: Path) -> None:
    answer = run_here(*standard(tmp_path), *SEARCH, "launch=ray", "search.preview=true")
    assert answer.code == 0, answer.stderr
    assert answer.stdout.startswith("Preview, nothing is run")


def test_postgresql_is_fine_with_any_cluster(tmp_path: Path) -> None:
    url = {"REELTUNE_DB_URL": "postgresql://tuner@127.0.0.1:1/reeltune"}
    places = [*TINY, f"data.cache={tmp_path}/cache", f"outputs={tmp_path}/outputs"]
    for launch in (["launch=slurm"], ["launch=ray", "launch.address=auto"]):
        answer = run_here(*places, *SEARCH, *launch, "db=postgresql", env=url)
        # The first thing that is refused is the server that is not there.
        assert [line.split(":")[1] for line in answer.lines] == [" db.url cannot be opened"]


@pytest.mark.parametrize(
    ("launch", "missing"), [("ray", "ray"), ("ray", "hydra_ray_launcher"), ("slurm", "submitit")]
)
def test_a_missing_extra_is_named_with_its_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, launch: str, missing: str
) -> None:
    monkeypatch.setattr(checks, "find_spec", lambda name: None if name.endswith(missing) else object())
    monkeypatch.setattr(checks, "is_of_one_machine", lambda _: False)
    answer = run_here(*standard(tmp_path), *SEARCH, f"launch={launch}")
    assert not refusal_problems(answer), answer
    install = f"python -m pip install -c constraints.txt -e '.[{launch}]'"
    assert answer.lines == [f"reeltune: launch={launch} needs {missing}: run {install}"]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("launch.address=ray://10.0.0.1:10001", "launch.address must be local, auto or host:port, got "),
        ("launch.address=10.0.0.1", "launch.address must be local, auto or host:port, got '10.0.0.1'"),
        ("launch.cpus=0", "launch.cpus must be in [1, 1024], got 0"),
        ("launch.memory_gb=0", "launch.memory_gb must be in [0.001, 1e+06], got 0"),
        ("launch.attempts=0", "launch.attempts must be in [1, 10], got 0"),
        ("hydra.launcher.address=auto", "hydra.launcher.address is fixed"),
        ("+hydra.launcher.ray.init.address=auto", "hydra.launcher.ray.init.address is fixed"),
    ],
)
def test_what_a_cluster_cannot_be_is_refused(tmp_path: Path, typed: str, said: str) -> None:
    answer = run_here(*standard(tmp_path), *SEARCH, "launch=ray", typed)
    assert not refusal_problems(answer), answer
    assert len(answer.lines) == 1
    assert answer.lines[0].startswith(f"reeltune: {said}")
    assert snapshot(tmp_path) == {}


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("hydra.launcher.submitit_folder=x", "hydra.launcher.submitit_folder is fixed"),
        ("+hydra.launcher.setup=[touch x]", "hydra.launcher.setup is fixed"),
        ("hydra.launcher.timeout_min=0", "hydra.launcher.timeout_min must be at least 1, got 0"),
        ("hydra.launcher.executor=pbs", "hydra.launcher.executor is refused: "),
    ],
)
def test_what_slurm_cannot_be_asked_for_is_refused(tmp_path: Path, typed: str, said: str) -> None:
    here = ["launch=slurm", "hydra.launcher.executor=local"]
    answer = run_here(*standard(tmp_path), *SEARCH, *here, typed)
    assert not refusal_problems(answer), answer
    assert [line.startswith(f"reeltune: {said}") for line in answer.lines] == [True], answer.lines


def test_a_preset_cannot_have_slurm_run_commands_or_write_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "presets" / "launch").mkdir(parents=True)
    shipped = (CONF / "launch" / "slurm.yaml").read_text(encoding="utf-8")
    for key in ("setup: [touch x]", "srun_args: [x]", "python: x", "submitit_folder: x"):
        preset = tmp_path / "presets" / "launch" / "mine.yaml"
        preset.write_text(f"{shipped}    {key}\n", encoding="utf-8")
        answer = run_here("--config-dir", f"{tmp_path}/presets", *standard(tmp_path), *SEARCH, "launch=mine")
        assert not refusal_problems(answer), answer
        assert key.partition(":")[0] in answer.stderr
