"""What is wrong with a trace, by line and field."""

from collections.abc import Sequence
from typing import NamedTuple

MOST_TOLD = 10


class Mistake(NamedTuple):
    """One mistake: where it stands, and how to mend it."""

    line: int
    field: str
    remedy: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.field}: {self.remedy}"


class WrongField(ValueError):
    """A field of the line being read is not what it has to be."""

    def __init__(self, field: str, remedy: str) -> None:
        super().__init__(f"{field}: {remedy}")
        self.field, self.remedy = field, remedy


class TraceRefused(Exception):
    """The trace cannot be replayed as it is; the message names up to ten lines and what to do about each."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        told = [str(mistake) for mistake in mistakes[:MOST_TOLD]]
        if len(mistakes) > MOST_TOLD:
            told.append("and more: mend these first")
        super().__init__("\n".join(told))
        self.mistakes = tuple(mistakes)
