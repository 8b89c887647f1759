"""Arrays: many payloads of one attempt, each with a claim, a start, an end and a result of its own."""

import json
import time

import pytest

from computility.backends.protocol import Target
from computility.lab.slurm_config import ACCOUNTS_ROOT
from computility.lifecycle.evidence import ClaimHolder, WorkloadState
from computility.model.compute_job import File, Launcher
from computility.model.index_set import IndexSet
from support.workloads import ENDLESS, Seen, World, a_work, an_array, some

SAYS_INDEX = ("sh", "-c", "echo index $COMPUTILITY_INDEX of $COMPUTILITY_SIZE")
MARKED = ("sh", "-c", "echo start >> starts.$COMPUTILITY_INDEX; sleep 0.2")
"""A payload that counts the starts of its index."""
SPARSE = IndexSet.parse("3,7-9,41")


def starts(world: World, target: Target) -> dict[int, int]:
    """Count how often each index of `MARKED` was started."""
    found = world.sh(f"cd {world.file(target, 'work')} && grep -c start starts.* /dev/null || true", "alice")
    lines = [line.rpartition(":") for line in found.splitlines() if line.startswith("starts.")]
    return {int(name.removeprefix("starts.")): int(count) for name, _, count in lines}


def holders(look: Seen, target: Target) -> list[ClaimHolder]:
    return [look.index(index).claim.holder for index in target.all_indices]


def most_at_once(world: World, target: Target, of: int) -> int:
    """Return how many ran at the same time by what they wrote of their begin and end."""
    begins, ends = (
        sorted(map(float, world.sh(f"cat {world.file(target, 'work')}/{what}.*", "alice").split()))
        for what in ("begin", "end")
    )
    assert len(begins) == len(ends) == of
    return max(sum(b <= t for b in begins) - sum(e < t for e in ends) for t in begins)


async def test_each_index_is_a_payload_that_knows_its_number(world: World) -> None:
    target = await world.start(a_work(*SAYS_INDEX), an_array(SPARSE))

    look = await world.until_ended(target)

    assert {index: result.exit_code for index, result in look.results.items()} == dict.fromkeys(SPARSE, 0)
    assert set(holders(look, target)) == {ClaimHolder.PAYLOAD}
    for index in SPARSE:
        seen = await world.look(some(target, index))
        assert (seen.tail_index, seen.stdout_tail) == (index, f"index {index} of 42\n")
        assert seen.index(index).started_at is not None


async def test_a_held_array_is_seen_with_all_its_indices_and_one_id(world: World) -> None:
    target = an_array(SPARSE)
    answer = await world.submit(target, a_work())

    (seen,) = (await world.look(target)).workloads

    assert answer.workload is not None
    assert (seen.native_id, seen.state, seen.indices, seen.chunk) == (
        answer.workload.native_id, WorkloadState.HELD, SPARSE, 0,
    )  # fmt: skip
    assert seen.submitted_at is not None


async def test_each_index_that_runs_or_has_ended_has_a_record_of_its_own_with_the_arrays_id(
    world: World,
) -> None:
    target = await world.start(
        a_work("sh", "-c", "[ $COMPUTILITY_INDEX = 3 ] || while :; do sleep 0.1; done", max_concurrent=3),
        an_array(SPARSE),
    )
    look = await world.until(
        target,
        lambda look: look.results.keys() == {3} and len(look.indices) == 4,
        "one has ended and three more run",
    )

    by_state = {
        state: sorted(str(w.indices) for w in look.workloads if w.state is state) for state in WorkloadState
    }
    assert by_state[WorkloadState.ENDED] == ["3"]
    assert by_state[WorkloadState.ACTIVE] == ["7", "8", "9"]
    assert by_state[WorkloadState.QUEUED] == ["41"]
    assert len({w.native_id for w in look.workloads}) == 1
    assert look.index(7).claim.native_id == look.workloads[0].native_id
    await world.backend.cancel([target])
    await world.until_ended(target)


async def test_as_many_as_max_concurrent_run_at_a_time_and_no_more(world: World) -> None:
    # The first two end only once both of them run: with a lower limit they would end at their time limit.
    meet = (
        "[ $COMPUTILITY_INDEX -ge 2 ] || while [ ! -e begin.$((1 - COMPUTILITY_INDEX)) ]; do sleep 0.1; done"
    )
    script = (
        f"date +%s.%N > begin.$COMPUTILITY_INDEX; {meet}; sleep 0.2; date +%s.%N > end.$COMPUTILITY_INDEX"
    )
    target = await world.start(a_work("sh", "-c", script, max_concurrent=2), an_array(5))

    look = await world.until_ended(target)

    assert [result.exit_code for result in look.results.values()] == [0] * 5
    assert most_at_once(world, target, of=5) == 2


async def test_a_fold_that_a_payload_writes_ends_its_own_array_and_hides_nothing(world: World) -> None:
    claims = f"{ACCOUNTS_ROOT}/alice/claims/$(basename $(dirname $PWD))"
    target = await world.start(
        a_work("sh", "-c", f"echo {{}} > {claims}/folded; echo wrote", max_concurrent=1), an_array(3)
    )

    look = await world.until_ended(target)

    assert look.complete
    assert holders(look, target) == [ClaimHolder.PAYLOAD] * 3
    assert {index: result.exit_code for index, result in look.results.items()} == {0: 0}
    assert (look.tail_index, "claimed already" in look.stderr_tail) == (1, True)
    await world.backend.burn([target])
    await world.backend.tidy([target])
    assert (await world.look(target)).indices == look.indices
    assert (await world.look(some(target, 0))).stdout_tail == "wrote\n"


async def test_no_payload_of_an_array_starts_before_go(world: World) -> None:
    target = await world.hold(a_work(), an_array(3))
    await world.release(target)
    look = await world.until(target, lambda look: len(look.indices) == 3, "the claims are taken")

    assert not any(found.traces for found in look.indices.values())
    assert not look.go
    await world.backend.go([target])
    assert (await world.until_ended(target)).results.keys() == {0, 1, 2}


@pytest.mark.slow
async def test_a_requeued_index_does_not_start_a_second_time_and_the_others_go_on(world: World) -> None:
    script = "echo start >> starts.$COMPUTILITY_INDEX; [ $COMPUTILITY_INDEX != 1 ] || sleep 60"
    target = await world.start(a_work("sh", "-c", script), an_array(3))
    look = await world.until(target, lambda look: look.results.keys() == {0, 2}, "the others end")
    task = f"{look.workloads[0].native_id}_1"
    world.sh(f"scontrol update JobId={task} Requeue=1; scontrol requeue {task}", "alice")

    look = await world.until_ended(target)

    assert starts(world, target) == dict.fromkeys(range(3), 1)
    assert look.index(1).result is None or look.index(1).result.exit_code != 0


async def test_cancelling_some_indices_that_run_gives_them_their_grace_and_leaves_the_others(
    world: World,
) -> None:
    polite = "trap 'echo saved; exit 4' TERM; echo ready; while [ ! -e over ]; do sleep 0.1; done"
    target = await world.start(a_work("sh", "-c", polite, max_concurrent=3), an_array(SPARSE))
    await world.until_index_output(target, 7, "ready")
    await world.until(
        target, lambda look: len([i for i in look.indices.values() if i.started_at]) == 3, "three run"
    )

    await world.backend.cancel([some(target, 7, 41)])  # one of them runs, the other waits

    look = await world.until(target, lambda look: 7 in look.results, "it ends")
    assert (look.results[7].exit_code, look.results[7].told) == (4, True)
    assert (look.tail_index, look.stdout_tail) == (7, "ready\nsaved\n")
    world.sh(f"touch {world.file(target, 'work/over')}", "alice")
    look = await world.until_ended(target)
    assert {i for i, result in look.results.items() if result.exit_code == 0} == {3, 8, 9}
    assert not look.index(41).traces


async def test_cancelling_all_indices_ends_those_that_run_and_those_that_wait(world: World) -> None:
    target = await world.start(a_work(*ENDLESS, max_concurrent=2), an_array(SPARSE))
    await world.until(
        target, lambda look: len([i for i in look.indices.values() if i.started_at]) == 2, "two run"
    )

    await world.backend.cancel([target])

    look = await world.until_ended(target)
    ended = [result for result in look.results.values() if result.told]
    assert len(ended) >= 2
    never = IndexSet.of(i for i in SPARSE if not look.index(i).traces)
    assert never
    assert never == IndexSet.of(i for w in look.workloads for i in w.indices) - IndexSet.of(look.results)


async def test_a_payload_that_ignores_its_cancel_is_killed_and_its_neighbours_are_not(world: World) -> None:
    stubborn = "trap 'echo asked' TERM; echo ready; while [ ! -e over ]; do sleep 0.1; done"
    target = await world.start(a_work("sh", "-c", stubborn, grace_seconds=1), an_array(2))
    for index in range(2):
        await world.until_index_output(target, index, "ready")

    await world.backend.cancel([some(target, 1)])

    look = await world.until(target, lambda look: 1 in look.results, "it is killed")
    assert look.results[1].signal == 9
    world.sh(f"touch {world.file(target, 'work/over')}", "alice")
    assert (await world.until_ended(target)).results[0].exit_code == 0


async def test_an_index_whose_wrapper_is_stuck_is_ended_by_the_scheduler_and_no_other_is(
    world: World,
) -> None:
    stuck = "kill -STOP $PPID; echo ready; while [ ! -e over ]; do sleep 0.1; done; kill -CONT $PPID"
    target = await world.start(a_work("sh", "-c", stuck, grace_seconds=1, max_concurrent=2), an_array(SPARSE))
    for index in (3, 7):
        await world.until_index_output(target, index, "ready")
    await world.backend.cancel([some(target, 3)])
    await world.backend.cancel([some(target, 3)])  # safe to repeat: its time is not over
    active = [w.indices for w in (await world.look(target)).workloads if w.state is WorkloadState.ACTIVE]
    assert sorted(map(str, active)) == ["3", "7"]
    file = world.file(target, "cancel.json")
    world.centre.write(file, json.dumps({"asked": {"3": time.time() - 60}}), owner="alice")

    await world.backend.cancel([some(target, 3)])

    look = await world.until(
        target, lambda look: any(w.is_ended and 3 in w.indices for w in look.workloads), "it is ended"
    )
    assert [w.word for w in look.workloads if 3 in w.indices] == ["CANCELLED"]
    await world.backend.cancel([some(target, 8, 9, 41)])
    world.sh(f"touch {world.file(target, 'work/over')}", "alice")
    await world.until(target, lambda look: 7 in look.results, "its neighbour ends by itself")


async def test_the_ranks_of_one_index_end_at_its_time_limit_and_the_others_run_on(world: World) -> None:
    # The last task of an array has the whole array's job id: a signal to that id would reach all of them.
    script = "trap 'echo over; exit 4' TERM; [ $COMPUTILITY_INDEX = 2 ] || sleep 2; n=0; "
    script += "while [ $COMPUTILITY_INDEX = 2 ] && [ $n -lt 300 ]; do sleep 0.1; n=$((n+1)); done"
    target = await world.start(
        a_work("sh", "-c", script, launcher=Launcher.PER_NODE, max_run_seconds=6, grace_seconds=3),
        an_array(3),
    )

    look = await world.until_ended(target)

    assert {index: result.limit for index, result in look.results.items()} == {0: False, 1: False, 2: True}
    assert [look.results[index].exit_code for index in range(2)] == [0, 0]


async def test_the_output_shown_is_that_of_the_first_index_that_ended_badly(world: World) -> None:
    script = "echo says $COMPUTILITY_INDEX; echo why >&2; [ $COMPUTILITY_INDEX -lt 8 ] || exit 3"
    target = await world.start(a_work("sh", "-c", script), an_array(SPARSE))

    look = await world.until_ended(target)

    assert (look.tail_index, look.stdout_tail, look.stderr_tail) == (8, "says 8\n", "why\n")
    good = await world.look(some(target, 7, 3))
    assert (good.tail_index, good.stdout_tail) == (3, "says 3\n")


async def test_a_chunk_all_of_whose_indices_are_claimed_is_not_submitted_again(world: World) -> None:
    target = an_array(3)
    await world.backend.burn([some(target, 0, 1)])
    assert (await world.submit(target, a_work())).workload is not None
    await world.backend.burn([target])

    assert not (await world.submit(target, a_work())).is_certain


async def test_an_array_of_more_than_a_thousand_goes_in_chunks(world: World) -> None:
    array = IndexSet.parse("5-1003,2000,2002,9999")
    target = await world.hold(a_work(*SAYS_INDEX), an_array(array))

    look = await world.look(target)
    assert [(w.chunk, str(w.indices)) for w in sorted(look.workloads, key=lambda w: w.chunk)] == [
        (0, "5-1003,2000"), (1, "2002,9999"),
    ]  # fmt: skip
    await world.backend.cancel([replace_indices(target, IndexSet.parse("5-1002"))])
    await world.backend.go([target])
    await world.release(target)
    look = await world.until(target, lambda look: len(look.results) == 4, "the four that are left end")

    assert look.results.keys() == {1003, 2000, 2002, 9999}
    assert (await world.look(some(target, 9999))).stdout_tail == "index 9999 of 10000\n"
    await world.until_ended(target)


async def test_files_of_an_array_are_put_in_place_once_and_all_indices_see_them(world: World) -> None:
    files = (File(path="lib/say.sh", content="echo hello $1\n"),)
    target = await world.start(
        a_work("sh", "-c", "sh lib/say.sh $COMPUTILITY_INDEX", files=files), an_array(2)
    )

    await world.until_ended(target)

    assert (await world.look(some(target, 1))).stdout_tail == "hello 1\n"


@pytest.mark.parametrize("closes", ["chmod 0 ../indices", "chmod 0 ..", "mv ../indices ../gone"])
async def test_what_a_payload_locks_away_never_makes_a_look_incomplete(world: World, closes: str) -> None:
    target = await world.start(a_work("sh", "-c", f"{closes}; kill -9 $PPID"), an_array(1))

    look = await world.until_ended(target)

    assert (look.complete, look.result) == (True, None)
    assert look.claim.holder is ClaimHolder.PAYLOAD


def replace_indices(target: Target, indices: IndexSet) -> Target:
    return some(target, *indices)
