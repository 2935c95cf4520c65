"""The dashboard shows what is recorded, escaped, says what to do where there is nothing, and stays quick."""

import dataclasses
import time

import pytest
from dashboard_page import Page
from dashboard_samples import (
    a_version,
    client_of,
    fill_all,
    fill_runs,
    go_to,
    judgement,
    page_of,
    shown,
    sources,
    start,
)
from recorded import fill_many
from sqlalchemy import Engine

from deployment.reasons import Reason
from deployment.served import Recommended
from report.next_steps import first_search
from service.dashboard.sources import Shown
from service.inputs import LONGEST_ID

NASTY = "</script><script>alert(1)</script> & <b> \"quoted\" 'single'"
SWITCHES = "switches of the active version, the latest first"
VERSIONS = "versions, the latest first"
RUNS = "runs, the latest first"


def test_the_page_is_well_formed_and_can_be_read_without_eyes(engine: Engine) -> None:
    fill_all(engine)
    page = page_of(engine, "/?user=1")
    assert page.open == []
    assert page.attributes("html") == [{"lang": "en"}]
    assert {"name": "viewport", "content": "width=device-width, initial-scale=1"} in page.attributes("meta")
    assert len(page.attributes("caption")) == len(page.attributes("table")) == len(page.tables) == 8
    assert all(cell["scope"] for cell in page.attributes("th"))
    divisions = page.attributes("div")
    assert all(one["tabindex"] == "0" for one in divisions if one.get("role") == "region")
    assert all(one["aria-label"] for one in divisions if one.get("role") in {"region", "img"})
    assert [label["for"] for label in page.attributes("label")] == ["user-id"]


def test_the_first_link_skips_to_the_content_and_all_links_lead_somewhere(engine: Engine) -> None:
    page = page_of(engine)
    links = [str(one["href"]) for one in page.attributes("a")]
    ids = {one["id"] for _, one in page.tags if one.get("id")}
    assert links[0] == "#content"
    assert {link[1:] for link in links if link.startswith("#")} <= ids
    assert {link for link in links if not link.startswith("#")} == {"/docs", "/"}


def test_runs_are_told_with_the_best_so_far_of_each(engine: Engine) -> None:
    fill_runs(engine, "random_1", [0.5, 0.7, None, 0.6])
    fill_runs(engine, "random_2", [None])
    page = page_of(engine)
    assert page.tables[RUNS][1:] == [
        ["random_2", "random", "0/1", "1", "–", "–", "done"],
        ["random_1", "random", "3/4", "1", "0.7000", "+0.100", "done"],
    ]
    (drawn,) = page.plots
    assert [(line["name"], line["x"], line["y"]) for line in drawn["data"]] == [
        ("random_1", [1, 2, 4], [0.5, 0.7, 0.7])
    ]
    assert {line["text"] for line in drawn["layout"]["annotations"]} == {"baseline", "best constant", "bias"}


def test_a_user_sees_movies_with_reasons_in_their_order(engine: Engine) -> None:
    page = page_of(engine, "/?user=%201%20")
    assert "10 movies for user 1, by version 2." in page.text
    first = "Movie of rank 1 (1991) score 0.890, expected rating 4.0 stars "
    first += "genres you like +0.990 how popular it is -0.100"
    assert first in page.text
    assert page.text.index("Movie of rank 1 ") < page.text.index("Movie of rank 10 ")
    assert "newcomer" not in page.text


def test_an_unknown_user_is_told_that_a_newcomer_is_answered(engine: Engine) -> None:
    page = page_of(engine, "/?user=nobody")
    assert "User nobody is unknown to version 2: shown are the recommendations of a newcomer." in page.text


def test_the_arm_of_a_user_is_named_and_whether_the_champion_stands_in(engine: Engine) -> None:
    def in_test(user_id: str, n: int) -> Shown:
        return dataclasses.replace(shown(user_id, n), arm="challenger", fell_back=True)

    page = page_of(engine, "/?user=1", recommend=in_test)
    assert "by version 2, the challenger of the running test; the champion answers in its place" in page.text


@pytest.mark.parametrize("user_id", ["x" * (LONGEST_ID + 1), "a%00b", "a%0Ab", "%FF%1b"])
def test_what_is_no_id_is_refused_in_a_sentence_and_nobody_is_asked(engine: Engine, user_id: str) -> None:
    page = page_of(engine, f"/?user={user_id}", 422, recommend=lambda *_: pytest.fail("asked"))
    assert "The id of a user has 1 to 64 printable characters." in page.text
    (field,) = page.attributes("input")
    assert field["aria-invalid"] == "true"


def test_hostile_text_stays_text_wherever_it_comes_from(engine: Engine) -> None:
    fill_runs(engine, NASTY)
    first, second = a_version(engine, experiment_id=NASTY, model=NASTY), a_version(engine)
    go_to(engine, first, who=NASTY, why=NASTY)
    start(engine, first, second, name=NASTY, who=NASTY)
    reasons = (Reason("genre", NASTY, 0.5),)
    movies = [Recommended(NASTY, title, None, 0.5, 3.0, reasons) for title in (NASTY, "")]
    page = page_of(
        engine,
        "/?user=%3Cscript%3Ealert(2)%3C/script%3E",
        problems=lambda: (NASTY, "a path of half a character: \ud800"),
        recommend=lambda *_: Shown(2, known=False, movies=movies),
        judge=lambda _: judgement(reason=NASTY, warnings=(NASTY,)),
        database=(f"db.url={NASTY}",),
    )
    kinds = [(one.get("type"), one.get("src")) for one in page.attributes("script")]
    assert [kind for kind, source in kinds if source is None] == ["application/json"] * len(page.plots)
    assert page.attributes("b") == []
    assert page.text.count("alert(1)") >= 15
    assert "User <script>alert(2)</script> is unknown" in page.text


def test_without_anything_the_page_says_what_to_do_first(engine: Engine) -> None:
    page = page_of(engine, "/?user=1", recommend=lambda *_: None, database=("db.url=sqlite:////tmp/a.db",))
    search = first_search("", ("db.url=sqlite:////tmp/a.db",)).command
    deploy = "python src/deploy_app.py experiment=best db.url=sqlite:////tmp/a.db"
    assert page.codes == [search, deploy.replace(" db.url", " dry_run=true db.url"), deploy, search]
    assert "Nothing is deployed yet. First something has to be tuned" in page.text
    assert "No version answers, so that nothing can be recommended." in page.text
    assert "it needs an active version first" in page.text
    assert (page.tables, page.plots) == ({}, [])


def test_before_the_first_rating_and_the_first_test_their_commands_are_there(engine: Engine) -> None:
    go_to(engine, a_version(engine))
    page = page_of(engine)
    rating = '{"user_id": "1", "movie_id": "50", "rating": 4}'
    head = '-H "Authorization: Bearer $REELTUNE_TOKEN" -H "Content-Type: application/json"'
    assert f"curl -X POST http://testserver/api/ratings {head} -d '{rating}'" in page.codes
    assert "python src/deploy_app.py experiment=best activate=false" in page.codes
    assert "No run is recorded yet." in page.text
    assert "not known yet" in page.text


def test_health_says_why_the_service_is_degraded(engine: Engine) -> None:
    assert "Healthy." in page_of(engine).text
    page = page_of(engine, problems=lambda: ("version 2 was refused: its files are gone",))
    assert "Degraded. Not everything is as the record has it: version 2 was refused" in page.text
    assert "Healthy." not in page.text


def test_the_policy_allows_scripts_of_ours_alone_and_the_page_is_not_kept(engine: Engine) -> None:
    heads = client_of(sources(engine)).get("/").headers
    policy = dict(part.strip().split(" ", 1) for part in heads["content-security-policy"].split(";"))
    assert (policy["default-src"], policy["script-src"]) == ("'none'", "'self'")
    assert (heads["cache-control"], heads["x-content-type-options"]) == ("no-store", "nosniff")


def test_what_the_page_needs_is_served_from_here_and_kept_for_good(engine: Engine) -> None:
    client = client_of(sources(engine))
    page = Page(client.get("/").text)
    needed = [str(one["href"]) for one in page.attributes("link") if one["rel"] == "stylesheet"]
    needed += [str(one["src"]) for one in page.attributes("script") if one.get("src")]
    assert len(needed) == 4
    for address in needed:
        answer = client.get(address)
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert len(client.get(needed[2]).content) > 1_000_000  # plotly.js
    assert client.get(needed[0].split("?")[0]).headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    "name", ["nothing.js", "..%2Fdashboard.py", "%2e%2e/dashboard.py", "%2Fetc%2Fpasswd"]
)
def test_no_other_file_is_served(engine: Engine, name: str) -> None:
    assert client_of(sources(engine)).get(f"/static/{name}").status_code == 404


def test_the_dashboard_is_no_part_of_the_api(engine: Engine) -> None:
    assert client_of(sources(engine)).get("/openapi.json").json()["paths"] == {}


def test_a_record_of_many_runs_and_versions_is_shown_quickly_and_in_part(engine: Engine) -> None:
    fill_many(engine, runs=50, trials=10)
    for _ in range(51):
        go_to(engine, a_version(engine))
    client = client_of(sources(engine))
    page = Page(client.get("/").text)
    took = []  # of the processor: others may be at it, too
    for _ in range(5):
        begun = time.process_time()
        client.get("/")
        took.append(time.process_time() - begun)
    assert len(page.tables[VERSIONS]) == len(page.tables[SWITCHES]) == 1 + 50
    assert sum(len(plot["data"]) for plot in page.plots) == 10
    assert min(took) < 0.1
