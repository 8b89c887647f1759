"""Place one job over one snapshot: evaluate, choose among those with room, and write the receipt."""

from collections.abc import Collection, Set
from datetime import datetime
from decimal import Decimal

import msgspec

from computility.metering.charge import amount
from computility.model.base import Value, cut_message
from computility.model.compute_job import Candidate, Receipt, Share
from computility.model.reasons import Reason
from computility.placement.candidates import round_kilograms, round_seconds
from computility.placement.facts import PoolFacts, PoolKey
from computility.placement.ranking import Ranking
from computility.placement.rejections import render_rejections
from computility.placement.request import Request
from computility.placement.shares import Part, take, take_all
from computility.placement.snapshot import Snapshot
from computility.placement.split import split
from computility.placement.steps import Step


class Outcome(Value, frozen=True, kw_only=True):
    """Where the job goes, or the reason why it waits; the receipt says why in either case."""

    reason: Reason
    message: str
    receipt: Receipt
    parts: tuple[Part, ...] = ()

    @property
    def chosen(self) -> PoolFacts | None:
        """The pool that gets all, or of an array the first part; None while the job waits."""
        return self.parts[0].pool if self.parts else None


def place(
    request: Request,
    snapshot: Snapshot,
    now: datetime,
    avoid: Collection[PoolKey] = (),
) -> Outcome:
    """Choose a pool for a job, or several for an array.

    Args:
        request: What the job asks for.
        snapshot: The pools, and the ways between them.
        now: Stands in the receipt.
        avoid: (member, pool) pairs that were tried before and are not to be tried again.
    """
    snapshot.ended(None)
    answer = snapshot.answer(request, now)
    ranking = snapshot.ranking(answer)
    table = answer.evaluation.question.table
    tried = {table.row_of[key] for key in avoid if key in table.row_of}
    ready = (row for row in ranking.preferred() if row not in tried and snapshot.has_room_in(row))
    parts = split(ranking, ready)
    snapshot.ended(Step.CHOOSE)
    is_urgent = request.may_split and request.deadline is not None
    outcome = _conclude(write_receipt(ranking, tried, parts, now), parts, is_urgent=is_urgent)
    snapshot.ended(Step.RECEIPT)
    return outcome


def write_receipt(ranking: Ranking, tried: Set[int], parts: tuple[Part, ...], now: datetime) -> Receipt:
    """Write what was considered, what fits, what was chosen, and why not the rest.

    Args:
        ranking: What was found, with what is ours at the pools.
        tried: Rows that do not come into question, because they were tried before.
        parts: Where it goes; empty while there is no room anywhere.
        now: When it was decided.
    """
    evaluation = ranking.evaluation
    first = evaluation.question.table.row_of[parts[0].pool.key] if parts else None
    shares = _shares(ranking, parts)
    passed_over = [row for row in tried if evaluation.first[row] < 0]
    return Receipt(
        decided_at=now,
        policy=evaluation.question.request.placement.policy,
        considered=len(evaluation.question.table),
        fitting=len(evaluation.fitting) - len(passed_over),
        chosen=None if first is None else _promise(ranking, first, parts, shares),
        shares=shares,
        runners_up=ranking.runners_up(first, tried),
        rejected=ranking.answer.rejected_with(passed_over),
    )


def _promise(ranking: Ranking, first: int, parts: tuple[Part, ...], shares: tuple[Share, ...]) -> Candidate:
    """Return the candidate with the first part, and what the whole job takes, wherever its parts run."""
    found = ranking.candidate(first)
    if not shares:
        return found
    taken = take_all(take(ranking, part) for part in parts)
    return msgspec.structs.replace(
        found,
        cost=amount(float(sum(Decimal(share.cost) for share in shares))),
        cost_range=None,
        done_seconds=round_seconds(taken.done_seconds),
        done_range=None,
        kg_co2_market=round_kilograms(taken.kg_market),
        kg_co2_location=round_kilograms(taken.kg_location),
    )


def _shares(ranking: Ranking, parts: tuple[Part, ...]) -> tuple[Share, ...]:
    if len(parts) < 2:
        return ()
    return tuple(_share(ranking, part) for part in parts)


def _share(ranking: Ranking, part: Part) -> Share:
    return Share(
        member=part.pool.member,
        pool=part.pool.pool,
        count=part.count,
        cost=amount(take(ranking, part).cost),
        currency=part.pool.spec.tariff.currency,
    )


def _conclude(receipt: Receipt, parts: tuple[Part, ...], *, is_urgent: bool) -> Outcome:
    if not parts:
        return _waiting(receipt, is_urgent=is_urgent)
    return Outcome(reason=Reason.PLACED, message=_describe(parts), receipt=receipt, parts=parts)


def _describe(parts: tuple[Part, ...]) -> str:
    if len(parts) == 1:
        return f'placed on pool "{parts[0].pool.pool}" of member "{parts[0].pool.member}"'
    where = ", ".join(f'{part.count} on "{part.pool.pool}" of "{part.pool.member}"' for part in parts)
    return cut_message(f"split over {len(parts)} pools: {where}")


def _waiting(receipt: Receipt, *, is_urgent: bool) -> Outcome:
    if not receipt.considered:
        reason, message = Reason.NO_POOLS, "no member offers a pool yet"
    elif receipt.fitting:
        reason = Reason.POOLS_BUSY
        full = "all have as many attempts as they take"
        if is_urgent:
            full = f"{full}, or those that take one do not end it by its deadline"
        message = f"{receipt.fitting} of {receipt.considered} pools fit; {full}"
    else:
        reason = Reason.NO_POOL_FITS
        message = f"no pool fits: {receipt.considered} considered; {render_rejections(receipt.rejected)}"
    return Outcome(reason=reason, message=cut_message(message), receipt=receipt)
