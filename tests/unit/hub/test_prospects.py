"""Kinds of waiting jobs are looked at again when a window begins, or when a pool tells of a shorter queue."""

from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest

from computility.hub.hub import Hub
from computility.hub.keys import FIGURES, OPENED, Lane
from computility.hub.prospects import MOST_ASKED, Foreseen
from computility.hub.reconcile_job import reconcile_job
from computility.hub.snapshot import build_snapshot
from computility.hub.wake import end_turn, wake_late, wake_opened
from computility.lifecycle.placing import FIGURES_REST
from computility.model.compute_job import ComputeJob, PlacementSpec
from computility.model.meta import Key, key_of
from computility.model.pool_facts import StartForecast
from computility.model.resource_pool import Capacity, ResourcePool, ResourcePoolStatus
from computility.model.tariff import Tariff, TariffWindow
from computility.placement.ask import Ask
from computility.placement.prospects import Prospect, Prospects
from support.network import a_pool, with_spec
from support.placing import a_request
from support.stored import a_waiting_job, stored

POOL = ("qingyang", "cpu")
HOUR = timedelta(hours=1)


@pytest.fixture
def hub(hub: Hub) -> Hub:
    """A hub whose clock stands, and which takes work."""
    moment = hub.now()
    hub.now = lambda: moment
    hub.queue.open()
    return hub


def offer(hub: Hub, version: int, *, forecast: timedelta | None = None, free: int = 4, **spec: Any) -> None:
    """Let the one pool be seen with these terms, and its scheduler's word that a job starts that late."""
    pool: ResourcePool = with_spec(a_pool("qingyang", "team"), **spec)
    told = () if forecast is None else (told_start(hub, forecast),)
    total, used = Capacity(nodes=4, cores=32), Capacity(nodes=4 - free, cores=8 * (4 - free))
    status = ResourcePoolStatus(observed_at=hub.now(), total=total, used_by_others=used, forecast=told)
    hub.intake.seen(stored(pool, version=version, status=status))


def told_start(hub: Hub, late: timedelta) -> StartForecast:
    starts_at = hub.now() + late if late else None
    return StartForecast(max_nodes=4, max_run_seconds=86400, starts_at=starts_at)


def by_night(hub: Hub) -> Tariff:
    night = TariffWindow(start=hub.now() + HOUR, end=hub.now() + 9 * HOUR, per_core_hour="1")
    return Tariff(per_core_hour="10", windows=(night,))


def a_job_that(name: str, **spec: Any) -> ComputeJob:
    job = a_waiting_job(name)
    return msgspec.structs.replace(job, spec=msgspec.structs.replace(job.spec, **spec))


async def wait(hub: Hub, *jobs: ComputeJob) -> None:
    """Let jobs wait, as decided; nothing of it is in the queue afterwards."""
    for job in jobs:
        hub.intake.seen(job)
        for _ in range(2):
            await reconcile_job(key_of(job.metadata), hub)
    hub.queue._backlog.clear()


def called(hub: Hub) -> list[str]:
    """Answer the calls one after the other; return who was called."""
    names = []
    while ready := hub.queue.ready(Lane.CALLED):
        hub.queue._backlog.clear()
        names += [work.name for work in ready]
        end_turn(Key(ready[0].namespace, ready[0].name), hub)
    return names


def thrifty(name: str, **spec: Any) -> ComputeJob:
    return a_job_that(name, placement=PlacementSpec(max_price_per_core_hour="1"), **spec)


async def test_a_window_calls_all_that_wait_for_it_and_nobody_else(hub: Hub) -> None:
    offer(hub, 2, tariff=by_night(hub))
    opens_at = hub.now() + HOUR
    miser = a_job_that("miser", placement=PlacementSpec(max_price_per_core_hour="0.5"))
    await wait(hub, thrifty("one"), thrifty("two"), thrifty("other", max_run_seconds=120), miser)

    before = wake_opened(hub), called(hub)
    hub.now = lambda: opens_at
    then = wake_opened(hub), called(hub)

    assert before == (opens_at, [])
    assert (then[0], sorted(then[1])) == (None, ["one", "other", "two"])


async def test_a_window_is_put_down_as_work_of_its_moment_once_for_all_who_wait_for_it(hub: Hub) -> None:
    offer(hub, 2, tariff=by_night(hub))
    for name in ("one", "two"):
        hub.intake.seen(thrifty(name))
        for _ in range(2):
            await reconcile_job(Key("team", name), hub)

    at, _ = hub.queue._backlog._due[OPENED]

    assert at == pytest.approx(hub.monotonic() + HOUR.total_seconds(), abs=60)


async def test_who_waits_no_longer_is_not_called_when_the_window_begins(hub: Hub) -> None:
    offer(hub, 2, tariff=by_night(hub))
    opens_at = hub.now() + HOUR
    await wait(hub, thrifty("one"))
    hub.intake.gone(ComputeJob, Key("team", "one"), hub.store.jobs.objects[Key("team", "one")].metadata.uid)
    hub.now = lambda: opens_at

    assert (wake_opened(hub), called(hub)) == (None, [])


async def test_a_shorter_queue_calls_those_that_are_in_time_by_it(hub: Hub) -> None:
    """A start in four hours is expected in two, as nobody has published what others waited."""
    offer(hub, 2, forecast=9 * HOUR)
    urgent, patient = (a_job_that(name, deadline=hub.now() + hours * HOUR) for name, hours in DEADLINES)
    await wait(hub, urgent, patient)
    wake_late(hub)
    before = called(hub)
    offer(hub, 3, forecast=4 * HOUR)
    hub.monotonic = lambda: 1e9
    wake_late(hub)

    assert before == []
    assert called(hub) == ["patient"]


DEADLINES = (("urgent", 1), ("patient", 3))


@pytest.mark.parametrize(
    ("figures", "is_due"),
    [
        pytest.param({"forecast": 4 * HOUR}, True, id="another-start"),
        pytest.param({"forecast": 9 * HOUR, "free": 3}, True, id="more-that-is-free"),
        pytest.param({"forecast": 9 * HOUR, "free": 1}, False, id="less-that-is-free"),
        pytest.param({"forecast": 9 * HOUR, "free": 2}, False, id="the-same-again"),
    ],
)
async def test_a_round_follows_what_may_start_a_job_sooner(
    hub: Hub, figures: dict[str, Any], is_due: bool
) -> None:
    offer(hub, 2, forecast=9 * HOUR, free=2)
    await wait(hub, a_job_that("urgent", deadline=hub.now() + HOUR))
    offer(hub, 3, **figures)
    due = hub.queue._backlog._due

    assert (FIGURES in due) is is_due
    if is_due:
        assert due[FIGURES][0] >= hub.monotonic() + FIGURES_REST.total_seconds() - 1


async def test_what_came_after_the_pools_were_gathered_is_not_missed(hub: Hub) -> None:
    """Figures that are a second old may be shown, and what came since was before anybody waited for it."""
    moment = hub.monotonic()
    hub.monotonic = lambda: moment
    offer(hub, 2, forecast=9 * HOUR)
    build_snapshot(hub)
    offer(hub, 3, forecast=timedelta())
    hub.intake.seen(a_job_that("urgent", deadline=hub.now() + HOUR))
    for _ in range(2):
        await reconcile_job(Key("team", "urgent"), hub)

    assert FIGURES in hub.queue._backlog._due


async def test_no_round_follows_where_nobody_is_late(hub: Hub) -> None:
    offer(hub, 2, forecast=9 * HOUR)
    await wait(hub, thrifty("one"))
    offer(hub, 3, forecast=4 * HOUR)

    assert FIGURES not in hub.queue._backlog._due


def late(nodes: int, deadline: datetime) -> Prospect:
    request = a_request(max_run_seconds=nodes, deadline=deadline)
    return Prospect(Ask(request), Prospects(late_at=frozenset({POOL})))


def test_those_that_ask_the_same_by_other_deadlines_are_asked_about_once(hub: Hub) -> None:
    foreseen = Foreseen()
    for n in range(3):
        foreseen.note(b"%d" % n, late(1, hub.now() + n * HOUR))
    foreseen.hear_of_queues()

    assert [len(kinds) for kinds in foreseen.take_late()] == [3]


def test_of_many_requests_each_has_its_round(hub: Hub) -> None:
    foreseen = Foreseen()
    for n in range(MOST_ASKED + 1):
        foreseen.note(b"%d" % n, late(n + 1, hub.now()))
    foreseen.hear_of_queues()
    first, second = (set().union(*foreseen.take_late()) for _ in range(2))

    assert (len(first), len(second)) == (MOST_ASKED, 1)
    assert len(first | second) == MOST_ASKED + 1


async def test_where_many_are_late_rounds_end_once_each_has_had_its_own(hub: Hub) -> None:
    offer(hub, 2, forecast=9 * HOUR)
    jobs = [
        a_job_that(f"j{n}", deadline=hub.now() + HOUR, max_run_seconds=60 + n) for n in range(MOST_ASKED + 1)
    ]
    await wait(hub, *jobs)
    offer(hub, 3, forecast=8 * HOUR)
    hub.monotonic = lambda: 1e9
    rounds = []
    for _ in range(3):
        rounds.append(FIGURES in hub.queue._backlog._due)
        hub.queue._backlog.clear()
        wake_late(hub)

    assert rounds == [True, True, False]


async def test_what_came_after_the_pools_were_gathered_has_a_round_of_its_own(hub: Hub) -> None:
    offer(hub, 2, forecast=9 * HOUR)
    await wait(hub, a_job_that("urgent", deadline=hub.now() + 3 * HOUR))
    offer(hub, 3, forecast=4 * HOUR)
    hub.queue._backlog.clear()
    wake_late(hub)
    before = called(hub), FIGURES in hub.queue._backlog._due
    gathered = hub.known_snapshot.looked_at
    hub.monotonic = lambda: gathered + FIGURES_REST.total_seconds()
    wake_late(hub)

    assert before == ([], True)
    assert called(hub) == ["urgent"]


def test_a_pool_matters_as_long_as_somebody_is_late_there(hub: Hub) -> None:
    foreseen = Foreseen()
    foreseen.note(b"one", late(1, hub.now()))
    foreseen.note(b"two", late(2, hub.now()))
    foreseen.discard(b"one")
    with_one = foreseen.is_late_at(POOL)
    foreseen.note(b"two", None)

    assert with_one
    assert not foreseen.is_late_at(POOL)
    assert foreseen.take_late() == []
