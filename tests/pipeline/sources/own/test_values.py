"""What an id, a rating, a time and a year may look like in somebody's own tables."""

import math
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.sources.assemble import LATEST
from pipeline.sources.coding import coded
from pipeline.sources.own.values import (
    NOT_MILLISECONDS,
    Parse,
    Unreadable,
    id_of,
    name_of,
    position_of,
    rating_of,
    time_of,
    year_of,
)

EAST = timezone(timedelta(hours=2))


@pytest.mark.parametrize(
    ("parse", "value", "read"),
    [
        (id_of, 7, "7"),
        (id_of, " tt01 ", "tt01"),
        (id_of, "007", "007"),
        (id_of, "1.5a", "1.5a"),
        (id_of, Decimal("12"), "12"),
        (id_of, UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (name_of, None, None),
        (name_of, " ", None),
        (name_of, 10194, "10194"),
        (rating_of, 4, 4.0),
        (rating_of, Decimal("3.5"), 3.5),
        (rating_of, " 4.5 ", 4.5),
        (rating_of, "1e1", 10.0),
        (rating_of, True, 1.0),
        (rating_of, "False", 0.0),
        (rating_of, "up", 1.0),
        (rating_of, "DOWN", 0.0),
        (rating_of, "-1", -1.0),
        (position_of, "3", 3.0),
        (position_of, None, math.inf),
        (time_of, 100, 100),
        (time_of, "100", 100),
        (time_of, 100.9, 100),
        (time_of, "1.5e3", 1500),
        (time_of, LATEST, LATEST),
        (time_of, None, None),
        (time_of, "", None),
        (time_of, math.nan, None),
        (time_of, date(1970, 1, 2), 86400),
        (time_of, datetime(1970, 1, 2), 86400),
        (time_of, datetime(1970, 1, 2, tzinfo=EAST), 79200),
        (time_of, datetime(1970, 1, 2, 0, 0, 0, 999999, tzinfo=UTC), 86400),
        (time_of, "1970-01-02", 86400),
        (time_of, "1970-01-02T00:00:01Z", 86401),
        (time_of, "1970-01-02 00:00:01", 86401),
        (time_of, "1970-01-02T02:00:00+02:00", 86400),
        (year_of, 1995, 1995),
        (year_of, "1995", 1995),
        (year_of, "1995.0", 1995),
        (year_of, "1995-10-30", 1995),
        (year_of, date(1995, 10, 30), 1995),
        (year_of, None, 0),
        (year_of, "", 0),
        (year_of, math.nan, 0),
    ],
)
def test_a_value_is_read(parse: Parse, value: Any, read: Any) -> None:
    assert parse(value) == read
    assert type(parse(value)) is type(read)


@pytest.mark.parametrize("value", [None, "", " NaN ", math.nan, Decimal("NaN")])
def test_a_rating_may_be_missing(value: Any) -> None:
    assert math.isnan(rating_of(value))


@pytest.mark.parametrize(
    ("parse", "value"),
    [
        *((id_of, value) for value in (None, "", " ", True, 1.0, 7.5, "1.0", "12.", b"a", [1], "a\0")),
        *((id_of, value) for value in (Decimal("1.5"), Decimal("NaN"))),
        *((rating_of, value) for value in ("good", "1_0", "inf", math.inf, "4,5", b"4", [4], 10**400)),
        *((position_of, value) for value in ("first", True)),
        *((time_of, value) for value in (-1, "yesterday", "1969-12-31", True, b"1", "1970-02-30", math.inf)),
        *((year_of, value) for value in ("MCMXCV", 1995.5, -1, 10_000, True)),
    ],
)
def test_what_is_none_is_refused(parse: Parse, value: Any) -> None:
    with pytest.raises(Unreadable):
        parse(value)


@pytest.mark.parametrize("value", [1_700_000_000_000, "1700000000000", LATEST + 1, 1.7e12])
def test_milliseconds_are_named(value: Any) -> None:
    with pytest.raises(Unreadable) as refused:
        time_of(value)
    assert str(refused.value) == NOT_MILLISECONDS


@given(st.integers(0, LATEST), st.sampled_from([0, 2, -5]))
def test_a_moment_is_the_same_time_however_it_is_written(seconds: int, hours: int) -> None:
    moment = datetime.fromtimestamp(seconds, timezone(timedelta(hours=hours)))
    plain = datetime.fromtimestamp(seconds, UTC)
    forms: list[Any] = [seconds, str(seconds), float(seconds), Decimal(seconds), moment, moment.isoformat()]
    forms += [plain.strftime("%Y-%m-%d %H:%M:%S"), plain.strftime("%Y-%m-%dT%H:%M:%SZ")]
    forms += [plain.replace(tzinfo=None)]
    assert {time_of(form) for form in forms} == {seconds}


@given(st.lists(st.one_of(st.integers(-2, 2), st.booleans(), st.none(), st.text(max_size=2), st.just([1]))))
def test_a_column_is_its_distinct_values_at_their_places(column: list[Any]) -> None:
    found = coded(column)
    back = [found.values[code] for code in found.codes]
    assert back == column
    assert list(map(type, back)) == list(map(type, column))
