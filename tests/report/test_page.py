"""The page: one file, escaped, without a request to anybody, with what a reader without eyes needs."""

import json
import re
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import plotly.graph_objects
import pytest
from recorded import fill, record
from report_samples import BEGUN, experiment, findings, told, tuning_run

from db.answers import Failure
from pipeline.metrics import METRICS
from report import plotly_script
from report.findings import Findings, gathered
from report.judgement import judged
from report.overview import overview
from report.pages import page_of_overview, page_of_run

NASTY = "</script><script>alert(1)</script> & <b> \"quoted\" 'single'"
SHARES = {n: 0.4 + n / 100 for n in range(1, 31)}


class Page(HTMLParser):
    """What the tests ask of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text: dict[str, list[str]] = {}
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in {"meta", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> closes another element"

    def handle_data(self, data: str) -> None:
        if self.open:
            self.text.setdefault(self.open[-1], []).append(data)

    def attributes(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]

    @property
    def plots(self) -> list[dict[str, Any]]:
        return [json.loads(data) for data in self.text["script"] if data.startswith('{"data"')]


def page_of(found: Findings, folder: str = "/nowhere") -> Page:
    return Page(page_of_run(*told(found), Path(folder)))


@pytest.fixture(scope="module")
def page() -> Page:
    return page_of(findings(SHARES))


def test_the_page_is_well_formed_and_says_what_it_is(page: Page) -> None:
    assert page.open == []
    assert page.attributes("html") == [{"lang": "en"}]
    assert {"name": "viewport", "content": "width=device-width, initial-scale=1"} in page.attributes("meta")
    assert page.text["h1"] == page.text["title"] == ["run"]
    headings = page.text["h2"]
    assert headings[0] == "Verdict"
    assert len(set(headings)) == len(headings) >= 10
    assert len(page.attributes("caption")) == len(page.attributes("table")) >= 3
    assert all(cell["scope"] for cell in page.attributes("th"))
    assert all(one["aria-label"] for one in page.attributes("div") if one.get("role"))


def test_the_page_asks_nobody_for_anything(page: Page) -> None:
    (policy,) = [one["content"] for one in page.attributes("meta") if "http-equiv" in one]
    assert policy is not None
    assert policy.startswith("default-src 'none'")
    assert "http" not in policy
    links = [one.get(key) for _, one in page.tags for key in ("href", "src", "srcset", "data", "action")]
    assert not [link for link in links if link and re.match("(https?:)?//", link)]
    assert not {"link", "iframe", "object", "img"} & {tag for tag, _ in page.tags}


def test_the_script_that_draws_is_there_once(page: Page) -> None:
    scripts = ["".join(page.text["script"])]
    assert sum(script.count("plotly.js v") for script in scripts) == 1
    assert len(page.attributes("script")) == len(page.plots) + 2


def test_every_plot_is_one_that_plotly_knows(page: Page) -> None:
    # History, importances, one for the hyperparameter that varied, all together, two aims.
    assert len(page.plots) == 5
    for plot in page.plots:
        plotly.graph_objects.Figure(plot)
        assert plot["data"]


def test_the_baseline_and_the_references_are_lines_wherever_the_objective_is_an_axis(page: Page) -> None:
    history, _, single, together, two = page.plots
    assert {shape["y0"] for shape in history["layout"]["shapes"]} == {0.6, 0.3, 0.4}
    notes = history["layout"]["annotations"]
    assert {note["text"] for note in notes} == {"baseline", "best constant", "bias"}
    assert {shape["y0"] for shape in single["layout"]["shapes"]} == {0.6, 0.3, 0.4}
    assert together["data"][2]["text"] == ["baseline", "best constant", "bias"]
    across = {shape["y0"] for shape in two["layout"]["shapes"] if shape.get("xref") == "paper"}
    upward = {shape["x0"] for shape in two["layout"]["shapes"] if shape.get("yref") == "paper"}
    assert (across, upward) == ({0.6, 0.2, 0.4}, {0.6, 0.3, 0.4})


def test_the_history_steps_up_with_each_new_best() -> None:
    found = findings({1: 0.5, 2: 0.4, 3: 0.7, 4: 0.6, 5: None, 6: 0.65})
    steps = page_of(found).plots[0]["data"][1]
    assert list(zip(steps["x"], steps["y"], strict=True)) == [(1, 0.5), (3, 0.7), (6, 0.7)]


def test_texts_stand_side_by_side_in_the_plots() -> None:
    texts = ("none", "linear", "tolerance")
    experiments = [
        experiment(n, share, hyperparameters={"calibration": texts[n % 3], "a": n / 100})
        for n, share in SHARES.items()
    ]
    ranked = sorted(experiments, key=lambda one: -(one.objective_value or 0))
    figures = page_of(findings(SHARES, experiments=experiments, ranked=ranked)).plots
    for figure in figures:
        plotly.graph_objects.Figure(figure)
    (small,) = [
        one for one in figures if one["layout"]["xaxis"].get("title", {}).get("text") == "calibration"
    ]
    assert small["layout"]["xaxis"]["categoryarray"] == ["linear", "none", "tolerance"]
    assert small["data"][0]["x"][:3] == ["linear", "tolerance", "none"]
    assert small["data"][1]["x"] == ["none"]  # of trial 30, the winner
    (lines,) = [one for one in figures if "calibration" in one["layout"]["xaxis"].get("ticktext", ())]
    place = lines["layout"]["xaxis"]["ticktext"].index("calibration")
    marks = {one["text"]: one["y"] for one in lines["layout"]["annotations"] if one["x"] == place}
    assert marks == {"linear": 0, "none": 0.5, "tolerance": 1}


def test_a_winner_of_a_model_without_a_hyperparameter_is_no_star_in_its_plot() -> None:
    experiments = [
        experiment(n, share, hyperparameters={"b": n} | ({"a": n / 100} if n % 2 else {}))
        for n, share in SHARES.items()
    ]
    ranked = sorted(experiments, key=lambda one: -(one.objective_value or 0))
    figures = page_of(findings(SHARES, experiments=experiments, ranked=ranked)).plots
    traces = {one["layout"]["xaxis"].get("title", {}).get("text"): len(one["data"]) for one in figures}
    assert (traces["a"], traces["b"]) == (1, 2)


def test_what_a_run_holds_is_text_and_never_markup() -> None:
    failures = [Failure(trial_number=1, experiment_id="run_001", error=NASTY)]
    found = findings(SHARES, failures=failures, run_id=NASTY, run=tuning_run(command=NASTY, data_name=NASTY))
    page = page_of(found)
    assert page.text["h1"] == [NASTY]
    assert NASTY in page.text["code"]
    assert NASTY in page.text["td"]
    assert not page.attributes("b")
    assert len(page.attributes("script")) == len(page.plots) + 2


def test_links_lead_from_the_page_to_the_folders_that_are_there(tmp_path: Path) -> None:
    (tmp_path / "out" / "run" / "001").mkdir(parents=True)
    engine = record(tmp_path / "movies.db")
    output = f"{tmp_path}/out/run"
    experiments = [experiment(n, share, output_dir=f"{output}/{n:03d}") for n, share in ((1, 0.7), (2, 0.8))]
    fill(engine, tuning_run(output_dir=output), experiments)
    found = gathered(engine, "run")
    for folder, link in ((tmp_path / "out" / "run", "001/"), (tmp_path / "else", "../out/run/001/")):
        page = Page(page_of_run(found, judged(found), folder))
        assert {one["href"] for one in page.attributes("a")} == {link}
    assert "002" in page.text["th"]


def test_without_plotly_the_page_says_what_brings_the_plots(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plotly_script, "find_spec", lambda _: None)
    page = page_of(findings(SHARES))
    assert "python -m pip install -c constraints.txt -e '.[plots]'" in page.text["code"]
    assert not page.attributes("script")
    assert not page.attributes("figure")
    assert "Best trials" in page.text["h2"]


def test_one_failed_trial_alone_is_a_page_without_plots() -> None:
    page = page_of(findings({1: None}))
    assert "No trial completed, so that there is nothing to compare." in page.text["p"]
    assert "broken" in page.text["td"]
    assert not page.attributes("script")


def test_of_many_trials_the_best_and_a_sample_are_drawn_and_the_page_says_so() -> None:
    found = findings({n: n / 5000 for n in range(1, 4001)})
    page = page_of(found)
    drawn = page.plots[0]["data"][0]
    assert 900 <= len(drawn["x"]) <= 1000
    assert set(range(3501, 4001)) <= set(drawn["x"])
    assert min(drawn["x"]) == 1
    assert any(re.search("Of 4,000 trials 9[0-9]{2} are shown", text) for text in page.text["figcaption"])


def test_failures_are_listed_by_their_reasons_with_some_of_their_trials() -> None:
    page = page_of(findings({1: 0.5, **dict.fromkeys(range(2, 10))}))
    assert "8 of 9 trials failed" in page.text["caption"]
    assert "002, 003, 004, 005, 006 and 3 more" in page.text["th"]
    assert page.text["td"].count("broken") == 1


def test_trials_without_a_value_are_in_no_plot() -> None:
    unmeasured = dict.fromkeys(METRICS)
    nothing: dict[str, Any] = {"objective": None, "objective_value": None, "test": unmeasured}
    seed = [experiment(n, 0.5, **nothing) for n in (1, 2)]
    kept: dict[str, Any] = {"per_user": {"validation": [None] * 2, "test": [None] * 2}}
    page = page_of(findings({}, run=None, experiments=seed, ranked=seed, **kept))
    assert not page.attributes("figure")
    assert "Verdict" in page.text["h2"]


def test_few_trials_have_no_importances_and_the_page_says_how_many_it_takes() -> None:
    page = page_of(findings({1: 0.5, 2: 0.6}))
    assert any("Importances need 20 completed trials" in text for text in page.text["p"])
    assert len(page.plots) == 4


def test_all_runs_are_one_page_with_a_plot_for_each_problem(tmp_path: Path) -> None:
    engine = record(tmp_path / "movies.db")
    for number, key in enumerate(("a", "a", "b"), 1):
        run_id = f"run{number}"
        experiments = [
            experiment(n, share, experiment_id=f"{run_id}_{n:03d}", tuning_run_id=run_id)
            for n, share in ((1, 0.5), (2, 0.7))
        ]
        started = BEGUN + timedelta(hours=number)
        fill(engine, tuning_run(tuning_run_id=run_id, problem_key=key, started_at=started), experiments)
    page = Page(page_of_overview(overview(engine), tmp_path))
    assert page.open == []
    assert [[one["name"] for one in plot["data"]] for plot in page.plots] == [["run3"], ["run2", "run1"]]
    assert sum(script.count("plotly.js v") for script in page.text["script"]) == 1
    for plot in page.plots:
        plotly.graph_objects.Figure(plot)
