"""serve_app as a user types it: what is refused before anything listens."""

import socket
from pathlib import Path

import pytest
from command import refusal_problems, serve_here

from sweep.command import serve_command


def problems(tmp_path: Path, *arguments: str, token: str = "") -> list[str]:
    """Type a command that is refused, and return its lines."""
    places = [f"db.url=sqlite:///{tmp_path / 'movies.db'}"]
    answer = serve_here(*places, *arguments, env={"REELTUNE_TOKEN": token})
    assert refusal_problems(answer) == []
    return answer.lines


@pytest.mark.parametrize(
    ("argument", "line"),
    [
        ("serve.port=65536", "serve.port must be in [0, 65535], got 65536"),
        ("serve.port=eight", "serve.port must be an integer in [0, 65535], got 'eight'"),
        ("serve.host=example.org", "serve.host must be an IP address or localhost, got 'example.org'"),
        ("serve.host=0.0.0.0", "serve.host must be 127.0.0.1 while REELTUNE_TOKEN is not set"),
        ("serve.host='::'", "serve.host must be 127.0.0.1 while REELTUNE_TOKEN is not set"),
        ("serve.poll_seconds=0", "serve.poll_seconds must be in [0.05, 3600], got 0"),
        ("serve.kept_users=.nan", "serve.kept_users must be an integer"),
        ("serve.log=no/such/folder/log", "serve.log must lie in a folder that exists"),
        ("serve.log=src", "serve.log must be a file, not a folder or device, got 'src'"),
        ("serve.prot=1", "serve.prot does not exist; did you mean serve.port?"),
        ("revalidation.window_days=0", "revalidation.window_days must be in [1, 3650], got 0"),
        ("db.url=postgresql://u:secret@h/d", "db.url must not contain a password"),
        ("hydra.run.dir=/tmp", "hydra.run.dir is fixed"),
        ("-m", "-m is not supported: one service runs at a time"),
    ],
)
def test_a_mistake_is_one_line(tmp_path: Path, argument: str, line: str) -> None:
    (found,) = problems(tmp_path, argument)
    assert found.startswith(f"reeltune: {line}")
    assert "secret" not in found


def test_several_mistakes_are_told_at_once(tmp_path: Path) -> None:
    assert (
        len(problems(tmp_path, "serve.port=-1", "serve.stop_seconds=0", "revalidation.minimum_samples=0"))
        == 3
    )


def test_a_blank_token_is_none(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, "serve.host=0.0.0.0", token="  ")  # noqa: S106 - none
    assert "REELTUNE_TOKEN is not set" in found


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        (found,) = problems(tmp_path, f"serve.port={port}")
    assert found == f"reeltune: serve.port={port} on 127.0.0.1 cannot be used: Address already in use"


def test_missing_packages_are_named_with_what_installs_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        serve_command, "find_spec", lambda name: None if name in {"fastapi", "uvicorn"} else name
    )
    (found,) = problems(tmp_path)
    assert found == (
        "reeltune: serve_app needs fastapi, uvicorn: "
        "run python -m pip install -c constraints.txt -e '.[service]'"
    )


def test_the_config_can_be_looked_at(tmp_path: Path) -> None:
    answer = serve_here("--cfg", "job")
    assert (answer.code, answer.stderr) == (0, "")
    assert "port: 8000" in answer.stdout


def test_a_preset_that_changes_what_is_hydras_is_refused(tmp_path: Path) -> None:
    (tmp_path / "revalidation").mkdir()
    (tmp_path / "revalidation" / "mine.yaml").write_text("# @package _global_\nhydra:\n  verbose: true\n")
    answer = serve_here("--config-dir", str(tmp_path), "revalidation=mine")
    assert refusal_problems(answer) == []
    assert any(line.startswith("reeltune: hydra.verbose must be ") for line in answer.lines)
