"""A literal is read as `ast.literal_eval` reads it, whichever way it is written."""

import ast
import json
import math
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.sources import literals
from pipeline.sources.literals import literal

TEXTS = st.text(max_size=12) | st.text("'\"\\, :None{}[]\n\tx1ud8", max_size=12)
PLAIN = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS
VALUES = st.recursive(
    PLAIN,
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(TEXTS | st.integers(), inside, max_size=4),
    max_leaves=12,
)


@given(VALUES)
@settings(max_examples=400)
def test_what_python_writes_is_read_as_it_was(value: Any) -> None:
    assert repr(literal(repr(value))) == repr(value)


@given(VALUES)
def test_what_json_writes_is_read_too(value: Any) -> None:
    as_json = json.loads(json.dumps(value, ensure_ascii=False))
    assert literal(json.dumps(as_json, ensure_ascii=False).replace("\\/", "/")) == as_json


QUOTED = ("'a'", '"a"', "'id': ", '"b\'c"', "'b\"c'")
ESCAPES = ("\\'", '\\"', "\\x41", "\\u00e9", "\\ud83d\\ude00", "\\N{BULLET}", "\\101", "\\d", "\\\n")
WORDS = ("}, {", "'}, {'", "None", "True", "nan", "null", "e3", ".5", "'''", '"""')
PIECES = st.sampled_from((*QUOTED, *ESCAPES, *WORDS, *"[]{}(),: \n\t#\\'\"abré10-_"))


@given(
    st.lists(PIECES, max_size=10).map("".join) | st.lists(PIECES, max_size=6).map(lambda p: f"[{''.join(p)}]")
)
@example("['a' 'b']")
@example("""['"', 'None', ': None, ', None, "'None'", 'x', None]""")
@example("""[{'a': "}, {'b': 'c"}, {'d': 1}]""")
@example("""[{'a': '}, {"b'}, {'d"': 1}]""")
@example("['''a''']")
@example("['a', # 'b'\n]")
@example("""['a"', "'"]""")
@example("[\"a\\'b', \"]")
@example("['\\ud83d\\ude00']")
@settings(max_examples=1500)
@pytest.mark.filterwarnings("ignore:invalid escape")
def test_any_text_that_python_can_read_is_read_as_python_reads_it(text: str) -> None:
    try:
        expected = ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError):
        return
    assert repr(literal(text)) == repr(expected)


@pytest.mark.parametrize(
    "text", ["", "[", "'", '"', "[1] 2", "f(1)", "__import__('os')", "{[]: 1}", "a", "[" * 9999]
)
def test_what_is_no_literal_is_told(text: str) -> None:
    with pytest.raises(ValueError, match="must be a Python literal"):
        literal(text)


def test_what_is_missing_is_understood_however_it_is_called() -> None:
    value = literal("[None, nan, null, 'None', 'nan']")
    assert isinstance(value, list)
    assert math.isnan(value.pop(1))
    assert value == [None, None, "None", "nan"]


@pytest.mark.parametrize(
    "value",
    [
        [{"id": 31, "name": "Tom Hanks", "profile_path": None, "order": 0}],
        [{"name": "Peter O'Toole"}, {"character": 'He said "no"'}, {"character": 'It\'s "him"\n'}],
        [{"name": "Am\xe9lie\xa0\u200b"}, {"ok": True}],
    ],
)
def test_what_credits_hold_takes_the_fast_way(value: object) -> None:
    with patch.object(literals, "_evaluated", side_effect=AssertionError("the slow way")):
        assert literal(repr(value)) == value
