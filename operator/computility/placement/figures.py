"""The figures that placement compares, and how those of a pool are packed: read once while its facts live."""

import struct
from dataclasses import dataclass, fields
from datetime import datetime
from math import inf, nan
from typing import Generic, TypeVar

from computility.metering.price import prices_at
from computility.model.pool_facts import (
    AllocationUnit,
    Benchmark,
    Energy,
    Measure,
    QueueWait,
    Source,
    StartForecast,
)
from computility.model.quantity import parse_bytes
from computility.model.resource_pool import Capacity, ResourcePoolSpec, ResourcePoolStatus
from computility.model.tariff import Tariff

T = TypeVar("T")
SPREAD = {Source.MEASURED: 1.15, Source.NOMINAL: 1.5, Source.ESTIMATED: 2.0}
"""By which factor the speed may be another than a benchmark of this source has it."""
UNKNOWN_ENERGY = Energy(grid_kg_per_kwh=nan, green_share=nan, pue=nan, watts_per_card=nan, watts_per_core=nan)


@dataclass(eq=False)
class Figures(Generic[T]):
    """One of each: a number of one pool, or a column of many.

    Attributes:
        nodes: That it has in all, but those that its agent, having seen all, says are missing or down.
        max_nodes, max_cards: That one job may take.
        most_nodes, most_cards: The same if all nodes that are declared were up.
        memory_per_node, card_memory, max_scratch: In bytes; 0 where it is unknown.
        core_hour, card_hour: Prices outside of all windows.
        has_whole_nodes: 1 where whole nodes are allocated, and charged.
        ages_held: 1 where waiting and transfer overlap.
        grid, green, pue, watts_per_card, watts_per_core: As in `spec.energy`; nan where it is unknown.
        observed_at: Seconds since the epoch; nan where nobody has looked.
        free_nodes, free_cores, free_cards: As last reported, without what the network's own attempts hold. A
            pool whose agent has not counted yet is taken to be as big as it was declared, and free.
    """

    nodes: T
    cores_per_node: T
    cards_per_node: T
    max_nodes: T
    max_cards: T
    most_nodes: T
    most_cards: T
    memory_per_node: T
    card_memory: T
    max_run_seconds: T
    max_scratch: T
    core_hour: T
    card_hour: T
    has_whole_nodes: T
    ages_held: T
    grid: T
    green: T
    pue: T
    watts_per_card: T
    watts_per_core: T
    observed_at: T
    valid_seconds: T
    free_nodes: T
    free_cores: T
    free_cards: T


WIDTH = len(fields(Figures))
_DOUBLES = struct.Struct(f"{WIDTH}d")


def read_figures(spec: ResourcePoolSpec, status: ResourcePoolStatus) -> Figures[float]:
    """Read a pool's figures."""
    shape, limits, energy = spec.shape, spec.limits, spec.energy or UNKNOWN_ENERGY
    declared, up, free = _declared(spec), up_of(spec, status), free_of(spec, status)
    most_nodes, most_cards = limits.max_nodes or inf, limits.max_cards or inf
    return Figures(
        nodes=up.nodes,
        cores_per_node=shape.cores_per_node,
        cards_per_node=shape.cards_per_node,
        max_nodes=min(most_nodes, up.nodes),
        max_cards=min(most_cards, up.cards),
        most_nodes=min(most_nodes, declared.nodes),
        most_cards=min(most_cards, declared.cards),
        memory_per_node=parse_bytes(shape.memory_per_node),
        card_memory=parse_bytes(spec.card_memory) if spec.card_memory else 0,
        max_run_seconds=limits.max_run_seconds,
        max_scratch=parse_bytes(limits.max_scratch) if limits.max_scratch else 0,
        core_hour=float(spec.tariff.per_core_hour),
        card_hour=float(spec.tariff.per_card_hour),
        has_whole_nodes=spec.allocation_unit is AllocationUnit.NODE,
        ages_held=spec.hold_accrues_age,
        grid=energy.grid_kg_per_kwh,
        green=energy.green_share,
        pue=energy.pue,
        # No machine draws nothing: unset would make the pool the greenest of all.
        watts_per_card=energy.watts_per_card or nan,
        watts_per_core=energy.watts_per_core or nan,
        observed_at=_timestamp(status.observed_at),
        valid_seconds=spec.valid_seconds,
        free_nodes=free.nodes,
        free_cores=free.cores,
        free_cards=free.cards,
    )


def _timestamp(moment: datetime | None) -> float:
    return moment.timestamp() if moment else nan


def _declared(spec: ResourcePoolSpec) -> Capacity:
    shape = spec.shape
    nodes = shape.nodes
    return Capacity(nodes=nodes, cores=nodes * shape.cores_per_node, cards=nodes * shape.cards_per_node)


def up_of(spec: ResourcePoolSpec, status: ResourcePoolStatus) -> Capacity:
    """Return what could be given if all were idle: no more than is declared, and than there is."""
    declared, total, away = _declared(spec), status.total, status.unavailable
    if not total.nodes or not status.complete:
        return declared
    return Capacity(
        nodes=max(0, min(declared.nodes, total.nodes - away.nodes)),
        cores=max(0, min(declared.cores, total.cores - away.cores)),
        cards=max(0, min(declared.cards, total.cards - away.cards)),
    )


def free_of(spec: ResourcePoolSpec, status: ResourcePoolStatus) -> Capacity:
    """Return what nobody else uses, as last reported."""
    total, others, away = status.total, status.used_by_others, status.unavailable
    if not total.nodes:
        return _declared(spec)
    return Capacity(
        nodes=max(0, total.nodes - others.nodes - away.nodes),
        cores=max(0, total.cores - others.cores - away.cores),
        cards=max(0, total.cards - others.cards - away.cards),
    )


def pack_figures(spec: ResourcePoolSpec, status: ResourcePoolStatus) -> bytes:
    """Pack a pool's figures in the order of `Figures`, as doubles."""
    return _DOUBLES.pack(*vars(read_figures(spec, status)).values())


MEASURES = tuple(Measure)
SPEED_WIDTH = 2 * len(MEASURES)
_SPEEDS = struct.Struct(f"{SPEED_WIDTH}d")


def pack_speeds(benchmarks: tuple[Benchmark, ...]) -> bytes:
    """Pack for each measure the relative speed and its spread; nan where there is no benchmark of it."""
    found = {each.measure: (each.relative, SPREAD[each.source]) for each in reversed(benchmarks)}
    return _SPEEDS.pack(*(figure for each in MEASURES for figure in found.get(each, (nan, nan))))


WINDOW_WIDTH = 4
_WINDOW = struct.Struct(f"{WINDOW_WIDTH}d")
NO_WINDOW = _WINDOW.pack(-inf, -inf, nan, nan)
"""Fills up where others have more windows: it lies in no time."""
_WAIT = struct.Struct("5d")
NO_WAIT = _WAIT.pack(-inf, -inf, nan, nan, nan)
"""Fills up where others have more classes of waits: it covers no job."""
_FORECAST = struct.Struct("3d")
NO_FORECAST = _FORECAST.pack(-inf, -inf, nan)
"""Likewise."""
AT_ONCE = -inf
"""An instant before all others: when a job starts that need not wait."""


def pack_waits(waits: tuple[QueueWait, ...]) -> bytes:
    """Pack for each class the most nodes and seconds, the soonest start that it covers, and its quantiles."""
    return b"".join(
        _WAIT.pack(
            each.max_nodes or inf,
            each.max_run_seconds or inf,
            each.min_start_seconds or -inf,
            each.p50_seconds,
            each.p95_seconds,
        )
        for each in waits
    )


def pack_forecast(forecast: tuple[StartForecast, ...]) -> bytes:
    """Pack for each class the most nodes and seconds that it covers, and the start since the epoch."""
    return b"".join(
        _FORECAST.pack(
            each.max_nodes, each.max_run_seconds, each.starts_at.timestamp() if each.starts_at else AT_ONCE
        )
        for each in forecast
    )


def pack_windows(tariff: Tariff) -> bytes:
    """Pack stretches in which other prices may hold: begin, end, and what a core-hour and a card-hour cost.

    They do not overlap, and follow one another in time.
    """
    edges = sorted({edge for window in tariff.windows for edge in (window.start, window.end)})
    prices = (prices_at(tariff, begin) for begin in edges)
    return b"".join(
        _WINDOW.pack(begin.timestamp(), end.timestamp(), float(core_hour), float(card_hour))
        for begin, end, (core_hour, card_hour) in zip(edges, edges[1:], prices, strict=False)
    )
