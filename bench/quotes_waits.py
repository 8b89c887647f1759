"""What a centre can honestly publish of its queue: quantiles of what probe jobs waited, by class."""

import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

import msgspec

from bench.placement import quantile
from bench.quotes_fleet import DAY, PARTITION, Site, moment
from computility.agent.forecasts import build_asks, build_forecast
from computility.backends.simulated.requests import Refusal, Request, Run
from computility.model.pool_facts import QueueWait, Source, StartForecast

NODES = (0, 1, 2, 4, 8)
HOURS = (0, 2, 6, 24)
"""Classes lie between two of these: sizes in nodes, and requested times."""
GAP_SECONDS = DAY / 2
"""Mean time between two probes of a class."""


class Class(NamedTuple):
    """Jobs of more than `above` and up to `most` nodes, and likewise of requested seconds."""

    above_nodes: int
    most_nodes: int
    above_seconds: int
    most_seconds: int


CLASSES = tuple(
    Class(*nodes, hours[0] * 3600, hours[1] * 3600) for nodes in pairwise(NODES) for hours in pairwise(HOURS)
)
"""Narrower ones first."""


class Probe(NamedTuple):
    """A probe, and when it is submitted."""

    at: float
    name: str
    of: Class
    nodes: int
    limit_seconds: float


TOLD_HOURS = (48, 24, 12, 4, 1)
"""Starts that the scheduler names are told apart by these, in hours; the later ones first."""
TOLD_LIMIT_HOURS = (6, 24)
"""Of these, requested times are told apart by these, in hours."""
FORECAST_AGE_SECONDS = 70.0
"""How old what the scheduler said can be when a job is quoted: a minute, and ten seconds until it is told."""


def forecast_all(site: Site) -> tuple[StartForecast, ...]:
    """Ask the scheduler when a job of each class would start, as an agent does."""
    asks = build_asks(site.pool.spec, PARTITION)
    starts = {ask: site.forecast(ask.nodes, ask.run_seconds) for ask in asks}
    told = {ask: start for ask, start in starts.items() if start is not None}
    return build_forecast(asks, told, moment(site.engine.clock), before=())


def publish_waits(site: Site, seconds: float) -> None:
    """Probe a centre's queue for so long, and have its pool publish what was seen."""
    chance = random.Random(f"probes/{site.truth.seed}")  # noqa: S311 - to be repeated, not to be secret
    probes = _draw_probes(chance, site.engine.clock, seconds)
    told = {}
    for probe in probes:
        site.engine.advance(probe.at)
        told[probe.name] = site.forecast(probe.of.most_nodes, probe.of.most_seconds) or 0.0
        _submit(site, probe)
    site.engine.advance(max(seconds, site.engine.clock))
    spec = msgspec.structs.replace(site.pool.spec, queue_wait=tuple(_published(site, probes, told)))
    site.pool = msgspec.structs.replace(site.pool, spec=spec)


def _draw_probes(chance: random.Random, clock: float, seconds: float) -> list[Probe]:
    """Draw probes of each class, from time 0 on: before that the centre fills up."""
    start = max(0.0, clock)
    probes = []
    for number, each in enumerate(CLASSES):
        for turn in range(max(1, round((seconds - start) / GAP_SECONDS))):
            nodes = chance.randint(each.above_nodes + 1, each.most_nodes)
            limit = chance.uniform(max(600, each.above_seconds), each.most_seconds)
            at = chance.uniform(start, seconds)
            probes.append(Probe(at, f"probe-{number}-{turn}", each, nodes, limit))
    return sorted(probes)


def _submit(site: Site, probe: Probe) -> None:
    """Submit what asks for as much as a job of the class, and is over as soon as it starts."""
    shape = site.pool.spec.shape
    request = Request(
        name=probe.name,
        account="probes",
        partition=PARTITION,
        nodes=probe.nodes,
        cores_per_node=shape.cores_per_node,
        cards_per_node=shape.cards_per_node,
        limit_seconds=probe.limit_seconds,
        run=Run(seconds=1),
    )
    site.engine.go(probe.name)
    answer = site.engine.submit(request, held=False)
    if isinstance(answer, Refusal):
        raise ValueError(f'pool "{site.pool.pool}" refused probe "{probe.name}": {answer.message}')


def _published(site: Site, probes: Sequence[Probe], told: Mapping[str, float]) -> Iterator[QueueWait]:
    """Reckon the quantiles: of those that were told to wait by how long, of all by their class."""
    by_told: dict[tuple[int, int], list[float]] = defaultdict(list)
    by_class: dict[Class, list[float]] = defaultdict(list)
    for probe in probes:
        wait = _waited(site, probe)
        by_class[probe.of].append(wait)
        if told[probe.name]:
            by_told[-_soonest(told[probe.name]), _most_seconds(probe.of)].append(wait)
    for (soonest, seconds), waits in sorted(by_told.items()):
        yield msgspec.structs.replace(_quantiles(waits), min_start_seconds=-soonest, max_run_seconds=seconds)
    for each in CLASSES:
        found = _quantiles(by_class[each])
        yield msgspec.structs.replace(found, max_nodes=each.most_nodes, max_run_seconds=each.most_seconds)


def _waited(site: Site, probe: Probe) -> float:
    """Return how long it waited, or has waited until now."""
    claims = site.engine.claims(probe.name)
    return (claims[0][1].started_at if claims else site.engine.clock) - probe.at


def _soonest(told: float) -> int:
    """Return the class of a start that the scheduler named."""
    return next((hours * 3600 for hours in TOLD_HOURS if told >= hours * 3600), 1)


def _most_seconds(of: Class) -> int:
    """Return the class of a requested time, for those that are told to wait."""
    return next(hours * 3600 for hours in TOLD_LIMIT_HOURS if of.most_seconds <= hours * 3600)


def _quantiles(waits: Sequence[float]) -> QueueWait:
    return QueueWait(
        p50_seconds=quantile(waits, 0.5),
        p95_seconds=quantile(waits, 0.95),
        samples=len(waits),
        source=Source.MEASURED,
    )
