"""Quoting jobs, running them, and putting what was said beside what came."""

import math
import random
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import msgspec

from bench.quotes_fleet import DAY, PARTITION, Scale, Site, draw_sites, moment
from bench.quotes_jobs import POLICIES, draw_job
from bench.quotes_record import Trial
from bench.quotes_truth import NOISE_SIGMA, true_run_seconds
from bench.quotes_waits import FORECAST_AGE_SECONDS, forecast_all, publish_waits
from computility.backends.simulated.records import Ending, Task
from computility.backends.simulated.requests import Refusal, Run
from computility.backends.simulated.requests import Request as Submission
from computility.metering.charge import charge
from computility.model.compute_job import Candidate
from computility.placement.allocation import allocate, hold
from computility.placement.facts import PoolFacts
from computility.placement.held import Stake
from computility.placement.links import Links
from computility.placement.ours import Ours
from computility.placement.place import place
from computility.placement.question import Question
from computility.placement.request import Request
from computility.placement.runs import find_benchmark
from computility.placement.snapshot import Snapshot
from computility.placement.table import Table
from computility.placement.waits import PROMPT_SECONDS, SCHEDULER, reckon_waits


class Promise(NamedTuple):
    """A job that was quoted and is now at a centre."""

    name: str
    at: float
    request: Request
    site: Site
    quoted: Candidate
    wait_high: float


def run_fleet(seed: int, scale: Scale) -> list[Trial]:
    """Draw a fleet, let it publish its waits, quote jobs at random times, and run them to their end."""
    sites = draw_sites(seed, scale)
    begins_at = scale.calibration_days * DAY
    for site in sites:
        publish_waits(site, begins_at)
    chance = random.Random(f"jobs/{seed}")  # noqa: S311 - to be repeated, not to be secret
    ends_at = begins_at + scale.quote_days * DAY
    moments = sorted(chance.uniform(begins_at, ends_at) for _ in range(scale.jobs // scale.burst))
    times = [at for at in moments for _ in range(scale.burst)]
    promises = list(_quote_all(sites, times, chance, scale.error_scale))
    return [_compare(seed, promise, _end(promise)) for promise in promises]


def _quote_all(
    sites: Sequence[Site], times: Sequence[float], chance: random.Random, error_scale: float
) -> Iterator[Promise]:
    """Quote each job when it comes, and submit it to the centre chosen; what fits nowhere is left out."""
    by_key = {site.pool.key: site for site in sites}
    ours, reports, reported_at = _Counted(), list[PoolFacts](), -math.inf
    for number, at in enumerate(times):
        if at > reported_at:
            reports = [_report(site, at, chance.uniform(0, FORECAST_AGE_SECONDS)) for site in sites]
            reported_at = at
            ours.drop_ended()
        request = draw_job(chance, POLICIES[number // 2 % len(POLICIES)], has_cards=number % 2 == 0)
        noise = math.exp(chance.gauss(0, NOISE_SIGMA * error_scale))
        snapshot = Snapshot(pools=tuple(reports), ours=ours.stakes)
        outcome = place(request, snapshot, moment(at))
        quoted, pool = outcome.receipt.chosen, outcome.chosen
        if quoted is not None and pool is not None:
            waits = reckon_waits(Question(request, Table([pool]), Links((), {}), moment(at))).told
            site = by_key[pool.key]
            promise = Promise(
                name=f"job-{number}",
                at=at,
                request=request,
                site=site,
                quoted=quoted,
                wait_high=float(waits.high[0]),
            )
            _submit(promise, true_run_seconds(request, site.pool, site.truth, noise))
            ours.add(promise)
            yield promise


class _Counted:
    """What the network's own jobs hold at the centres, as a hub counts it."""

    def __init__(self) -> None:
        self.stakes = Ours()
        self._live: list[tuple[Promise, Stake]] = []

    def add(self, promise: Promise) -> None:
        pool = promise.site.pool
        stake = Stake(hold(promise.request, pool.spec), int(moment(promise.at).timestamp()))
        self.stakes.add(pool.key, stake)
        self._live.append((promise, stake))

    def drop_ended(self) -> None:
        """Take out what has ended by now."""
        for promise, stake in self._live:
            if _has_ended(promise):
                self.stakes.remove(promise.site.pool.key, stake)
        self._live = [each for each in self._live if not _has_ended(each[0])]


def _has_ended(promise: Promise) -> bool:
    claims = promise.site.engine.claims(promise.name)
    return bool(claims) and claims[0][1].ended_at is not None


def _report(site: Site, at: float, age: float) -> PoolFacts:
    """Return the pool as its agent reports it then, with what the scheduler said a while before."""
    site.engine.advance(at - age)
    forecast = forecast_all(site)
    site.engine.advance(at)
    pool = site.report()
    return msgspec.structs.replace(pool, status=msgspec.structs.replace(pool.status, forecast=forecast))


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
    while not _has_ended(promise):
        engine.advance(engine.clock + DAY / 4)
    return engine.claims(promise.name)[0][1]


def _compare(seed: int, promise: Promise, task: Task) -> Trial:
    """Put the quote beside what the job took; it is charged as booking charges it."""
    request, pool, quoted = promise.request, promise.site.pool, promise.quoted
    ended_at = task.started_at if task.ended_at is None else task.ended_at
    run = ended_at - task.started_at
    held = allocate(request, pool.spec)
    benchmark = find_benchmark(pool, request.measure)
    cost, done = quoted.cost_range, quoted.done_range
    if benchmark is None or cost is None or done is None:
        raise ValueError(f'the quote of "{promise.name}" lacks a band, though its work is declared')
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
        wait_p50=quoted.wait_seconds,
        wait_p95=promise.wait_high,
        is_said_at_once=quoted.wait_basis == SCHEDULER and promise.wait_high == PROMPT_SECONDS,
    )
