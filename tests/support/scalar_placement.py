"""Placement said a second time, in plain numbers and for one pool: what the columns are compared with.

It shares values and parsing with the code, and none of its filters, estimates and links.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from math import ceil, exp, hypot, inf, log
from typing import NamedTuple

from computility.model.data_link import DataLinkSpec
from computility.model.job_placement import Policy
from computility.model.pool_facts import AllocationUnit, Source
from computility.model.quantity import parse_bytes
from computility.placement.facts import PoolFacts
from computility.placement.held import Held, Stake
from computility.placement.request import Request

Stakes = Sequence[Stake]
BANDS = {Source.MEASURED: 1.15, Source.NOMINAL: 1.5, Source.ESTIMATED: 2.0}


class Takes(NamedTuple):
    """What a request takes at one pool; None where it cannot be known."""

    run: float | None
    longest_run: float | None
    wait: float
    transfer: float | None
    done: float | None
    cost: float | None
    kg_market: float | None
    prices: tuple[float, float] = (0.0, 0.0)


def takes(
    request: Request,
    pool: PoolFacts,
    links: tuple[DataLinkSpec, ...],
    now: datetime,
    ours: Stakes = (),
) -> Takes:
    """Reckon what a request takes at a pool, beside what the network's own attempts hold there."""
    run, longest = _runs(request, pool)
    wait, (transfer, egress) = _wait(request, pool, now, ours), _transfer(request, pool, links)
    if run is None or transfer is None:
        return Takes(run, longest, wait, transfer, None, None, None)
    start = max(wait, transfer) if pool.spec.hold_accrues_age else wait + transfer
    rounds = _rounds(request, pool)
    prices = _mean_prices(request, pool, now + timedelta(seconds=start), run * rounds)
    cost = _rate(request, pool, *prices) * run / 3600 * request.count + egress
    return Takes(
        run,
        longest,
        wait,
        transfer,
        start + rounds * run,
        cost,
        _kilograms(request, pool, run * request.count),
        prices,
    )


def fits(request: Request, pool: PoolFacts, links: tuple[DataLinkSpec, ...], now: datetime) -> bool:
    """Say whether nothing speaks against a pool."""
    return all(
        (
            *_is_for(request, pool, now),
            *_is_large_enough(request, pool),
            *_has_software(request, pool),
            *_ends_well(request, pool, links, now),
        )
    )


def _is_for(request: Request, pool: PoolFacts, now: datetime) -> Iterator[bool]:
    wish, seen = request.placement, pool.status.observed_at
    yield pool.accepted and not pool.silent and pool.closed is None
    yield request.namespace in pool.spec.access.namespaces
    yield wish.pool_selector.match_labels.items() <= pool.labels.items()
    yield not wish.pool_selector.regions or pool.region in wish.pool_selector.regions
    yield pool.member not in wish.pool_selector.exclude
    yield all(any(each.covers(taint) for each in wish.tolerations) for taint in pool.spec.taints)
    yield seen is not None and abs((now - seen).total_seconds()) <= pool.spec.valid_seconds
    yield pool.spec.tariff.currency == "CNY"


def _is_large_enough(request: Request, pool: PoolFacts) -> Iterator[bool]:
    asked, wanted, spec = request.resources, request.requirements, pool.spec
    shape, limits = spec.shape, spec.limits
    nodes, cards = _up(pool)
    yield not wanted.card_models or not request.cards or spec.card_model in wanted.card_models
    yield set(wanted.precisions) <= set(spec.precisions)
    yield asked.cards_on_each_node <= shape.cards_per_node
    yield request.cards <= min(limits.max_cards or inf, cards)
    yield request.nodes <= min(limits.max_nodes or inf, nodes)
    yield asked.cores_on_each_node <= shape.cores_per_node
    yield request.memory_bytes <= parse_bytes(shape.memory_per_node)
    yield request.max_run_seconds <= limits.max_run_seconds
    yield asked.scratch is None or parse_bytes(asked.scratch) <= parse_bytes(limits.max_scratch or "0")


def _up(pool: PoolFacts) -> tuple[int, int]:
    """Return the nodes and cards that are there and not down, as far as its agent has seen all."""
    shape, seen = pool.spec.shape, pool.status
    nodes, cards = shape.nodes, shape.nodes * shape.cards_per_node
    if not seen.complete or not seen.total.nodes:
        return nodes, cards
    away = seen.unavailable
    return min(nodes, seen.total.nodes - away.nodes), min(cards, seen.total.cards - away.cards)


def _has_software(request: Request, pool: PoolFacts) -> Iterator[bool]:
    spec = pool.spec
    for form in request.forms:
        is_executed = form.architecture in (None, spec.architecture)
        if is_executed and (not form.card_models or spec.card_model in form.card_models):
            yield set(form.modules) <= set(spec.modules)
            break
    else:
        yield False
    if request.mpi is not None:
        yield bool(spec.mpi) and (not request.mpi or request.mpi in spec.mpi)


def _ends_well(
    request: Request, pool: PoolFacts, links: tuple[DataLinkSpec, ...], now: datetime
) -> Iterator[bool]:
    found = takes(request, pool, links, now)
    yield found.run is not None and found.transfer is not None
    wish = request.placement
    if found.run is not None and found.transfer is not None:
        core_hour, card_hour = found.prices
        if not request.cards:
            core_hour = _rate(request, pool, core_hour, card_hour) / _rate(request, pool, 1, 0)
        yield core_hour <= float(wish.max_price_per_core_hour or inf) + 1e-9
        yield not request.cards or card_hour <= float(wish.max_price_per_card_hour or inf) + 1e-9
    if request.work is not None:
        yield (found.longest_run or 0) <= request.max_run_seconds
    if request.deadline is not None:
        yield (found.done or 0) <= (request.deadline - now).total_seconds()
    if request.placement.policy in (Policy.GREENEST, Policy.BALANCED):
        yield _kilograms(request, pool, 1.0) is not None


def _runs(request: Request, pool: PoolFacts) -> tuple[float | None, float | None]:
    work = request.work
    if work is None:
        return float(request.max_run_seconds), float(request.max_run_seconds)
    measure = next((p.value for p in request.requirements.precisions), "bf16") if request.cards else "core"
    found = [each for each in pool.spec.benchmark if each.measure.value == measure]
    if not found:
        return None, None
    hours = work.reference_card_hours if request.cards else work.reference_core_hours
    run = (
        (hours or 0) * 3600 / (request.cards or request.cores) / work.parallel_efficiency / found[0].relative
    )
    left = work.parallel_efficiency
    scaling = min(left / (2 * left - 1), 2.0) if left > 0.5 else 2.0
    return run, run * exp(hypot(log(BANDS[found[0].source]), log(1.08), log(scaling)))


def _wait(request: Request, pool: PoolFacts, now: datetime, ours: Stakes) -> float:
    told = _told(request, pool, now)
    if told == 0 and _is_still_true(request, pool, ours):
        return 0.0
    for each in pool.spec.queue_wait:
        if (1.0 if told == 0 else told or 0) < (each.min_start_seconds or 0):
            continue
        if request.nodes <= (each.max_nodes or inf) and request.max_run_seconds <= (
            each.max_run_seconds or inf
        ):
            if not told or each.min_start_seconds:
                return each.p50_seconds
            return min(max(told / 2, each.p50_seconds), each.p95_seconds)
    if told:
        return told / 2
    is_free = told is None and _slots(request, pool, is_free=True, ours=ours) >= 1
    return 0.0 if is_free else float(request.max_run_seconds)


def _is_still_true(request: Request, pool: PoolFacts, ours: Stakes) -> bool:
    """Say whether a start at once is one beside what is ours: by what was said, or by what is free."""
    assert pool.status.observed_at is not None
    said_by = pool.status.observed_at.timestamp() - 90
    later = [stake.held for stake in ours if stake.since > said_by]
    if not later or _slots(request, pool, is_free=True, ours=ours) >= 1:
        return True
    is_alone = request.nodes > 1 or pool.spec.allocation_unit is AllocationUnit.NODE
    cores, cards = _allocated(request, pool)
    mine = Held(request.nodes if is_alone else 0, cores, cards)
    at_once = (
        each.max_nodes
        for each in pool.status.forecast
        if each.starts_at is None and request.max_run_seconds <= each.max_run_seconds
    )
    return _nodes([*later, mine], pool) <= max(at_once)


def _nodes(held: Sequence[Held], pool: PoolFacts) -> int:
    """Return on how many nodes so much finds room, packed tightly."""
    shape = pool.spec.shape
    fewest = [sum(each.nodes for each in held), ceil(sum(each.cores for each in held) / shape.cores_per_node)]
    if shape.cards_per_node:
        fewest.append(ceil(sum(each.cards for each in held) / shape.cards_per_node))
    return max(fewest)


def _allocated(request: Request, pool: PoolFacts) -> tuple[int, int]:
    shape = pool.spec.shape
    if pool.spec.allocation_unit is AllocationUnit.NODE:
        return request.nodes * shape.cores_per_node, request.nodes * shape.cards_per_node
    return request.cores, request.cards


def _told(request: Request, pool: PoolFacts, now: datetime) -> float | None:
    """Return in how many seconds its scheduler would start it; None if it does not say, or said long ago."""
    if pool.status.observed_at is None or (now - pool.status.observed_at).total_seconds() > 600:
        return None
    for each in pool.status.forecast:
        if request.nodes <= each.max_nodes and request.max_run_seconds <= each.max_run_seconds:
            return max(1.0, (each.starts_at - now).total_seconds()) if each.starts_at else 0.0
    return None


def _slots(request: Request, pool: PoolFacts, *, is_free: bool, ours: Stakes = ()) -> int:
    """Return how many it could run at once."""
    shape, total, others = pool.spec.shape, pool.status.total, pool.status.used_by_others
    nodes, cards = _up(pool)
    cores = nodes * shape.cores_per_node
    if is_free and total.nodes:
        nodes, cores, cards = (
            total.nodes - others.nodes,
            total.cores - others.cores,
            total.cards - others.cards,
        )
    held = [stake.held for stake in ours]
    nodes -= _nodes(held, pool)
    cores -= sum(each.cores for each in held)
    cards -= sum(each.cards for each in held)
    asked = request.resources
    on_each = shape.cores_per_node // asked.cores_on_each_node
    if request.cards:
        on_each = min(on_each, shape.cards_per_node // asked.cards_on_each_node)
    room = [max(cores, 0) // request.cores, _up(pool)[0] * on_each // request.nodes]
    if request.cards:
        room.append(max(cards, 0) // request.cards)
    if request.nodes > 1 or pool.spec.allocation_unit is AllocationUnit.NODE:
        room.append(max(nodes, 0) // request.nodes)
    if request.memory_bytes:
        on_each = parse_bytes(shape.memory_per_node) // request.memory_bytes
        room.append(max(nodes, 0) * on_each // request.nodes)
    return min(room)


def _rounds(request: Request, pool: PoolFacts) -> int:
    if request.count == 1:
        return 1
    at_once = min(_slots(request, pool, is_free=False), request.max_concurrent or inf)
    return ceil(request.count / max(at_once, 1))


def _transfer(
    request: Request, pool: PoolFacts, links: tuple[DataLinkSpec, ...]
) -> tuple[float | None, float]:
    """Reckon seconds and price of the data, for places that are regions."""
    by_link: dict[str, float] = {}
    cost = 0.0
    for each in request.data.inputs:
        if each.at == pool.region:
            continue
        link = next((way for way in links if _leads(way, each.at, pool.region)), None)
        if link is None:
            return None, 0.0
        size = parse_bytes(each.size)
        by_link[link.from_ + link.to] = by_link.get(link.from_ + link.to, 0) + size / (
            link.gbps * link.usable_share * 1.25e8
        )
        cost += size / 1e9 * float(link.cost_per_gb)
    return max(by_link.values(), default=0.0), cost


def _leads(way: DataLinkSpec, start: str, end: str) -> bool:
    return (way.from_, way.to) == (start, end) or (way.both_ways and (way.to, way.from_) == (start, end))


def _rate(request: Request, pool: PoolFacts, core_hour: float, card_hour: float) -> float:
    """Return the hourly price of what is allocated."""
    cores, cards = _allocated(request, pool)
    return cores * core_hour + cards * card_hour


def _mean_prices(request: Request, pool: PoolFacts, start: datetime, seconds: float) -> tuple[float, float]:
    """Return the mean of every minute that it runs, of a core-hour and a card-hour."""
    edges = {edge for w in pool.spec.tariff.windows for edge in (w.start, w.end)}
    cuts = sorted({0.0, seconds} | {s for e in edges if 0 < (s := (e - start).total_seconds()) < seconds})
    of_cores = of_cards = 0.0
    for begin, end in pairwise(cuts):
        core_hour, card_hour = _prices(request, pool, start + timedelta(seconds=(begin + end) / 2))
        of_cores += (end - begin) / seconds * core_hour
        of_cards += (end - begin) / seconds * card_hour
    return of_cores, of_cards


def _prices(request: Request, pool: PoolFacts, moment: datetime) -> tuple[float, float]:
    tariff = pool.spec.tariff
    core_hour, card_hour = tariff.per_core_hour, tariff.per_card_hour
    for each in tariff.windows:
        if each.start <= moment < each.end:
            core_hour, card_hour = each.per_core_hour or core_hour, each.per_card_hour or card_hour
            break
    factor = {each.user_class: each.factor for each in tariff.factors}.get(request.user_class, 1.0)
    return float(core_hour) * factor, float(card_hour) * factor


def _kilograms(request: Request, pool: PoolFacts, seconds: float) -> float | None:
    energy = pool.spec.energy
    if energy is None:
        return None
    watts = request.cards * energy.watts_per_card if request.cards else request.cores * energy.watts_per_core
    if not watts:
        return None
    return watts / 1000 * seconds / 3600 * energy.pue * energy.grid_kg_per_kwh * (1 - energy.green_share)
