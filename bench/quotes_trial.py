"""Quoting jobs, running them, and putting what was said beside what came."""

import math
import random
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from bench.quotes_fleet import DAY, PARTITION, Scale, Site, draw_sites, moment
from bench.quotes_jobs import POLICIES, draw_job
from bench.quotes_record import Trial
from bench.quotes_truth import NOISE_SIGMA, true_run_seconds
from bench.quotes_waits import publish_waits
from computility.backends.simulated.records import Ending, Task
from computility.backends.simulated.requests import Refusal, Run
from computility.backends.simulated.requests import Request as Submission
from computility.metering.charge import charge
from computility.model.compute_job import Candidate
from computility.placement.allocation import allocate
from computility.placement.place import place
from computility.placement.request import Request
from computility.placement.runs import find_benchmark
from computility.placement.snapshot import Snapshot
from computility.placement.waits import find_quantiles


class Promise(NamedTuple):
    """A job that was quoted and is now at a centre."""

    name: str
    at: float
    request: Request
    site: Site
    quoted: Candidate
    had_room: bool


def run_fleet(seed: int, scale: Scale) -> list[Trial]:
    """Draw a fleet, let it publish its waits, quote jobs at random times, and run them to their end."""
    sites = draw_sites(seed, scale)
    begins_at = scale.calibration_days * DAY
    for site in sites:
        publish_waits(site, begins_at)
    chance = random.Random(f"jobs/{seed}")  # noqa: S311 - to be repeated, not to be secret
    ends_at = begins_at + scale.quote_days * DAY
    times = sorted(chance.uniform(begins_at, ends_at) for _ in range(scale.jobs))
    promises = list(_quote_all(sites, times, chance, scale.error_scale))
    return [_compare(seed, promise, _end(promise)) for promise in promises]


def _quote_all(
    sites: Sequence[Site], times: Sequence[float], chance: random.Random, error_scale: float
) -> Iterator[Promise]:
    """Quote each job when it comes, and submit it to the centre chosen; what fits nowhere is left out."""
    by_key = {site.pool.key: site for site in sites}
    for number, at in enumerate(times):
        for site in sites:
            site.engine.advance(at)
        request = draw_job(chance, POLICIES[number // 2 % len(POLICIES)], has_cards=number % 2 == 0)
        noise = math.exp(chance.gauss(0, NOISE_SIGMA * error_scale))
        snapshot = Snapshot(pools=tuple(site.report() for site in sites))
        outcome = place(request, snapshot, moment(at))
        quoted, pool = outcome.receipt.chosen, outcome.chosen
        if quoted is not None and pool is not None:
            site, free = by_key[pool.key], pool.status.total.nodes - pool.status.used_by_others.nodes
            promise = Promise(f"job-{number}", at, request, site, quoted, had_room=free >= request.nodes)
            _submit(promise, true_run_seconds(request, site.pool, site.truth, noise))
            yield promise


def _submit(promise: Promise, run_seconds: float) -> None:
    request, engine = promise.request, promise.site.engine
    held = allocate(request, promise.site.pool.spec)
    submission = Submission(
        name=promise.name,
        account="network",
        partition=PARTITION,
        nodes=request.nodes,
        cores_per_node=held.cores // request.nodes,
        cards_per_node=held.cards // request.nodes,
        limit_seconds=request.max_run_seconds,
        run=Run(seconds=run_seconds),
    )
    engine.go(promise.name)
    answer = engine.submit(submission, held=False)
    if isinstance(answer, Refusal):
        raise ValueError(f'pool "{promise.quoted.pool}" refused what it was quoted for: {answer.message}')


def _end(promise: Promise) -> Task:
    """Let time pass at the centre until the job is over."""
    engine = promise.site.engine
    while not (claims := engine.claims(promise.name)) or claims[0][1].ended_at is None:
        engine.advance(engine.clock + DAY / 4)
    return claims[0][1]


def _compare(seed: int, promise: Promise, task: Task) -> Trial:
    """Put the quote beside what the job took; it is charged as booking charges it."""
    request, pool, quoted = promise.request, promise.site.pool, promise.quoted
    ended_at = task.started_at if task.ended_at is None else task.ended_at
    run = ended_at - task.started_at
    held, published = allocate(request, pool.spec), find_quantiles(pool, request)
    benchmark = find_benchmark(pool, request.measure)
    cost, done = quoted.cost_range, quoted.done_range
    if published is None or benchmark is None or cost is None or done is None:
        raise ValueError(f'the quote of "{promise.name}" lacks a band, though work and waits are declared')
    paid = charge(held.cores * run, held.cards * run, pool.spec.tariff, moment(task.started_at), run)
    return Trial(
        fleet=seed,
        kind="cards" if request.cards else "cpu",
        policy=request.placement.policy.value,
        member=pool.member,
        source=benchmark.source.value,
        nodes=request.nodes,
        is_killed=task.ending is not Ending.EXITED,
        cost=float(paid),
        cost_expected=float(quoted.cost),
        cost_low=float(cost.low),
        cost_high=float(cost.high),
        done=ended_at - promise.at,
        done_expected=quoted.done_seconds,
        done_low=done.low,
        done_high=done.high,
        run=run,
        run_expected=quoted.run_seconds,
        wait_p50=published.p50_seconds,
        wait_p95=published.p95_seconds,
        had_room=promise.had_room,
    )
