"""Which version is active: only what is whole and passed, back again without a fit, and further back."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from deployment_samples import new_version
from gate_samples import deploy
from sqlalchemy import Engine

from db.deployment.answers import Activation, Active, Version
from db.deployment.versions import (
    Conflict,
    NotReady,
    activations,
    active,
    open_version,
    ready_version,
    version_of,
)
from db.engine import connect
from db.schema import prepare
from deployment.bundle import MODEL, Damaged
from deployment.served import ServedModel
from deployment.switching import Refused, activate, opened, rollback
from pipeline.hyperparameters import Phase1


@pytest.fixture
def engine(sqlite_url: str) -> Iterator[Engine]:
    engine = connect(sqlite_url)
    prepare(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def three(engine: Engine, tmp_path: Path) -> None:
    """Deploy three versions one after the other; the third is active."""
    for weight in (0.2, 0.4, 0.6):
        deploy(engine, tmp_path, Phase1(genre_weight=weight))


def existing(engine: Engine, version: int) -> Version:
    found = version_of(engine, version)
    assert found is not None
    return found


def damage(engine: Engine, version: int) -> None:
    path = existing(engine, version).artifact_path
    assert path is not None
    content = bytearray(Path(path, MODEL).read_bytes())
    content[-100] ^= 1
    Path(path, MODEL).write_bytes(content)


def go_to(engine: Engine, version: int, **changes: object) -> Activation:
    return activate(engine, version, who="a test", why="to see", **changes)  # type: ignore[arg-type]


def back(engine: Engine) -> Activation:
    return rollback(engine, who="a test", why="to see")


def answers(engine: Engine) -> list[str]:
    now = active(engine)
    assert now is not None
    bundle = opened(existing(engine, now.version))
    served = ServedModel(bundle.model, bundle.catalogue)
    return [repr(served.recommended(str(user_id), 10)) for user_id in bundle.catalogue.user_ids]


@pytest.mark.usefixtures("three")
def test_a_version_is_made_active_and_the_history_says_by_whom(engine: Engine) -> None:
    done = go_to(engine, 1)
    assert active(engine) == Active(1, 4)
    assert (done.from_version, done.to_version, done.action, done.who, done.why) == (
        3,
        1,
        "activate",
        "a test",
        "to see",
    )
    assert activations(engine)[-1] == done


@pytest.mark.usefixtures("three")
def test_a_rollback_answers_to_the_last_byte_as_before(engine: Engine, tmp_path: Path) -> None:
    before = answers(engine)
    deploy(engine, tmp_path, Phase1(genre_weight=0.9))
    assert answers(engine) != before
    assert back(engine).to_version == 3
    assert answers(engine) == before


@pytest.mark.usefixtures("three")
def test_two_rollbacks_go_two_back_and_a_third_has_nowhere_to_go(engine: Engine) -> None:
    assert [back(engine).to_version, back(engine).to_version] == [2, 1]
    with pytest.raises(Refused, match="no earlier version"):
        back(engine)
    assert active(engine) == Active(1, 5)


@pytest.mark.usefixtures("three")
def test_a_rollback_passes_over_what_is_damaged_and_says_so(engine: Engine) -> None:
    damage(engine, 2)
    done = back(engine)
    assert done.to_version == 1
    assert "to see; version 2 was passed over" in done.why
    assert "SHA-256" in done.why


@pytest.mark.usefixtures("three")
def test_a_rollback_to_nothing_but_damaged_versions_is_refused(engine: Engine) -> None:
    for version in (1, 2):
        damage(engine, version)
    with pytest.raises(Refused, match=r"no earlier version to roll back to; version 2 .*; version 1 "):
        back(engine)
    assert active(engine) == Active(3, 3)


def test_there_is_nothing_to_roll_back_to_before_the_first_deployment(engine: Engine) -> None:
    with pytest.raises(Refused, match="no earlier version"):
        back(engine)


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize("force", [False, True])
def test_a_damaged_version_is_never_made_active_by_force_either(engine: Engine, force: bool) -> None:
    damage(engine, 1)
    with pytest.raises(Damaged, match="must have SHA-256"):
        go_to(engine, 1, force=force)
    assert active(engine) == Active(3, 3)
    assert len(activations(engine)) == 3


@pytest.mark.usefixtures("three")
def test_a_version_whose_files_are_gone_is_not_made_active(engine: Engine) -> None:
    shutil.rmtree(str(existing(engine, 1).artifact_path))
    with pytest.raises(Damaged, match=r"No such file or directory: manifest\.json"):
        go_to(engine, 1)
    assert active(engine) == Active(3, 3)


@pytest.mark.usefixtures("three")
def test_what_is_not_ready_or_not_there_is_not_made_active(engine: Engine) -> None:
    building = open_version(engine, new_version())
    for version, reason in ((building, "is building"), (99, "does not exist")):
        with pytest.raises(NotReady, match=reason):
            go_to(engine, version, force=True)
    assert active(engine) == Active(3, 3)


@pytest.mark.usefixtures("three")
def test_what_did_not_pass_the_gate_is_made_active_by_force_only_and_that_is_recorded(engine: Engine) -> None:
    like = existing(engine, 1)
    assert like.artifact_path is not None
    assert like.artifact_sha256 is not None
    version = open_version(engine, new_version(passed=False))
    ready_version(engine, version, path=like.artifact_path, sha256=like.artifact_sha256, n_bytes=1)
    with pytest.raises(Refused, match="did not pass the gate"):
        go_to(engine, version)
    assert go_to(engine, version, force=True).forced
    assert not go_to(engine, 2, force=True).forced


@pytest.mark.usefixtures("three")
def test_a_decision_on_what_is_not_active_any_longer_is_a_conflict(engine: Engine) -> None:
    with pytest.raises(Conflict, match="switched meanwhile"):
        go_to(engine, 1, expected_rev=2)
    with pytest.raises(Conflict, match="active already"):
        go_to(engine, 3)
    assert active(engine) == Active(3, 3)
