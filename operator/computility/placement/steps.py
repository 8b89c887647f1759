"""The numbered steps of a decision, for whoever wants to know how long each takes. Placement has no clock."""

import enum
from collections.abc import Callable


class Step(enum.StrEnum):
    """One part of a decision; the first four are done once for all requests that are equal."""

    SNAPSHOT = "1-snapshot"
    ESTIMATE = "2-estimate"
    FILTER = "3-filter"
    RANK = "4-rank"
    CHOOSE = "5-choose"
    RECEIPT = "6-receipt"


Ended = Callable[[Step | None], None]
"""Told that a step is over; None says that what has passed until now was none."""


def untimed(_: Step | None) -> None:
    """Tell nobody."""
