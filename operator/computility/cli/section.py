"""A titled table of texts, and the cells that several of them have."""

from typing import NamedTuple

from computility.model.compute_job import Attempt
from computility.model.outcome import IndexOutcome

Row = tuple[str, ...]


class Section(NamedTuple):
    """A titled table; one without rows is not printed."""

    title: str
    heads: Row
    rows: list[Row]


def exit_cell(ended: Attempt | IndexOutcome) -> str:
    """Write how a payload ended: its exit code or signal; "" where neither is known."""
    if ended.signal is not None:
        return f"signal {ended.signal}"
    return "" if ended.exit_code is None else str(ended.exit_code)
