"""Policies: in which order the pools that fit are preferred."""

from collections.abc import Callable
from decimal import Decimal

from computility.model.compute_job import Candidate, Policy

Rank = tuple[Decimal, str, str]


def cheapest(candidate: Candidate) -> Rank:
    """The least cost first; equal ones by name, so that the same question gets the same answer."""
    return Decimal(candidate.cost), candidate.member, candidate.pool


RANKS: dict[Policy, Callable[[Candidate], Rank]] = {Policy.CHEAPEST: cheapest}
