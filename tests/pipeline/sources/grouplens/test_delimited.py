import io
import re
from itertools import takewhile

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.parameters import InvalidInput
from pipeline.sources.grouplens import delimited
from pipeline.sources.grouplens.delimited import Block, Column, Table, read_blocks

TEXT = st.text(alphabet="0159-+.,:\t \"'x\r\0é", max_size=6)
LINES = st.lists(st.lists(st.integers(0, 99).map(str) | TEXT, min_size=1, max_size=4), max_size=12)


def table(separator: str) -> Table:
    columns = (
        Column("id", np.int32, "be a whole number", lambda values: values >= 0),
        Column("share", np.float64, "be in [0, 1]", lambda values: (values >= 0) & (values <= 1)),
    )
    return Table("file", columns, separator, first_row=1)


def blocks(content: bytes, separator: str, size: int) -> list[Block]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delimited, "BLOCK", size)
        return list(read_blocks(io.BytesIO(content), table(separator)))


def is_row(line: str, separator: str) -> bool:
    """Say by its pattern whether a line is a row of the table."""
    fields = line.removesuffix("\r").split(separator)
    return (
        len(fields) == 2
        and re.fullmatch(r"\d{1,9}", fields[0], re.ASCII) is not None
        and re.fullmatch(r"0?\.\d+|[01]\.?|1\.0+", fields[1], re.ASCII) is not None
    )


@given(lines=LINES, separator=st.sampled_from([",", "\t", "::"]), size=st.integers(40, 200))
@example(lines=[["1", "0.5"], ["2", "0"]], separator=",", size=40)
@example(lines=[["\0", "1", "1"]], separator=",", size=40)
@settings(deadline=None, max_examples=150)
def test_whatever_a_file_holds_its_numbers_are_read_or_a_row_of_it_is_told(
    lines: list[list[str]], separator: str, size: int
) -> None:
    texts = [separator.join(line) for line in lines]
    content = "".join(f"{text}\n" for text in texts).encode()
    good = list(takewhile(lambda text: is_row(text, separator), texts))
    try:
        found = blocks(content, separator, size)
    except InvalidInput as error:
        told = re.match(r"file, row (\d+)(:|, column (id|share):) must ", str(error))
        assert told, str(error)
        assert int(told[1]) > len(good), "a row that is as it must be is not complained of"
        return
    ids = np.concatenate([block.columns[0] for block in found]) if found else np.empty(0)
    shares = np.concatenate([block.columns[1] for block in found]) if found else np.empty(0)
    assert len(ids) == len(shares) == len(texts), "no row is lost"
    fields = [text.split(separator) for text in good]
    assert ids[: len(good)].tolist() == [int(field) for field, _ in fields]
    np.testing.assert_array_equal(shares[: len(good)], [float(field) for _, field in fields])
    assert [block.first_row for block in found] == [
        1 + sum(len(before.columns[0]) for before in found[:place]) for place in range(len(found))
    ]


def test_a_line_may_be_as_long_as_a_block_and_no_longer() -> None:
    assert [block.first_row for block in blocks(b"0000001,1\n2,1\n", ",", 10)] == [1, 2]
    with pytest.raises(
        InvalidInput, match=r"^file must be lines of text, got 10 bytes without an end of line$"
    ):
        blocks(b"1" * 11, ",", 10)


def test_a_long_text_is_cut_where_it_is_told() -> None:
    with pytest.raises(InvalidInput) as error:
        blocks(b"x" * 900 + b",1\n", ",", 1000)
    assert str(error.value) == f"file, row 1, column id: must be a whole number, got '{'x' * 60}…'"
