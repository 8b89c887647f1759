"""Weighted fair share: who has used least of late goes first. Reckoned in whole numbers: no order counts."""

import heapq
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

T = TypeVar("T")

HALF_LIFE = timedelta(days=7)
"""Use counts half as much after this time."""
CORES_PER_CARD = 16
"""So many cores count as one card, for jobs without cards."""
_UNITS_PER_CARD_HOUR = 2**32
_MOST_HALF_LIVES = 900.0
"""As far as a float reaches: a clock that is wrong by a millennium must not end the hub."""


def card_hours(cards: int, cores: int, seconds: float) -> float:
    """Return what counts as used: card-hours, or core-hours over 16 of what has no cards."""
    return (cards or cores / CORES_PER_CARD) * seconds / 3600


def weigh_use(hours: float, at: datetime, epoch: datetime) -> int:
    """Weigh a use by when it was, for comparing with others; in units that only comparisons understand.

    Instead of letting what is past decay, what comes later counts more: twice as much after each half-life.
    All weights of one epoch stand in the same proportions at any later moment, so nothing is ever reckoned
    anew.

    Args:
        hours: Card-hours, at least 0.
        at: When they were used.
        epoch: An instant near to it, the same for all that are compared.

    Source: forward decay (Cormode, Shkapenyuk, Srivastava, Xu: ICDE 2009), exponential.
    """
    half_lives = min(_MOST_HALF_LIVES, max(-_MOST_HALF_LIVES, (at - epoch) / HALF_LIFE))
    return int(hours * _UNITS_PER_CARD_HOUR * 2.0**half_lives)


def fair_order(
    queues: Mapping[str, Sequence[T]], use: Mapping[str, int], weights: Mapping[str, float]
) -> Iterator[T]:
    """Yield everything that waits, one at a time from whoever has the least use over weight.

    Whether what was yielded has got something shows in `use` when the next is asked for: so the parties
    alternate, and nobody pays for what could not be had. Between equals the name decides.

    Args:
        queues: By party: what waits, in its own order.
        use: What each party has used, as it changes; 0 for those that are not named.
        weights: Above 0; 1 for those that are not named.
    """

    def share(party: str) -> tuple[float, str]:
        return use.get(party, 0) / weights.get(party, 1.0), party

    left = {party: iter(queue) for party, queue in queues.items()}
    turns = [share(party) for party in queues]
    heapq.heapify(turns)
    while turns:
        _, party = heapq.heappop(turns)
        taken = next(left[party], None)
        if taken is not None:
            yield taken
            heapq.heappush(turns, share(party))
