"""What all shapes have in common: requests are strict, answers may grow."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from mnemic.recalling import MAX_PAGE, MAX_TOKENS

Point = Annotated[
    str | int | None,
    Field(description="An instant (ISO 8601) or a seq of the bank's log.", examples=["2026-06-02T09:00:00+00:00", 42]),
]
Tokens = Annotated[int, Field(ge=1, le=MAX_TOKENS, description="Size of the context, in tokens.")]
K = Annotated[int, Field(ge=1, le=MAX_PAGE, description="How many records.")]
Names = Annotated[list[str] | None, Field(max_length=1000)]
Fields = dict[str, Any]


class Asked(BaseModel):
    """A request's body: a field that is not known is an error, and so is a number that comes as text."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Told(BaseModel):
    """An answer's body; later versions may add fields."""

    model_config = ConfigDict(extra="allow")
