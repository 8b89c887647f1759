"""Which price holds when: a tariff with its dated windows, over a stretch of time."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from computility.model.tariff import Tariff


class Span(NamedTuple):
    """A share of a stretch of time, 0 to 1, with the prices that hold meanwhile."""

    share: float
    per_core_hour: str
    per_card_hour: str


def spans(tariff: Tariff, start: datetime, seconds: float) -> Iterator[Span]:
    """Cut a stretch of time where prices change; the shares add up to 1.

    Args:
        tariff: Its windows may overlap: of two the first one listed counts.
        start: When the stretch begins.
        seconds: How long it is; one of no length has the prices of its start.
    """
    end = _later(start, seconds)
    total = (end - start).total_seconds()
    edges = {edge for w in tariff.windows for edge in (w.start, w.end) if start < edge < end}
    cuts = [start, *sorted(edges), end]
    for begin, until in pairwise(cuts):
        share = (until - begin).total_seconds() / total if total > 0 else 1.0
        yield Span(share, *prices_at(tariff, begin))


def _later(start: datetime, seconds: float) -> datetime:
    """Add seconds, as far as the calendar goes: a report may say anything."""
    try:
        return start + timedelta(seconds=seconds)
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC)


def prices_at(tariff: Tariff, moment: datetime) -> tuple[str, str]:
    """Return what a core-hour and a card-hour cost at a moment."""
    for window in tariff.windows:
        if window.start <= moment < window.end:
            return window.per_core_hour or tariff.per_core_hour, window.per_card_hour or tariff.per_card_hour
    return tariff.per_core_hour, tariff.per_card_hour
