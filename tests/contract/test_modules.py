"""Environment modules: loaded before the payload, by the centre's own names, or the payload never starts."""

import pytest

from computility.lab.modulefiles import GREETINGS
from computility.model.compute_job import EnvVar, Launcher
from support.workloads import World, a_target, a_work, an_array

LOADED = GREETINGS["greeter"]


@pytest.mark.parametrize("launcher", [Launcher.SINGLE, Launcher.PER_NODE])
async def test_a_payload_finds_what_its_modules_bring(world: World, launcher: Launcher) -> None:
    work = a_work("greet", "world", launcher=launcher)
    look = await world.end(work, modules=LOADED)

    assert look.stdout_tail == "hello, world\n"


async def test_the_jobs_own_variables_count_more_than_those_of_modules(world: World) -> None:
    work = a_work("greet", "world", env=(EnvVar(name="GREETING", value="salut"),))
    look = await world.end(work, modules=LOADED)

    assert look.stdout_tail == "salut, world\n"


async def test_a_payload_never_starts_whose_modules_cannot_be_loaded(world: World) -> None:
    look = await world.end(a_work("echo", "started"), modules=(*LOADED, "no-such/1"))

    assert look.result is not None
    assert look.result.unstarted
    assert look.started_at is None
    assert look.stdout_tail == ""
    assert "no-such/1" in look.stderr_tail


async def test_no_index_of_an_array_starts_whose_modules_cannot_be_loaded(world: World) -> None:
    target = await world.start(a_work("echo", "started"), an_array(2), modules=("no-such/1",))
    look = await world.until(target, lambda look: len(look.results) == 2, "both end")

    assert {result.unstarted for result in look.results.values()} == {True}
    assert {found.started_at for found in look.indices.values()} == {None}


async def test_a_payload_never_starts_whose_modules_end_their_loader_well(world: World) -> None:
    world.sh("mkdir -p /srv/modules/leaver", "root")
    world.sh("printf '#%%Module\nputs stdout {exit 0;}\n' > /srv/modules/leaver/1", "root")

    look = await world.end(a_work("echo", "started"), modules=("leaver/1",))

    assert look.result is not None
    assert look.result.unstarted
    assert look.stdout_tail == ""


async def test_a_job_that_is_cancelled_while_its_modules_load_never_starts(world: World) -> None:
    world.sh(
        "mkdir -p /srv/modules/slow; printf '#%%Module\\nexec sleep 7197\\n' > /srv/modules/slow/1", "root"
    )
    target = await world.start(a_work("echo", "started"), modules=("slow/1",))
    await world.until_process("sleep 7197")

    await world.backend.cancel([target])
    look = await world.until_ended(target)

    assert look.result is not None
    assert (look.result.unstarted, look.result.told) == (True, True)
    assert look.started_at is None


async def test_what_no_modules_name_can_be_is_refused(world: World) -> None:
    answer = await world.submit(a_target(), a_work("true"), modules=("x; touch /tmp/here",))

    assert answer.refused is not None
