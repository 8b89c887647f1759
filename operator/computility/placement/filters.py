"""Hard filters: each is one question to one pool, answered with None or with a counted refusal.

Filters ask what a pool has in all, never what is free: a full pool is a matter of waiting, not of fitting.
"""

from collections.abc import Callable
from decimal import Decimal

from computility.model.base import Value
from computility.model.quantity import parse_bytes
from computility.model.reasons import Reason
from computility.placement.snapshot import PoolFacts, Request


class Refusal(Value, frozen=True, kw_only=True):
    """Why a pool does not come into question; the highest `nearness` among many is shown to the user."""

    reason: Reason
    wanted: str = ""
    found: str = ""
    nearness: float = 0.0


CURRENCY = "CNY"
"""There are no exchange rates yet: amounts of another currency are neither compared nor added."""

Filter = Callable[[Request, PoolFacts], Refusal | None]


def is_accepted(_: Request, pool: PoolFacts) -> Refusal | None:
    """The platform team accepted the member."""
    return None if pool.accepted else Refusal(reason=Reason.NOT_ACCEPTED)


def is_open(_: Request, pool: PoolFacts) -> Refusal | None:
    """The member is not cordoned, drained or about to leave, and both have the names that they claim."""
    return Refusal(reason=pool.closed) if pool.closed else None


def is_heard_of(_: Request, pool: PoolFacts) -> Refusal | None:
    """The member renews its lease."""
    return Refusal(reason=Reason.MEMBER_SILENT) if pool.silent else None


def has_reported(_: Request, pool: PoolFacts) -> Refusal | None:
    """The agent has looked at the pool at all."""
    return None if pool.status.observed_at else Refusal(reason=Reason.NO_STATUS)


def admits_tenant(request: Request, pool: PoolFacts) -> Refusal | None:
    """The centre has an account for the job's namespace."""
    if request.namespace in pool.spec.access.namespaces:
        return None
    return Refusal(reason=Reason.ACCESS, wanted=request.namespace)


def carries_labels(request: Request, pool: PoolFacts) -> Refusal | None:
    """The pool carries every label that the job selects by."""
    wanted = request.placement.pool_selector.match_labels
    missing = {k: v for k, v in sorted(wanted.items()) if pool.labels.get(k) != v}
    if not missing:
        return None
    key, value = next(iter(missing.items()))
    return Refusal(
        reason=Reason.SELECTOR,
        wanted=f"{key}={value}"[:128],
        found=f"{key}={pool.labels[key]}"[:128] if key in pool.labels else "no such label",
        nearness=-len(missing),
    )


def has_architecture(request: Request, pool: PoolFacts) -> Refusal | None:
    """The nodes execute what the job is made for."""
    wanted, found = request.requirements.architectures, pool.spec.architecture
    if not wanted or found in wanted:
        return None
    return Refusal(reason=Reason.ARCHITECTURE, wanted=",".join(a.value for a in wanted), found=found.value)


def has_card_model(request: Request, pool: PoolFacts) -> Refusal | None:
    """The cards are of a model that will do."""
    models = request.requirements.card_models
    if not models or not request.cards or pool.spec.card_model in models:
        return None
    return Refusal(
        reason=Reason.CARD_MODEL, wanted=",".join(models)[:128], found=pool.spec.card_model or "no cards"
    )


def has_cards(request: Request, pool: PoolFacts) -> Refusal | None:
    """Each node has as many cards as the job puts on one."""
    wanted, found = request.resources.cards_on_each_node, pool.spec.shape.cards_per_node
    return _at_least(Reason.TOO_FEW_CARDS, wanted, found, "per node")


def has_nodes(request: Request, pool: PoolFacts) -> Refusal | None:
    """The pool has the nodes, and lets one job take that many."""
    most = min(pool.spec.shape.nodes, pool.spec.limits.max_nodes or pool.spec.shape.nodes)
    return _at_least(Reason.TOO_FEW_NODES, request.resources.node_count, most)


def has_cores(request: Request, pool: PoolFacts) -> Refusal | None:
    """Each node has the cores that the job's tasks on it take."""
    wanted = request.resources.cores_on_each_node
    return _at_least(Reason.TOO_FEW_CORES, wanted, pool.spec.shape.cores_per_node)


def has_memory(request: Request, pool: PoolFacts) -> Refusal | None:
    """Each node has the memory."""
    wanted, found = request.memory_bytes, parse_bytes(pool.spec.shape.memory_per_node)
    if wanted <= found:
        return None
    return Refusal(
        reason=Reason.TOO_LITTLE_MEMORY,
        wanted=request.resources.memory_per_node or "",
        found=pool.spec.shape.memory_per_node,
        nearness=found,
    )


def allows_run(request: Request, pool: PoolFacts) -> Refusal | None:
    """The pool lets a job run as long as this one may."""
    return _at_least(Reason.RUN_TOO_LONG, request.max_run_seconds, pool.spec.limits.max_run_seconds, "s")


def has_comparable_prices(_: Request, pool: PoolFacts) -> Refusal | None:
    """The tariff is in the one currency that costs are compared in."""
    found = pool.spec.tariff.currency
    if found == CURRENCY:
        return None
    return Refusal(reason=Reason.CURRENCY, wanted=CURRENCY, found=found)


def is_affordable(request: Request, pool: PoolFacts) -> Refusal | None:
    """Neither price is above the job's cap for what it takes."""
    caps, tariff = request.placement, pool.spec.tariff
    for cap, price, amount, unit in (
        (caps.max_price_per_core_hour, tariff.per_core_hour, request.cores, "core-hour"),
        (caps.max_price_per_card_hour, tariff.per_card_hour, request.cards, "card-hour"),
    ):
        if cap is not None and amount and Decimal(price) > Decimal(cap):
            return Refusal(
                reason=Reason.PRICE_TOO_HIGH,
                wanted=f"{cap} per {unit}",
                found=f"{price} {tariff.currency} per {unit}",
                nearness=-float(price),
            )
    return None


def _at_least(reason: Reason, wanted: int, found: int, unit: str = "") -> Refusal | None:
    if wanted <= found:
        return None
    suffix = f" {unit}" if unit else ""
    return Refusal(reason=reason, wanted=f"{wanted}{suffix}", found=f"{found}{suffix}", nearness=found)


FILTERS: tuple[Filter, ...] = (
    is_accepted,
    admits_tenant,
    carries_labels,
    has_architecture,
    has_card_model,
    has_cards,
    has_nodes,
    has_cores,
    has_memory,
    allows_run,
    has_comparable_prices,
    is_affordable,
    is_open,
    has_reported,
    is_heard_of,
)
"""In the order asked: a pool is counted under the first that refuses it.

What may pass comes last: a pool that is merely silent, or cordoned, is one that would fit otherwise.
"""


def refuse(request: Request, pool: PoolFacts) -> Refusal | None:
    """Return why the pool does not fit, or None when it does."""
    return next((r for f in FILTERS if (r := f(request, pool)) is not None), None)
