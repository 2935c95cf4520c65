"""The dashboard shows tests as they are judged, and calls a replay a replay."""

import dataclasses
from typing import get_args

import pytest
from dashboard_samples import NOW, a_replay, a_version, compared, go_to, judgement, page_of, start
from deployment_samples import new_version
from sqlalchemy import Engine

from db.deployment.ab_tests import end_test
from db.deployment.versions import open_version
from deployment.ab_testing.verdict import Verdict
from service.dashboard.words import VERDICTS

TESTS = "tests, the latest first"
NOTHING = dict.fromkeys(("champion", "challenger", "difference", "low", "high"))


def test_a_running_test_shows_its_arms_its_difference_and_its_guardrails(engine: Engine) -> None:
    champion, challenger = a_version(engine), a_version(engine)
    go_to(engine, champion)
    start(engine, champion, challenger, name="taste", split=0.4)
    page = page_of(engine)
    assert "Running: taste live" in page.text
    assert "Still collecting: nothing may be said yet. 1.5 of at least 7 days are over." in page.text
    assert "1.5 days of at least 7, at most 28 days" in page.text
    assert "120 of 400 planned" in page.text
    assert page.tables["the two arms"][1:] == [
        ["champion", str(champion), "60%", "211", "61", "0.7000"],
        ["challenger", str(challenger), "40%", "203", "59", "0.7500"],
    ]
    (compared_rows,) = (rows for caption, rows in page.tables.items() if "guardrails" in caption)
    assert compared_rows[0][4] == "always-valid 95% interval"
    assert [row[1:] for row in compared_rows[1:]] == [
        ["0.7000", "0.7500", "+0.0500", "[-0.0125, +0.1125]", "", "what is tested"],
        ["0.7000", "0.7500", "+0.0500", "[-0.0125, +0.1125]", "0.0200", "holds"],
        ["0.7000", "0.7500", "+0.0500", "[-0.0125, +0.1125]", "0.0200", "not shown to hold"],
    ]
    (interval,) = page.plots[0]["data"]
    assert interval["x"] == [0.05]
    assert interval["error_x"]["array"] == interval["error_x"]["arrayminus"] == [pytest.approx(0.0625)]


@pytest.mark.parametrize("verdict", get_args(Verdict))
def test_every_verdict_is_said_in_words(engine: Engine, verdict: Verdict) -> None:
    champion, challenger = a_version(engine), a_version(engine)
    go_to(engine, champion)
    start(engine, champion, challenger)
    page = page_of(engine, judge=lambda _: judgement(verdict=verdict, warnings=("days are missing",)))
    assert f"{VERDICTS[verdict]}." in page.text
    assert "Note: days are missing." in page.text


def test_a_test_without_an_interval_yet_has_dashes_and_no_plot(engine: Engine) -> None:
    champion, challenger = a_version(engine), a_version(engine)
    go_to(engine, champion)
    start(engine, champion, challenger)
    page = page_of(engine, judge=lambda _: judgement(accuracy=compared(**NOTHING), guardrails=()))
    (rows,) = (rows for caption, rows in page.tables.items() if "guardrails" in caption)
    assert rows[1][1:5] == ["–"] * 4
    assert page.plots == []


def test_a_replay_is_labelled_and_never_shown_as_what_runs(engine: Engine) -> None:
    first, second = a_version(engine), a_version(engine)
    go_to(engine, first)
    a_replay(engine, first, second)
    start(engine, second, first, source="offline_replay", name="today", salt="goes on")
    live = start(engine, first, second)
    unmeasured = dataclasses.asdict(judgement(accuracy=compared(**NOTHING)))
    end_test(
        engine,
        live.ab_test_id,
        verdict="collecting",
        judgement=unmeasured,
        reason="enough seen",
        decided=False,
    )
    page = page_of(engine)
    day = f"{NOW:%Y-%m-%d}"
    ahead = "+0.0500 [-0.0125, +0.1125]"
    assert page.tables[TESTS][1:] == [
        ["3: taste", "live", "2 against 1", day, day, VERDICTS["collecting"], "–", "enough seen"],
        ["2: today", "offline replay", "1 against 2", day, "running", "–", "–", "–"],
        [
            "1: yesterday",
            "offline replay",
            "2 against 1",
            day,
            day,
            VERDICTS["challenger_better"],
            ahead,
            "all ratings are replayed",
        ],
    ]
    assert "Running:" not in page.text


def test_the_latest_version_that_is_ready_is_offered_for_a_test(engine: Engine) -> None:
    active, older, newer = (a_version(engine) for _ in range(3))
    go_to(engine, newer)
    go_to(engine, active)
    open_version(engine, new_version())
    page = page_of(engine)
    assert (
        f"Version {newer} is ready to be compared with the active one on live users like this:" in page.text
    )
    (command,) = (code for code in page.codes if "api/ab-tests" in code)
    assert f'"challenger_version": {newer}' in command
    assert older < newer
