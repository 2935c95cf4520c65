"""What a request may bring: texts, numbers and pages, all bounded."""

from typing import Annotated

from fastapi import Path, Query
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

LONGEST_ID = 64
LONGEST_REASON = 300
MOST_ROWS = 100
FURTHEST_ROW = 1_000_000
HIGHEST_ID = 2**31 - 1  # of the record's integers


def printable(text: str) -> str:
    """Keep control characters, line breaks and halves of characters out of the record and the log."""
    if not text.isprintable():
        raise ValueError("must be printable characters")
    if not text.strip():
        raise ValueError("must not be blank")
    return text


def _text(longest: int) -> tuple[StringConstraints, AfterValidator]:
    return StringConstraints(min_length=1, max_length=longest), AfterValidator(printable)


_ID_CHECKS, _REASON_CHECKS = _text(LONGEST_ID), _text(LONGEST_REASON)
Id = Annotated[str, *_ID_CHECKS, Field(description=f"1 to {LONGEST_ID} printable characters")]
Reason = Annotated[str, *_REASON_CHECKS, Field(description=f"1 to {LONGEST_REASON} printable characters")]

UserId = Annotated[str, *_ID_CHECKS, Path(description="as the ratings have it; whoever is unknown is new")]
Number = Annotated[int, Field(ge=1, le=HIGHEST_ID)]
VersionId = Annotated[int, Path(ge=1, le=HIGHEST_ID, description="number of a version")]
TestId = Annotated[int, Path(ge=1, le=HIGHEST_ID, description="number of a test")]
Limit = Annotated[int, Query(ge=1, le=MOST_ROWS, description="rows at most")]
Offset = Annotated[int, Query(ge=0, le=FURTHEST_ROW, description="rows to pass over")]


class Body(BaseModel):
    """A body of known fields alone."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


class Answer(BaseModel):
    """An answer, filled from a value of the same fields."""

    model_config = ConfigDict(from_attributes=True)
