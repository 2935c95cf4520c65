import json
from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_data import problems, tiny

from pipeline.attendance import Attendance, PartAttendance, Presence, attendance
from pipeline.dataset import Dataset
from pipeline.evaluation import Problem
from pipeline.split import SPLITS, PerUserTimeline, Split, Timeline, split_ratings

DAY = 24 * 60 * 60
# Ada rates on all four days, Bob on the last three, Cy on the last, Dan never; each day the next movies.
RATINGS = [
    *((0, 0, 5, 0), (0, 1, 5, 1), (0, 2, 5, 2), (0, 4, 5, 3)),
    *((1, 0, 5, 1), (1, 3, 5, 2), (1, 4, 5, 3)),
    (2, 0, 5, 3),
]


def problem(day: int = DAY) -> Problem:
    """Train on the first two days, validate on the third, test on the fourth; movie 5 is never rated."""
    dataset = tiny([(u, m, y, t * day) for u, m, y, t in RATINGS], genres=["a"] * 6, n_users=4)
    times = dataset.timestamps // day
    return Problem(dataset, Split(train=times <= 1, validation=times == 2, test=times == 3))


def test_users_and_movies_are_counted_beside_what_was_fitted() -> None:
    assert attendance(problem()) == Attendance(
        validation=PartAttendance(
            begins="1970-01-03",
            users=Presence(held_out=2, cold=0, cold_share=0.0, absent=2),
            # Movies 2 and 3, which nobody had rated before.
            movies=Presence(held_out=2, cold=2, cold_share=1.0, absent=4),
        ),
        test=PartAttendance(
            begins="1970-01-04",
            # Cy is new, and gives one of the three ratings.
            users=Presence(held_out=3, cold=1, cold_share=1 / 3, absent=1),
            # Movie 4 is new, and has two of them.
            movies=Presence(held_out=2, cold=1, cold_share=2 / 3, absent=4),
        ),
    )


def test_a_part_that_begins_when_others_still_train_has_no_day() -> None:
    found = problem()
    late = found.dataset.users == 2
    mixed = Split(found.train | late, found.split.validation, found.split.test & ~late)
    parts = attendance(Problem(found.dataset, mixed))
    assert (parts.validation.begins, parts.test.begins) == (None, None)
    assert parts.test.users.cold == 0


def test_a_day_is_named_however_late() -> None:
    """Timestamps in milliseconds are of years that Python's own dates do not reach."""
    first_of_year_10000 = 253_402_300_800
    assert attendance(problem(day=first_of_year_10000 // 2)).validation.begins == "10000-01-01"


@pytest.mark.parametrize("protocol", SPLITS)
@given(st.data())
@settings(max_examples=60, deadline=None)
def test_nobody_is_lost(protocol: str, data: st.DataObject) -> None:
    asked = data.draw(problems(SPLITS[protocol]))
    found = attendance(asked)
    for part, held_out in ((found.validation, asked.validation), (found.test, asked.test)):
        assert part.users.held_out == len(np.unique(held_out.users))
        assert part.users.held_out + part.users.absent == asked.dataset.n_users
        assert part.movies.held_out + part.movies.absent == asked.dataset.n_movies
        for presence in (part.users, part.movies):
            assert 0 <= presence.cold <= presence.held_out
            assert (presence.cold == 0) == (presence.cold_share == 0)
            assert (presence.cold == presence.held_out) == (presence.cold_share == 1)
    assert protocol == "per_user" or (found.validation.begins and found.test.begins)


def test_what_is_counted_can_be_written_as_json() -> None:
    written = json.loads(json.dumps(asdict(attendance(problem()))))
    assert written["test"]["users"] == {"held_out": 3, "cold": 1, "cold_share": 1 / 3, "absent": 1}
    assert written["validation"]["begins"] == "1970-01-03"


def test_most_users_of_real_data_are_in_one_part_of_a_timeline_and_in_all_of_their_own(
    movielens: Dataset,
) -> None:
    def users(settings: PerUserTimeline | Timeline) -> list[tuple[int, int]]:
        found = attendance(Problem(movielens, split_ratings(movielens, settings)))
        return [(part.users.held_out, part.users.cold) for part in (found.validation, found.test)]

    assert users(PerUserTimeline()) == [(943, 0), (943, 0)]
    assert users(Timeline()) == [(279, 161), (301, 192)]
