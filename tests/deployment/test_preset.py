"""conf/model/deployed.yaml: a preset like the models own, with a versions values and where they come from."""

from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from gate_samples import deploy
from hypothesis import given, settings
from hypothesis import strategies as st
from omegaconf import OmegaConf
from sqlalchemy import Engine

from db.deployment.answers import Version
from db.engine import connect
from db.schema import prepare
from deployment.preset import model_preset, space_preset, write_presets
from pipeline.hyperparameters import MODELS, Phase1
from pipeline.parameters import InvalidInput
from project import CONF


@pytest.fixture(scope="module")
def version(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Version]:
    folder = tmp_path_factory.mktemp("preset")
    engine: Engine = connect(f"sqlite:///{folder / 'movies.db'}")
    prepare(engine)
    yield deploy(engine, folder, Phase1(genre_weight=0.5)).version
    engine.dispose()


def of_model(version: Version, model: str, **values: object) -> Version:
    return replace(version, model=model, hyperparameters=asdict(MODELS[model]()) | values)


def comments(text: str) -> list[str]:
    return [line.partition("#")[2].strip() for line in text.splitlines() if "#" in line]


@pytest.mark.parametrize("model", MODELS)
def test_a_preset_reads_back_to_the_versions_hyperparameters(version: Version, model: str) -> None:
    preset = OmegaConf.to_container(OmegaConf.create(model_preset(of_model(version, model))))
    assert preset == {"name": model, **asdict(MODELS[model]())}


@given(
    st.floats(1e-300, 1), st.integers(0, 1000), st.sampled_from(["none", "linear", "isotonic", "tolerance"])
)
@settings(max_examples=50, deadline=None)
def test_values_keep_every_digit(version: Version, weight: float, lead: int, calibration: str) -> None:
    values = {"genre_weight": weight, "cast_lead_threshold": lead, "calibration": calibration}
    preset = OmegaConf.create(model_preset(of_model(version, "phase3", **values)))
    assert {name: preset[name] for name in values} == values


@pytest.mark.parametrize("model", MODELS)
def test_it_has_the_groups_and_the_comments_of_the_models_own_files(version: Version, model: str) -> None:
    shipped = [*MODELS][: [*MODELS].index(model) + 1]
    texts = [(CONF / "model" / f"{name}.yaml").read_text(encoding="utf-8") for name in shipped]
    bodies = [text.partition(f"\nname: {name}\n")[2] for name, text in zip(shipped, texts, strict=True)]
    written = comments(model_preset(of_model(version, model)))
    expected = [comment for body in bodies for comment in comments(body)]
    assert written[-len(expected) :] == expected
    assert len(expected) > 10


def test_a_hyperparameter_that_the_models_files_do_not_name_comes_with_its_meaning(
    version: Version, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "phase1.yaml").write_text("# mine\nname: phase1\n\ngenre_weight: 0.1 # mine\n")
    monkeypatch.setattr("deployment.preset.CONF", tmp_path)
    text = model_preset(of_model(version, "phase1"))
    assert "genre_weight: 0.4 # mine\n" in text
    assert "cast_weight: 0.15 # share of cast similarity in the score\n" in text
    assert OmegaConf.create(text) == {"name": "phase1", **asdict(Phase1())}


def test_its_first_lines_say_where_it_comes_from(version: Version) -> None:
    head = "\n".join(model_preset(version).splitlines()[:5])
    accuracy = version.validation["accuracy"]
    assert "version 1: python src/tune_app.py -m search=grid model=deployed" in head
    assert "hyperparameters as typed" in head
    assert f"validation: accuracy {accuracy:.4f}, NDCG@10" in head
    assert f"SHA-256 {version.artifact_sha256}" in head
    assert version.data_fingerprint in head
    assert f"{version.ready_at:%Y-%m-%d %H:%M} UTC" in head
    found = model_preset(replace(version, experiment_id="random_1_001")).splitlines()[1]
    assert found.startswith("# experiment random_1_001, ready")


def test_both_presets_are_written_in_one_step_each(version: Version, tmp_path: Path) -> None:
    for _ in range(2):
        written = write_presets(tmp_path / "conf", version)
        assert written == [tmp_path / "conf" / group / "deployed.yaml" for group in ("model", "space")]
        assert [path.read_text(encoding="utf-8") for path in written] == [
            model_preset(version),
            space_preset(version),
        ]
        assert all(len(list(path.parent.iterdir())) == 1 for path in written)


def test_a_folder_that_cannot_be_written_is_named(version: Version, tmp_path: Path) -> None:
    (tmp_path / "conf").write_text("a file")
    with pytest.raises(InvalidInput, match="conf must be a folder that can be written"):
        write_presets(tmp_path / "conf", version)
