"""Place one job over one snapshot: filter, estimate, rank, choose, and write the receipt."""

from collections.abc import Collection, Iterable
from datetime import datetime

import msgspec

from computility.metering.charge import add_amounts
from computility.model.base import Value
from computility.model.compute_job import Candidate, PoolRef, Receipt, Rejection, Share
from computility.model.reasons import Reason
from computility.placement.estimate import cost_bound
from computility.placement.filters import Refusal, refuse
from computility.placement.policies import RANKS
from computility.placement.snapshot import PoolFacts, Request, Snapshot
from computility.placement.split import MOST_PARTS, Part, split

_RUNNERS_UP = 9
_EXAMPLES = 3


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
    avoid: Collection[tuple[str, str]] = (),
    most_parts: int = MOST_PARTS,
) -> Outcome:
    """Choose a pool for a job, or several for an array.

    Args:
        request: What the job asks for.
        snapshot: The pools, in any order.
        now: Stands in the receipt.
        avoid: (member, pool) pairs that were tried before and are not to be tried again.
        most_parts: Over how many pools an array may be split, at most.
    """
    fitting: dict[tuple[str, str], PoolFacts] = {}
    refused: list[tuple[PoolFacts, Refusal]] = []
    for pool in snapshot.pools:
        refusal = Refusal(reason=Reason.TRIED_BEFORE) if pool.key in avoid else refuse(request, pool)
        if refusal is None:
            fitting[pool.key] = pool
        else:
            refused.append((pool, refusal))
    ranked = _rank(request, fitting.values())
    ready = [c for c in ranked if _has_room(fitting[c.member, c.pool])]
    parts = split(request, [fitting[c.member, c.pool] for c in ready], most_parts)
    first, shares = _first(ready, parts), _shares(request, parts)
    receipt = Receipt(
        decided_at=now,
        policy=request.placement.policy,
        considered=len(snapshot.pools),
        fitting=len(fitting),
        chosen=_promise(first, shares),
        shares=shares,
        runners_up=tuple(c for c in ranked if c != first)[:_RUNNERS_UP],
        rejected=count_rejections(refused),
    )
    return _conclude(receipt, parts)


def _conclude(receipt: Receipt, parts: tuple[Part, ...]) -> Outcome:
    if not parts:
        return _waiting(receipt)
    return Outcome(reason=Reason.PLACED, message=_describe(parts), receipt=receipt, parts=parts)


def _first(ready: Iterable[Candidate], parts: tuple[Part, ...]) -> Candidate | None:
    """Return the candidate that gets the first part; it need not be the best, which may be full."""
    return next((c for c in ready if (c.member, c.pool) == parts[0].pool.key), None)


def _promise(first: Candidate | None, shares: tuple[Share, ...]) -> Candidate | None:
    """Return the chosen candidate with what the job costs at most, wherever its parts run."""
    if first is None or not shares:
        return first
    return msgspec.structs.replace(first, cost=add_amounts(*(share.cost for share in shares)))


def _shares(request: Request, parts: tuple[Part, ...]) -> tuple[Share, ...]:
    if len(parts) < 2:
        return ()
    return tuple(
        Share(
            member=part.pool.member,
            pool=part.pool.pool,
            count=part.count,
            cost=cost_bound(request, part.pool, part.count),
            currency=part.pool.spec.tariff.currency,
        )
        for part in parts
    )


def _describe(parts: tuple[Part, ...]) -> str:
    if len(parts) == 1:
        return f'placed on pool "{parts[0].pool.pool}" of member "{parts[0].pool.member}"'
    where = ", ".join(f'{part.count} on "{part.pool.pool}" of "{part.pool.member}"' for part in parts)
    return f"split over {len(parts)} pools: {where}"[:1024]


def _rank(request: Request, pools: Iterable[PoolFacts]) -> list[Candidate]:
    candidates = (
        Candidate(
            member=pool.member,
            pool=pool.pool,
            cost=cost_bound(request, pool),
            currency=pool.spec.tariff.currency,
        )
        for pool in pools
    )
    return sorted(candidates, key=RANKS[request.placement.policy])


def _has_room(pool: PoolFacts) -> bool:
    return pool.live_attempts < pool.spec.limits.max_queued


def _waiting(receipt: Receipt) -> Outcome:
    if not receipt.considered:
        reason, message = Reason.NO_POOLS, "no member offers a pool yet"
    elif receipt.fitting:
        reason = Reason.POOLS_BUSY
        message = (
            f"{receipt.fitting} of {receipt.considered} pools fit; all have as many attempts as they take"
        )
    else:
        reason = Reason.NO_POOL_FITS
        message = f"no pool fits: {receipt.considered} considered; {render_rejections(receipt.rejected)}"
    return Outcome(reason=reason, message=message[:1024], receipt=receipt)


def count_rejections(refused: Iterable[tuple[PoolFacts, Refusal]]) -> tuple[Rejection, ...]:
    """Count refusals by reason, most first, each with the nearest that was found and three examples."""
    groups: dict[Reason, list[tuple[PoolFacts, Refusal]]] = {}
    for pool, refusal in refused:
        groups.setdefault(refusal.reason, []).append((pool, refusal))
    counted = []
    for reason, group in sorted(groups.items(), key=lambda item: (-len(item[1]), item[0])):
        nearest = max(group, key=lambda pair: (pair[1].nearness, pair[0].key))[1]
        examples = sorted(pool.key for pool, _ in group)[:_EXAMPLES]
        counted.append(
            Rejection(
                reason=reason.value,
                count=len(group),
                wanted=nearest.wanted,
                found=nearest.found,
                examples=tuple(PoolRef(member=m, pool=p) for m, p in examples),
            )
        )
    return tuple(counted)


def render_rejections(rejected: Iterable[Rejection]) -> str:
    """Say in one line what was turned down, why, and how near the nearest came."""
    return "; ".join(
        f"{r.count} {r.reason}"
        + (f" (wanted {r.wanted}" if r.wanted else "")
        + (", " if r.wanted and r.found else " (" if r.found else "")
        + (f"nearest {r.found}" if r.found else "")
        + (")" if r.wanted or r.found else "")
        for r in rejected
    )
