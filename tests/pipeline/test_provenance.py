import dataclasses
import json
import re
from typing import Any

import numpy as np
import pytest
from tiny_data import tiny

from pipeline import provenance
from pipeline.hyperparameters import Phase1
from pipeline.provenance import code_version, config_key, problem_key

ASKED: dict[str, Any] = {
    "model": "phase1",
    "hyperparameters": dataclasses.asdict(Phase1()),
    "split": {"name": "per_user", "train_until": 0.6},
    "data_fingerprint": "0123456789abcdef",
}


def key(*, model: str, hyperparameters: Any, split: Any, data_fingerprint: str) -> str:
    return config_key(problem_key(split, data_fingerprint), model, hyperparameters)


def test_a_key_is_short_and_repeatable() -> None:
    assert re.fullmatch("[0-9a-f]{16}", key(**ASKED))
    assert key(**ASKED) == key(**json.loads(json.dumps(ASKED)))


@pytest.mark.parametrize("name", ["hyperparameters", "split"])
def test_the_order_of_names_does_not_change_a_key(name: str) -> None:
    turned = dict(reversed(ASKED[name].items()))
    assert list(turned) != list(ASKED[name])
    assert key(**ASKED | {name: turned}) == key(**ASKED)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("model", "phase2"),
        ("split", {"name": "per_user", "train_until": 0.61}),
        ("split", {"name": "per_user"}),
        ("data_fingerprint", "0123456789abcdee"),
    ],
)
def test_every_ingredient_changes_the_key(name: str, value: object) -> None:
    assert key(**ASKED | {name: value}) != key(**ASKED)


@pytest.mark.parametrize("name", ASKED["hyperparameters"])
def test_the_last_digit_of_every_hyperparameter_changes_the_key(name: str) -> None:
    value = ASKED["hyperparameters"][name]
    moved = value + 1 if isinstance(value, int) else float(np.nextafter(value, 2))
    other = ASKED["hyperparameters"] | {name: moved}
    assert key(**ASKED | {"hyperparameters": other}) != key(**ASKED)


def test_the_key_of_a_problem_is_the_same_for_every_configuration_and_another_for_other_data() -> None:
    split = ASKED["split"]
    assert problem_key(split, "a") == problem_key(dict(reversed(split.items())), "a")
    assert problem_key(split, "a") != problem_key(split, "b")
    assert problem_key(split, "a") != problem_key({**split, "name": "timeline"}, "a")


def test_other_code_changes_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    before = key(**ASKED)
    monkeypatch.setattr(provenance, "code_version", lambda: "another")
    assert key(**ASKED) != before


def test_the_code_version_is_short_and_of_every_source_below_the_room(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    assert re.fullmatch("[0-9a-f]{16}", code_version())
    (tmp_path / "sources").mkdir()
    monkeypatch.setattr(provenance, "__file__", str(tmp_path / "provenance.py"))
    seen = set()
    for name, content in (("a.py", "1"), ("a.py", "2"), ("sources/b.py", "1"), ("notes.txt", "1")):
        (tmp_path / name).write_text(content)
        seen.add(code_version.__wrapped__())
    assert len(seen) == 3, "a source counts, whatever else lies there does not"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ratings", np.array([0.8, 0.4])),
        ("timestamps", np.array([0, 2])),
        ("franchises", np.array([0, 0], dtype=np.int32)),
        ("stars", 10.0),
        ("titles", np.array(["Alien", "Aliens"])),
        ("years", np.array([0, 1], dtype=np.int32)),
    ],
)
def test_the_fingerprint_changes_with_the_data(name: str, value: object) -> None:
    dataset = tiny([(0, 0, 4, 0), (0, 1, 3, 1)], genres=["a", "b"])
    assert dataclasses.replace(dataset, **{name: value}).fingerprint != dataset.fingerprint


def test_the_fingerprint_does_not_change_with_the_name_or_the_memory() -> None:
    dataset = tiny([(0, 0, 4, 0), (0, 1, 3, 1)], genres=["a", "b"], cast=["x", "xy"])
    strided = np.stack([dataset.ratings, dataset.ratings], axis=1)[:, 0]
    other = dataclasses.replace(dataset, name="another", ratings=strided)
    assert other.fingerprint == dataset.fingerprint


def test_the_fingerprint_does_not_change_with_the_width_of_texts() -> None:
    dataset = tiny([(0, 0, 4, 0), (0, 1, 3, 1)], genres=["a", "b"])
    wider = dataclasses.replace(dataset, titles=dataset.titles.astype("<U99"))
    assert wider.fingerprint == dataset.fingerprint


@pytest.mark.parametrize("piece", [1, 2, 3])
def test_the_fingerprint_does_not_change_with_the_pieces_that_are_hashed(
    piece: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [(0, 0, 4, 0), (0, 1, 3, 1), (1, 1, 2, 1)]
    whole = tiny(rows, genres=["a", "b"], cast=["x", "xy"]).fingerprint
    monkeypatch.setattr("pipeline.dataset.HASHED", piece)
    assert tiny(rows, genres=["a", "b"], cast=["x", "xy"]).fingerprint == whole
