"""New jobs that are in the work queue together change places there, and others do not."""

from typing import Any

import msgspec
import pytest

from computility.hub import arrivals
from computility.hub.arrivals import arrange_arrivals
from computility.hub.hub import Hub
from computility.hub.keys import Lane, job_work, member_work
from computility.model.compute_job import Mode, PlacementSpec, Policy
from computility.model.meta import Key
from computility.model.resource_pool import ResourcePoolStatus
from support.network import a_job, a_pool
from support.stored import job_uid, stored


@pytest.fixture
def open_hub(hub: Hub) -> Hub:
    """A hub that decides, with three more pools of one place each, the later the dearer."""
    status = ResourcePoolStatus(observed_at=hub.now())
    for name, price in (("dear", "3"), ("dearer", "9"), ("dearest", "27")):
        pool = a_pool("qingyang", "team", name=name, price=price, max_queued=1)
        hub.intake.seen(stored(pool, uid=f"uid-{name}", status=status))
    hub.queue.open()
    return hub


def arrive(hub: Hub, name: str, cores: int, **spec: Any) -> None:
    job = stored(a_job("team", name, cpus_per_task=cores, **spec), uid=job_uid(name))
    made = msgspec.structs.replace(job.metadata, creation_timestamp=hub.now())
    hub.intake.seen(msgspec.structs.replace(job, metadata=made))


async def taken_in_order(hub: Hub) -> str:
    """Take all work as workers do, and return the jobs' names."""
    names = ""
    for _ in range(hub.queue.depth(Lane.NEWS)):
        work = await hub.queue.take()
        arrange_arrivals(Key(work.namespace, work.name), hub)
        names += work.name
    return names


async def test_the_dearest_goes_next_after_the_one_that_is_being_looked_at(open_hub: Hub) -> None:
    for name, cores in (("f", 1), ("s", 2), ("m", 4), ("L", 8)):
        arrive(open_hub, name, cores)

    assert await taken_in_order(open_hub) == "fLms"


async def test_those_that_arrive_meanwhile_stay_behind(open_hub: Hub) -> None:
    for name, cores in (("f", 1), ("s", 2), ("m", 4)):
        arrive(open_hub, name, cores)
    first = await open_hub.queue.take()
    arrange_arrivals(Key(first.namespace, first.name), open_hub)
    arrive(open_hub, "L", 8)

    assert await taken_in_order(open_hub) == "msL"


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"placement": PlacementSpec(policy=Policy.FASTEST)}, id="that-wants-something-else"),
        pytest.param({"priority": 1}, id="of-another-priority"),
        pytest.param({"suspend": True}, id="that-is-suspended"),
        pytest.param({"placement": PlacementSpec(mode=Mode.QUOTE)}, id="that-is-a-quote"),
    ],
)
async def test_a_job_stays_where_it_is(open_hub: Hub, other: dict[str, Any]) -> None:
    arrive(open_hub, "f", 1)
    arrive(open_hub, "s", 2)
    arrive(open_hub, "x", 4, **other)
    arrive(open_hub, "L", 8)

    assert await taken_in_order(open_hub) == "fLxs"


async def test_other_work_stays_where_it_is(open_hub: Hub) -> None:
    arrive(open_hub, "f", 1)
    arrive(open_hub, "s", 2)
    open_hub.queue.add(member_work("between"), Lane.NEWS)
    arrive(open_hub, "L", 8)

    assert await taken_in_order(open_hub) == "fLbetweens"


async def test_a_job_that_is_alone_is_not_even_evaluated(open_hub: Hub) -> None:
    arrive(open_hub, "f", 1)

    assert await taken_in_order(open_hub) == "f"
    assert open_hub.known_snapshot.pools == ()


async def test_of_very_many_those_in_front_change_places_first(
    open_hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arrivals, "MOST_TOGETHER", 2)
    for name, cores in (("f", 1), ("s", 2), ("m", 4), ("L", 8)):
        arrive(open_hub, name, cores)

    assert await taken_in_order(open_hub) == "fmsL"


async def test_a_key_that_is_no_job_changes_nothing(open_hub: Hub) -> None:
    for name, cores in (("s", 2), ("L", 8)):
        arrive(open_hub, name, cores)
    arrange_arrivals(Key("team", "gone"), open_hub)

    assert open_hub.queue.ready(Lane.NEWS) == [job_work(Key("team", "s")), job_work(Key("team", "L"))]
