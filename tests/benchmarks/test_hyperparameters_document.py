"""What docs/HYPERPARAMETERS.md says is what the dataclasses, conf/space and the reasons say."""

import subprocess
import sys
from dataclasses import dataclass, replace
from typing import Literal

import pytest

from definitions import definitions, needs, shown
from earning import REASONS
from hyperparameters import DOCUMENT, TRIALS, measured
from hyperparameters_page import NEEDED, introduction
from moves import moved_ranges
from pipeline.hyperparameters import MODELS, Phase1
from pipeline.parameters import parameter, parameters
from presets import asked, preset
from project import ROOT
from sweep.searches.sensitivity import moved_alone

AGAIN = "run python benchmarks/hyperparameters.py"


def rows_under(title: str) -> list[list[str]]:
    """List the cells of the table under a title of the document, its two head lines left out."""
    _, _, after = DOCUMENT.read_text(encoding="utf-8").partition(f"\n### {title}\n")
    section, _, _ = after.partition("\n#")
    rows = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("|")]
    return rows[2:]


def test_the_document_says_how_it_was_measured() -> None:
    assert DOCUMENT.read_text(encoding="utf-8").startswith(introduction(TRIALS)), AGAIN


def test_the_document_says_what_data_must_have() -> None:
    needed = "\n".join(["", "## What data must have", "", NEEDED, "", *needs(), ""])
    assert needed in DOCUMENT.read_text(encoding="utf-8"), AGAIN


@pytest.mark.parametrize("model", MODELS)
def test_the_document_says_what_each_hyperparameter_is(model: str) -> None:
    defined = "\n".join(["", f"## model={model}", "", *definitions(model), ""])
    assert defined in DOCUMENT.read_text(encoding="utf-8"), AGAIN


@pytest.mark.parametrize("model", MODELS)
def test_the_document_judges_each_hyperparameter_and_gives_todays_reason(model: str) -> None:
    rows = rows_under(f"{model}: does each earn its place?")
    assert [row[0] for row in rows] == [f"`{name}`" for name in parameters(MODELS[model])], AGAIN
    reasons = {row[0].strip("`"): row[-1] for row in rows}
    assert {name: reasons[name] for name in REASONS if name in reasons} == {
        name: words for name, words in REASONS.items() if name in reasons
    }, AGAIN


@pytest.mark.parametrize("model", MODELS)
def test_the_document_tries_todays_values_about_todays_configuration(model: str) -> None:
    chosen = preset("search=sensitivity", f"model={model}")
    tried: dict[str, list[str]] = {}
    for move in moved_alone(moved_ranges(chosen), chosen.settings.search.steps):
        [(name, value)] = asked([move]).items()
        tried.setdefault(name, []).append(shown(value))
    expected = [
        [f"`{name}`", shown(chosen.settings.hyperparameters[name]), ", ".join(values)]
        for name, values in tried.items()
    ]
    assert [row[:3] for row in rows_under(f"{model} as shipped")] == expected, AGAIN


def test_a_model_that_grows_from_another_lists_what_it_adds() -> None:
    own = list(parameters(MODELS["phase2"]))[len(parameters(Phase1)) :]
    lines = list(definitions("phase2"))
    assert lines[0] == "All of model=phase1, and:"
    assert [line.split("`")[1] for line in lines[4:]] == own
    assert lines[5] == (
        "| `preference_half_life_days` | number | [1, 10000] | 365 | 1 to 10000, by equal factors | "
        "genres, opinions, times | "
        "days after which a rating counts half in the user's preferences |"
    )


@dataclass(frozen=True, kw_only=True)
class Calibrated(Phase1):
    calibration: Literal["none", "linear"] = parameter(
        "none", "how scores become ratings", choices=("none", "linear")
    )
    rounded: bool = parameter(False, "whether to whole stars")


def test_choices_that_are_not_tuned_are_moved_over_all_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(MODELS, "calibrated", Calibrated)
    shipped = preset("search=sensitivity")
    settings = replace(shipped.settings, model="calibrated", hyperparameters=vars(Calibrated()))
    chosen = replace(shipped, settings=settings)
    moves = [asked([move]) for move in moved_alone(moved_ranges(chosen), 3)]
    assert moves[-2:] == [{"calibration": "linear"}, {"rounded": True}]


def test_a_text_is_moved_over_all_its_choices_though_fewer_are_tuned() -> None:
    chosen = preset("search=sensitivity", "model=phase3")
    tuned = ["linear", "isotonic", "tolerance"]
    assert chosen.ranges.described()["calibration"] == {"choices": tuned}
    moves = [asked([move]) for move in moved_alone(moved_ranges(chosen), 3)]
    texts = [move["calibration"] for move in moves if "calibration" in move]
    assert texts == ["none", "linear", "isotonic"]


@pytest.mark.parametrize(
    ("model", "row"),
    [
        ("phase1", "| `cast_lead_weight` | 1 | 0.5, 0.75 |"),
        ("phase3", "| `calibration` | tolerance | none, linear, isotonic |"),
    ],
)
def test_the_command_measures_any_data(monkeypatch: pytest.MonkeyPatch, model: str, row: str) -> None:
    for name in parameters(MODELS[model]):
        monkeypatch.setitem(REASONS, name, "a small one")
    small = ["data=synthetic", "data.users=40", "data.movies=60", "data.ratings=1200"]
    text = measured([model], 2, small)
    assert f"### {model} tuned for quality" in text
    assert row in text


def test_the_command_is_found_from_where_it_lies() -> None:
    typed = [sys.executable, "benchmarks/hyperparameters.py", "--help"]
    done = subprocess.run(typed, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_without_a_reason_the_command_fails_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hyperparameters.surroundings", lambda *_: iter(()))
    for name in list(parameters(Phase1))[1:]:
        monkeypatch.setitem(REASONS, name, "a small one")
    with pytest.raises(SystemExit, match=r"why it stays: genre_weight \(not moved in phase1\)$"):
        measured(["phase1"], 2, [])
    monkeypatch.setitem(REASONS, "genre_wait", "x")
    with pytest.raises(SystemExit, match=r"^earning.REASONS: genre_wait does not exist; did you mean "):
        measured(["phase1"], 2, [])
