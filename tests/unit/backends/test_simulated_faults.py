"""What breaks at a simulated centre shows through the protocol as it does at a real one."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from computility.backends.protocol import BackendUnreachable
from computility.backends.simulated.config import Partition
from computility.backends.simulated.faults_config import Faults, Range
from computility.lifecycle.evidence import ClaimHolder, WorkloadState
from computility.model.assignment import Fault
from computility.model.index_set import IndexSet
from computility.model.reasons import Reason
from support.either import CONFIG, SimulatedWorld
from support.workloads import a_target, an_array

FRAIL = msgspec.structs.replace(
    CONFIG,
    partitions=(Partition(name="cpu", max_run_seconds=3600, max_queued=3),),
    faults=Faults(detection_seconds=Range(least=20, most=20)),
)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[SimulatedWorld]:
    world = SimulatedWorld(tmp_path, FRAIL)
    yield world
    world.close()


async def test_while_the_controller_is_away_looks_are_incomplete_and_its_orders_fail(
    world: SimulatedWorld,
) -> None:
    target = await world.hold(world.payloads.ends())
    world.engine.go_away(60)

    look = await world.look(target)
    answer = await world.submit(a_target(), world.payloads.ends())

    assert (look.complete, look.workloads) == (False, ())
    assert "does not answer" in look.problem
    assert not answer.is_certain
    for order in (world.backend.release([(target, "1")]), world.backend.cancel([target])):
        with pytest.raises(BackendUnreachable):
            await order
    with pytest.raises(BackendUnreachable):
        await world.backend.describe()
    report = (await world.backend.capacity(["cpu"], []))["cpu"]
    assert (report.complete, report.total.nodes) == (False, 0)


async def test_files_are_there_while_the_controller_is_away_and_payloads_go_on(
    world: SimulatedWorld,
) -> None:
    running = await world.start(world.payloads.ends(after=10))
    other = a_target()
    await world.until_started(running)
    world.engine.go_away(60)

    await world.backend.burn([other])
    await world.pass_time(20)

    assert (await world.look(other)).claim.holder is ClaimHolder.AGENT
    assert (await world.look(running)).result is not None
    await world.pass_time(60)
    assert (await world.look(running)).complete


async def test_a_crashed_controller_forgets_what_it_took_last_and_gives_its_id_to_another(
    world: SimulatedWorld,
) -> None:
    target = a_target()
    forgotten = await world.submit(target, world.payloads.ends())
    world.engine.crash(forgets_seconds=5, restart_seconds=1)
    await world.pass_time(2)

    look = await world.look(target)
    other = a_target()
    reused = await world.submit(other, world.payloads.ends())

    assert (look.complete, look.workloads) == (True, ())
    assert forgotten.workload is not None
    assert reused.workload is not None
    assert reused.workload.native_id == forgotten.workload.native_id
    await world.backend.release([(target, forgotten.workload.native_id)])
    assert (await world.look(other)).workloads[0].state is WorkloadState.HELD


async def test_a_payload_whose_node_dies_ends_unexplained_by_itself_and_explained_by_the_scheduler(
    world: SimulatedWorld,
) -> None:
    target = await world.start(world.payloads.runs_on())
    await world.until_started(target)
    for node in range(3):
        world.engine.fail_node("cpu", node, repair_seconds=600)

    await world.pass_time(19)
    assert (await world.look(target)).workloads[0].state is WorkloadState.ACTIVE
    await world.pass_time(2)

    look = await world.look(target)
    (ended,) = look.workloads
    assert (ended.word, ended.ending, ended.fault) == ("NODE_FAIL", Reason.NODE_FAILED, Fault.INFRA)
    assert (look.claim.holder, look.result) == (ClaimHolder.PAYLOAD, None)


async def test_drained_nodes_are_reported_and_take_no_work(world: SimulatedWorld) -> None:
    world.engine.drain("cpu", IndexSet.first(3))
    target = await world.start(world.payloads.ends())
    await world.pass_time(30)

    assert (await world.look(target)).workloads[0].state is WorkloadState.QUEUED
    report = (await world.backend.capacity(["cpu"], [target]))["cpu"]
    assert (report.complete, report.unavailable.nodes) == (True, 3)


async def test_a_full_queue_postpones_and_what_can_never_run_is_refused(world: SimulatedWorld) -> None:
    for _ in range(3):
        await world.hold(world.payloads.ends())

    full = await world.submit(a_target(), world.payloads.ends())
    long = await world.submit(a_target(), world.payloads.ends(max_run_seconds=3601))
    wide = await world.submit(a_target(), world.payloads.ends(resources={"nodes": 4}))

    assert (full.postponed, full.refused) == (Reason.LIMIT_REACHED, None)
    assert (long.refused, long.fault) == (Reason.REQUEST_REFUSED, Fault.USER)
    assert (wide.refused, wide.fault) == (Reason.REQUEST_REFUSED, Fault.USER)


async def test_a_chunk_that_no_queue_of_the_partition_can_hold_is_refused_as_the_sites_doing(
    world: SimulatedWorld,
) -> None:
    refused = await world.submit(an_array(4), world.payloads.ends())

    assert (refused.refused, refused.fault, refused.postponed) == (Reason.REQUEST_REFUSED, Fault.SITE, None)
    assert "maxQueued" in refused.message
    assert (await world.submit(an_array(3), world.payloads.ends())).workload is not None


async def test_variables_that_say_nonsense_are_the_users_fault(world: SimulatedWorld) -> None:
    answer = await world.submit(a_target(), world.payloads.ends(-1))

    assert (answer.refused, answer.fault) == (Reason.INVALID, Fault.USER)
    assert "SIMULATED_EXIT_CODE" in answer.message
