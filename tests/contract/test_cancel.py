"""Cancelling: held or running, with the payload's grace, and nobody else's work."""

import json

from computility.lifecycle.evidence import WorkloadState
from computility.model.assignment import Fault
from computility.model.compute_job import Launcher
from computility.model.reasons import Reason
from support.workloads import DAEMONISES, ENDLESS, STUBBORN, World, a_work


async def test_a_running_payload_gets_sigterm_and_may_take_it_for_a_good_end(world: World) -> None:
    polite = ("sh", "-c", "trap 'echo saved; exit 0' TERM; echo ready; while :; do sleep 0.1; done")
    target = await world.start(a_work(*polite))
    await world.until_output(target, "ready")

    await world.backend.cancel([target])

    look = await world.until_ended(target)
    assert look.result is not None
    assert (look.result.exit_code, look.result.limit, look.result.told) == (0, False, True)
    assert "saved" in look.stdout_tail


async def test_what_a_cancelled_payload_daemonised_ends_with_it(world: World) -> None:
    target = await world.start(a_work(script=f"{DAEMONISES}echo ready; sleep 60\n", command=()))
    await world.until_output(target, "ready")

    await world.backend.cancel([target])

    await world.until_ended(target)
    assert not world.has_process("daemonised")


async def test_a_payload_that_ignores_sigterm_is_killed_after_its_grace(world: World) -> None:
    target = await world.start(a_work(*STUBBORN, grace_seconds=2))
    await world.until_output(target, "ready")

    await world.backend.cancel([target])
    await world.backend.cancel([target])  # safe to repeat: the grace does not begin anew

    look = await world.until_ended(target)
    assert look.result is not None
    assert (look.result.signal, look.result.limit) == (9, False)
    assert look.stdout_tail.count("asked") == 1


async def test_a_wrapper_that_is_stuck_is_ended_by_the_scheduler_once_its_time_is_over(world: World) -> None:
    target = await world.start(a_work("sh", "-c", "kill -STOP $PPID; echo ready; sleep 60", grace_seconds=1))
    await world.until_output(target, "ready")
    await world.backend.cancel([target])
    assert (await world.look(target)).workloads[0].state is WorkloadState.ACTIVE
    file = world.file(target, "cancel.json")
    first = json.loads(world.sh(f"cat {file}", "alice"))
    world.centre.write(file, json.dumps({"at": first["at"] - 60}), owner="alice")

    await world.backend.cancel([target])

    look = await world.until_ended(target)
    assert look.workloads[0].word == "CANCELLED"


async def test_a_workload_that_the_centre_cancels_is_the_sites_doing(world: World) -> None:
    target = await world.start(a_work(*ENDLESS))
    (running,) = (await world.until_started(target)).workloads
    world.sh(f"scancel {running.native_id}", "root")

    (ended,) = (await world.until_ended(target)).workloads

    assert (ended.word, ended.ending, ended.fault) == ("CANCELLED", Reason.CANCELLED_AT_CENTRE, Fault.SITE)


async def test_the_ranks_of_a_running_payload_get_sigterm(world: World) -> None:
    polite = ("sh", "-c", "trap 'echo saved; exit 4' TERM; echo ready; while :; do sleep 0.1; done")
    target = await world.start(a_work(*polite, launcher=Launcher.PER_NODE, resources={"nodes": 2}))
    await world.until_output(target, "ready\nready")

    await world.backend.cancel([target])

    look = await world.until_ended(target)
    assert look.result is not None
    assert look.stdout_tail.count("saved") == 2


async def test_every_workload_of_the_name_is_cancelled(world: World) -> None:
    target = await world.hold(a_work())
    await world.start(a_work(*ENDLESS), target)
    await world.until_started(target)

    await world.backend.cancel([target])

    look = await world.until_ended(target)
    assert len(look.workloads) == 2
