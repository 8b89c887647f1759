"""A quote in words: its headline, and how it differs from another."""

from computility.cli.candidates import is_compared
from computility.cli.figures import SAME, duration, kilograms, short_money
from computility.cli.pool_name import pool_name
from computility.cli.quotes import Quote, changes
from computility.model.compute_job import Candidate


def headline(quote: Quote) -> str:
    """Say in a line what the job costs where, or that it fits nowhere."""
    name = f"{quote.job.metadata.namespace}/{quote.job.metadata.name}"
    if quote.chosen is None:
        return f"{name}: {quote.outcome.message}"
    bound = "" if is_compared(quote.receipt) else "at most "
    return f"{name}: {bound}{summary(quote.chosen)} on {_where(quote, quote.chosen)}"


def summary(found: Candidate) -> str:
    """Say what it costs, how long it takes and what it emits: ¥3,503, 34.3 h, 129 kgCO2."""
    parts = [short_money(found.cost, found.currency), duration(found.done_seconds)]
    if found.kg_co2_market is not None:
        parts.append(f"{kilograms(found.kg_co2_market)} kgCO2")
    return ", ".join(parts)


def _where(quote: Quote, chosen: Candidate) -> str:
    parts = quote.outcome.parts
    if len(parts) < 2:
        return pool_name(chosen)
    return f"{len(parts)} pools, most of it on {pool_name(chosen)}"


def comparison(quote: Quote, source: str) -> str:
    """Say by how much it differs from what it was; "" where there is nothing to compare with."""
    if not source:
        return ""
    if quote.before is None:
        return f"new: not in {source}"
    was, now = quote.before.receipt.chosen, quote.chosen
    if was is None:
        return f"against {source}, which fits nowhere" if now else ""
    if now is None:
        return f"against {summary(was)} in {source}"
    moved = "" if pool_name(now) == pool_name(was) else f", moved from {pool_name(was)}"
    return f"{_told(now, was)} against {source} ({summary(was)}){moved}"


def _told(now: Candidate, was: Candidate) -> str:
    found = [each for each in changes(now, was) if each.percent]
    if all(each.percent == SAME for each in found):
        return SAME
    return ", ".join(f"{each.name} {each.percent}" for each in found)
