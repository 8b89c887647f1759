"""Hard filters: each is one question to all pools at once, answered with who passes and what was found.

Filters ask what a pool has in all, never what is free: a full pool is a matter of waiting, not of fitting.
"""

from collections.abc import Callable, Iterable, Mapping

import numpy as np

from computility.model.data_link import MEMBER
from computility.model.pool_facts import Taint
from computility.model.reasons import Reason
from computility.placement.currency import CURRENCY
from computility.placement.facts import PoolFacts
from computility.placement.question import Question
from computility.placement.verdict import Verdict

Filter = Callable[[Question], Verdict | None]
"""None: the request does not ask."""


def is_accepted(q: Question) -> Verdict:
    """The platform team accepted the member."""
    return Verdict(Reason.NOT_ACCEPTED, q.table.terms.mask("accepted", lambda t: t.accepted))


def admits_tenant(q: Question) -> Verdict:
    """The centre has an account for the job's namespace."""
    wanted = q.request.namespace
    admits = q.table.terms.mask(("namespace", wanted), lambda t: wanted in t.namespaces)
    return Verdict(Reason.ACCESS, admits, wanted)


def carries_labels(q: Question) -> Verdict | None:
    """The pool carries every label that the job selects by."""
    wanted = q.request.placement.pool_selector.match_labels
    if not wanted:
        return None
    pairs = sorted(wanted.items())

    def missing(labels: Mapping[str, str]) -> list[tuple[str, str]]:
        return [(key, value) for key, value in pairs if labels.get(key) != value]

    def found(pool: PoolFacts) -> str:
        key, _ = missing(pool.labels)[0]
        return f"{key}={pool.labels[key]}" if key in pool.labels else f"no {key}"

    carries = q.table.terms.mask(("labels", tuple(pairs)), lambda t: not missing(t.labels))
    words = ",".join(f"{key}={value}" for key, value in pairs)
    return Verdict(Reason.SELECTOR, carries, words, found)


def stands_in_region(q: Question) -> Verdict | None:
    """The member stands in one of the regions."""
    regions = q.request.placement.pool_selector.regions
    if not regions:
        return None
    stands = q.table.terms.mask(("regions", regions), lambda t: t.region in regions)
    return Verdict(Reason.REGION, stands, ",".join(regions), lambda p: p.region or "unknown")


def is_not_excluded(q: Question) -> Verdict | None:
    """The job does not exclude the member."""
    excluded = q.request.placement.pool_selector.exclude
    if not excluded:
        return None
    return Verdict(Reason.EXCLUDED, q.table.mask(("exclude", excluded), lambda p: p.member not in excluded))


def is_tolerated(q: Question) -> Verdict:
    """The job tolerates every taint of the pool."""
    tolerations = q.request.placement.tolerations

    def in_the_way(taints: Iterable[Taint]) -> list[str]:
        return [t.key for t in taints if not any(each.covers(t) for each in tolerations)]

    is_free = q.table.terms.mask(("taints", tolerations), lambda t: not in_the_way(t.taints))
    return Verdict(
        Reason.TAINTED,
        is_free,
        "no taint but tolerated ones",
        lambda p: ",".join(in_the_way(p.spec.taints)),
    )


def is_near(q: Question) -> Verdict | None:
    """The round trip from `near` is within the latency class; one that nobody knows is not."""
    place, wanted = q.request.placement.near, q.request.placement.latency_class
    if place is None or wanted is None:
        return None

    def found(pool: PoolFacts) -> str:
        millis = q.links.round_trip(place, pool)
        return "no link known" if millis is None else f"{millis:g} ms"

    near = q.standing(place).mask(
        ("near", place, wanted), lambda p: q.links.is_within(wanted.millis, place, p)
    )
    said = f"{wanted.millis:g} ms from {place.removeprefix(MEMBER)}"
    return Verdict(Reason.TOO_FAR, near, said, found)


def has_comparable_prices(q: Question) -> Verdict:
    """The tariff is in the one currency that costs are compared in."""
    same = q.table.terms.mask("currency", lambda t: t.currency == CURRENCY)
    return Verdict(Reason.CURRENCY, same, CURRENCY, lambda p: p.spec.tariff.currency)


def _is_not(reason: Reason) -> Filter:
    """The member is not closed for this reason."""

    def is_not_closed(q: Question) -> Verdict:
        return Verdict(reason, q.table.terms.mask(reason, lambda t: t.closed is not reason))

    return is_not_closed


def has_reported(q: Question) -> Verdict:
    """The agent has looked at the pool at all."""
    return Verdict(Reason.NO_STATUS, ~np.isnan(q.table.observed_at))


def is_fresh(q: Question) -> Verdict:
    """What the agent saw is no older than the pool says it is valid."""
    # What lies as far ahead is of a clock that is wrong: it would be fresh for ever.
    lag = q.now.timestamp() - q.table.observed_at
    age, valid = np.abs(lag), q.table.valid_seconds

    def found(pool: PoolFacts) -> str:
        row = q.table.row_of[pool.key]
        said = f"{age[row]:.0f} s {'old' if lag[row] > 0 else 'ahead'}"
        return f"{said}, valid for {pool.spec.valid_seconds} s"

    return Verdict(
        Reason.STALE,
        ~(age > valid),
        "what is still valid",
        found,
        -age,
    )


def is_heard_of(q: Question) -> Verdict:
    """The member renews its lease."""
    return Verdict(Reason.MEMBER_SILENT, q.table.terms.mask("heard", lambda t: not t.silent))


WHO_MAY: tuple[Filter, ...] = (
    is_accepted,
    admits_tenant,
    carries_labels,
    stands_in_region,
    is_not_excluded,
    is_tolerated,
    is_near,
    has_comparable_prices,
)
"""Whether the pool is for this job at all."""


WHETHER_NOW: tuple[Filter, ...] = (
    _is_not(Reason.CPID_CONFLICT),
    _is_not(Reason.MEMBER_LEAVING),
    _is_not(Reason.CORDONED),
    has_reported,
    is_fresh,
    is_heard_of,
)
"""What may pass: asked last, so that what is counted here would fit otherwise."""
