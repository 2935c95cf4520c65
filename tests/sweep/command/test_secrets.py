"""A password never gets into what a run prints, saves or logs."""

from pathlib import Path

import pytest
from command import TINY, Answer, refusal_problems, run_here, run_outside, snapshot, standard

CANARY = "CANARY77"
URLS = [
    f"postgresql://u:{CANARY}@h/d",
    f"postgresql+psycopg://u:{CANARY}@h:5432/d",
    f'"postgresql://h/d?password={CANARY}"',
    f"postgresql://h/d?password={CANARY}",
    f'"postgresql://u@h/d?PASSWORD={CANARY}"',
    f"postgresql://u:{CANARY}[@h/d",
    f"postgresql://u:{CANARY},x@h/d",
    f"mysql://u:{CANARY}@h/d",
    f"postgresql://u:a@{CANARY}@h/d",
]
# Nothing listens on port 1.
UNREACHABLE = f"postgresql://u:{CANARY}@127.0.0.1:1/d"


def shows_nothing(answer: Answer) -> bool:
    return CANARY not in answer.stdout + answer.stderr


@pytest.mark.parametrize("mode", [[], ["-m"], ["--cfg", "job"]], ids=["single", "many", "cfg"])
@pytest.mark.parametrize("url", URLS)
def test_a_password_on_the_command_line_is_refused_unseen(tmp_path: Path, url: str, mode: list[str]) -> None:
    answer = run_here(*standard(tmp_path), f"db.url={url}", *mode)
    assert not refusal_problems(answer), answer
    assert answer.lines[0].startswith("reeltune: db.url")
    assert shows_nothing(answer)
    assert snapshot(tmp_path) == {}


def test_a_password_in_a_preset_is_refused_unseen(tmp_path: Path) -> None:
    (tmp_path / "presets" / "db").mkdir(parents=True)
    (tmp_path / "presets" / "db" / "mine.yaml").write_text(f"url: {URLS[0]}\n", encoding="utf-8")
    before = snapshot(tmp_path)
    arguments = ["-cd", f"{tmp_path}/presets", *TINY, f"outputs={tmp_path}/outputs", "db=mine"]
    for mode in ([], ["-m"]):
        answer = run_here(*arguments, *mode)
        assert not refusal_problems(answer), answer
        assert answer.lines[0].startswith("reeltune: db.url must not contain a password")
        assert shows_nothing(answer)
    assert snapshot(tmp_path) == before


@pytest.mark.parametrize("mode", [[], ["-m", "search=random"]], ids=["single", "many"])
def test_the_password_of_a_server_that_does_not_answer_is_shown_nowhere(
    tmp_path: Path, mode: list[str]
) -> None:
    arguments = [*TINY, f"data.cache={tmp_path}/cache", f"outputs={tmp_path}/outputs", "db=postgresql"]
    answer = run_outside(*arguments, *mode, env={"REELTUNE_DB_URL": UNREACHABLE}, cwd=tmp_path)
    assert not refusal_problems(answer), answer
    assert answer.lines[0].startswith("reeltune: db.url cannot be opened")
    assert shows_nothing(answer)
    assert not (tmp_path / "outputs").exists()
    contents = [content for content in snapshot(tmp_path).values() if isinstance(content, bytes)]
    assert contents
    assert not any(CANARY.encode() in content for content in contents)


def test_the_config_shows_where_the_password_is_and_not_what_it_is() -> None:
    environment = {"REELTUNE_DB_URL": UNREACHABLE}
    shown = run_here("--cfg", "job", "db=postgresql", env=environment)
    assert shown.code == 0
    assert "${oc.env:REELTUNE_DB_URL}" in shown.stdout
    resolved = run_here("--cfg", "job", "--resolve", "db=postgresql", env=environment)
    assert not refusal_problems(resolved), resolved
    assert resolved.lines[0].startswith("reeltune: --resolve would show the password in db.url")
    assert shows_nothing(shown)
    assert shows_nothing(resolved)


def test_a_config_without_a_password_is_shown_resolved() -> None:
    answer = run_here(
        "--cfg", "job", "--resolve", "db=postgresql", env={"REELTUNE_DB_URL": "postgresql://u@h/d"}
    )
    assert answer.code == 0
    assert "url: postgresql://u@h/d" in answer.stdout


@pytest.mark.parametrize("mode", [[], ["-m"], ["--cfg", "job"]], ids=["single", "many", "cfg"])
@pytest.mark.parametrize("url", URLS[:4])
def test_a_password_of_the_data_is_refused_unseen(tmp_path: Path, url: str, mode: list[str]) -> None:
    answer = run_here("data=sql", f"data.url={url}", f"outputs={tmp_path}/outputs", *mode)
    assert not refusal_problems(answer), answer
    assert answer.lines[0].startswith("reeltune: data.url must not contain a password")
    assert shows_nothing(answer)
    assert snapshot(tmp_path) == {}


def test_the_password_of_data_that_cannot_be_reached_is_shown_nowhere(tmp_path: Path) -> None:
    arguments = ["data=sql", "data.url=${oc.env:SHOP}", f"data.cache={tmp_path}/cache"]
    record = [f"outputs={tmp_path}/outputs", f"db.url=sqlite:///{tmp_path}/movies.db"]
    answer = run_outside(*arguments, *record, env={"SHOP": UNREACHABLE}, cwd=tmp_path)
    assert answer.code == 2
    assert answer.stderr.splitlines()[-1].startswith("reeltune: data.url cannot be read")
    assert shows_nothing(answer)
    resolved = run_here("--cfg", "job", "--resolve", *arguments, env={"SHOP": UNREACHABLE})
    assert resolved.lines[0].startswith("reeltune: --resolve would show the password in data.url")
    assert shows_nothing(resolved)
