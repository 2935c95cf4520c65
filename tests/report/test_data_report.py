"""What is told of data, in each of its forms."""

import dataclasses
import io
import json
import re
from typing import Any

import pytest
from bare_data import TAKEN, at_one_moment, whole
from in_browser import WIDTHS, browser, frames, looked_at

from pipeline.audit import audited
from pipeline.audit.counted import Counted
from pipeline.audit.oddities import oddities
from pipeline.dataset import Dataset
from pipeline.hyperparameters import Phase1, Phase3
from pipeline.reach import reaches
from pipeline.sources.intake import Intake, Tally
from pipeline.split import PerUserTimeline, SplitSettings, Timeline
from report.data_forms import DATA_FORMS, write_data
from report.data_found import DataFound
from report.next_steps import Step

STEP = Step("searches", "python src/tune_app.py -m search=random data.path='my films'")


def intake() -> Intake:
    tally = Tally()
    tally.read("ratings", 2500)
    tally.drop("ratings", "of movies that are not there", "ratings.csv, row 7: movie '<b>|x|'", count=100)
    tally.mend("movies", "with a year out of place", count=1)
    tally.note("the scale is 5")
    return tally.closed()


def found_of(
    data: Dataset | None = None,
    split: SplitSettings | None = None,
    hyperparameters: Phase1 | None = None,
    **changed: Any,
) -> DataFound:
    counted = Counted(whole() if data is None else data)
    audit = audited(counted, split or PerUserTimeline())
    found = DataFound(
        audit=audit,
        split="per_user" if split is None else "timeline",
        model="phase1",
        oddities=oddities(counted, audit, None, 2_000_000_000),
        reaches=reaches(counted, hyperparameters or Phase1()),
        intake=intake(),
        steps=[STEP],
    )
    return dataclasses.replace(found, **changed)


def text(form: str, found: DataFound | None = None) -> str:
    out = io.StringIO()
    write_data(form, found or found_of(), out)
    return out.getvalue()


@pytest.fixture(autouse=True)
def width(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pipe's width, whatever terminal the tests are started in."""
    monkeypatch.setenv("COLUMNS", "80")


@pytest.mark.parametrize("form", [form for form in DATA_FORMS if form != "json"])
def test_each_form_that_people_read_tells_everything(form: str) -> None:
    said = " ".join(re.sub(r"<[^>]+>", " ", text(form)).split())
    for piece in (
        "synthetic: 2,400 ratings of 90 movies by 120 users",
        "Nothing is suspicious.",
        "22.222% of all users with all movies",
        "The parts of split=per_user",
        "Read: 2,500 ratings.",
        "The scale is 5.",
        "dropped",
        "What of model=phase1 can matter here",
        "16 of 19 can: genre_weight, ",
        "from 9 on all its values are one",
        "python src/tune_app.py -m search=random data.path=",
        found_of().audit.ratings_fingerprint,
    ):
        assert piece in said, piece


def test_the_terminal_is_plain_and_80_columns_wide_but_for_commands() -> None:
    found = found_of(TAKEN["genres"](at_one_moment(whole())), hyperparameters=Phase3())
    lines = text("terminal", found).splitlines()
    assert not any("\x1b" in line for line in lines)
    assert max(len(line) for line in lines if not line.startswith("Next: ")) <= 80
    assert lines[-1] == f"Next: {STEP.command}  # {STEP.purpose}"


def test_the_terminal_draws_the_histogram_in_blocks() -> None:
    bars = [line.split() for line in text("terminal").splitlines() if line.endswith("█") or "█ " in line]
    counts = {bar.low: bar.ratings for bar in found_of().audit.levels.bars}
    assert {float(level): int(count.replace(",", "")) for level, count, *_ in bars} == counts
    most = max(counts.values())
    assert {float(bar[0]): len(bar[3]) for bar in bars} == {
        level: max(round(24 * count / most), 1) for level, count in counts.items()
    }


def test_what_is_grave_is_called_so_and_stands_first() -> None:
    lines = text("md", found_of(at_one_moment(whole()))).splitlines()
    first = lines[lines.index("## What to look at") + 2]
    assert first.startswith("* Grave: all ratings are of one moment, 2001-09-09 01:46:40 UTC: ")


def test_a_split_that_cannot_be_made_is_said() -> None:
    found = found_of(at_one_moment(whole()), Timeline())
    said = " ".join(text("terminal", found).split())
    assert "It cannot be made: split leaves no rating to train; its ratings are of too few moments." in said


def test_hyperparameters_of_one_reason_stand_together_the_worst_first() -> None:
    found = found_of(TAKEN["casts"](whole()))
    lines = text("md", found).splitlines()
    begin = lines.index("| the others | which | why |") + 2
    roles = "cast_lead_weight, cast_supporting_weight, cast_background_weight"
    assert lines[begin : begin + 3] == [
        f"| cannot | {roles}, cast_lead_threshold, cast_supporting_threshold | no movie has a cast |",
        "| only scales the others | cast_weight | no movie has a cast |",
        "| policy | accuracy_threshold | it decides what is deployed, and no score |",
    ]


def test_programs_get_every_number_as_it_is() -> None:
    found = found_of(TAKEN["franchises"](whole()))
    content = json.loads(text("json", found))
    assert content["data"]["levels"]["mean"] == found.audit.levels.mean
    assert content["data"]["sizes"] == dataclasses.asdict(found.audit.sizes)
    assert sum(bar["ratings"] for bar in content["data"]["levels"]["bars"]) == 2400
    assert [part["name"] for part in content["data"]["parts"]] == ["train", "validation", "test"]
    assert (content["split"], content["model"]) == ("per_user", "phase1")
    verdicts = {one["name"]: (one["verdict"], one["why"]) for one in content["hyperparameters"]}
    assert verdicts["franchise_weight"] == ("only scales the others", "no movie belongs to a franchise")
    assert content["intake"]["dropped"][0]["count"] == 100
    assert content["next"] == [STEP._asdict()]
    few = json.loads(text("json", found_of(whole(users=20, movies=30, ratings=300))))
    assert [(one["kind"], one["is_grave"]) for one in few["oddities"]] == [("few_users", True)]


def test_data_that_were_made_in_memory_have_no_account_of_what_was_read() -> None:
    assert "What was read" not in text("terminal", found_of(intake=None))
    assert json.loads(text("json", found_of(intake=None)))["intake"] is None


def test_what_the_source_wrote_is_no_markup() -> None:
    page = text("html")
    assert "movie &#x27;&lt;b&gt;|x|" in page
    assert "<b>" not in page
    assert "movie '<b>\\|x\\|'" in text("md")


def test_the_page_needs_no_script() -> None:
    page = text("html")
    assert "<script" not in page
    assert page.count('class="bar"') == 5
    assert 'style="width:100.00%"' in page


def test_the_page_fits_a_desk_and_a_phone(tmp_path_factory: pytest.TempPathFactory) -> None:
    command, folder = browser(), tmp_path_factory.mktemp("data")
    found = found_of(TAKEN["genres"](whole()), hyperparameters=Phase3())
    (folder / "data.html").write_text(text("html", found), encoding="utf-8")
    (folder / "frames.html").write_text(frames("data.html"), encoding="utf-8")
    measured, console = looked_at(command, f"file://{folder / 'frames.html'}", folder)
    assert [(frame["width"], frame["overflow"]) for frame in measured] == [(width, 0) for width in WIDTHS]
    assert console == []
