"""What a partition has, and who uses it."""

from support.eventually import eventually
from support.workloads import ENDLESS, World, a_work


async def test_others_use_is_counted_without_our_own(world: World) -> None:
    ours = await world.start(
        a_work(*ENDLESS, resources={"cpus_per_task": 2, "cards_per_node": 1}), partition="gpu"
    )
    await world.until_started(ours)
    options = "--partition=gpu --gres=gpu:2 --cpus-per-task=3 --output=/dev/null"
    others = world.sh(f"sbatch --parsable {options} --wrap 'sleep 60'", "bob").strip()
    await eventually(lambda: "RUNNING" in world.sh(f"squeue -h -j {others} -o %T", "bob"), "bob's job runs")
    await world.look(ours)

    report = (await world.backend.capacity(["gpu"], [ours]))["gpu"]

    assert report.complete
    assert (report.total.nodes, report.total.cores, report.total.cards) == (1, 8, 4)
    assert (report.used_by_others.cores, report.used_by_others.cards) == (3, 2)
    await world.backend.cancel([ours])
    world.sh(f"scancel {others}", "bob")
    await world.until_ended(ours)


async def test_what_is_drained_is_unavailable(frail: World) -> None:
    node = frail.centre.spec.nodes[0]
    frail.sh(f"scontrol update NodeName={node} State=DRAIN Reason=test", "root")
    report = (await frail.backend.capacity(["cpu"], []))["cpu"]
    frail.sh(f"scontrol update NodeName={node} State=RESUME", "root")

    assert (report.total.nodes, report.total.cores) == (3, 24)
    assert (report.unavailable.nodes, report.unavailable.cores) == (1, 8)


async def test_what_our_own_attempts_hold_is_known_also_to_a_backend_that_has_never_looked_at_them(
    world: World,
) -> None:
    ours = await world.start(a_work(*ENDLESS, resources={"cpus_per_task": 2}), partition="gpu")
    await world.until_started(ours)

    report = (await World(world.centre).backend.capacity(["gpu"], [ours]))["gpu"]

    assert (report.complete, report.used_by_others.cores) == (True, 0)
    await world.backend.cancel([ours])
    await world.until_ended(ours)
