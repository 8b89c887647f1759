"""What a payload can do to its own files: it harms itself, and keeps no attempt from its end."""

import pytest

from computility.lifecycle.evidence import ClaimHolder
from support.workloads import World, a_target, a_work

CLAIM = "../../claims/$(basename $(dirname $PWD))"
# What it can put in the place of a file of its own is tried in tests/unit/backends/test_hostile_files.py.
LOCKS = [
    pytest.param("chmod 0 ..", id="its-directory-closed"),
    pytest.param("chmod 500 ..", id="its-directory-read-only"),
    pytest.param("a=$(dirname $PWD); cd /; mv $a $a-away; echo > $a", id="its-directory-replaced-by-a-file"),
    pytest.param(
        "a=$(dirname $PWD); cd /; mv $a $a-away; ln -s $a-away $a", id="its-directory-replaced-by-a-link"
    ),
    pytest.param(f"chmod 0 {CLAIM}", id="its-claim-closed"),
    pytest.param("chmod 0 ../started.json ../go ../job.json ../stdout", id="its-files-closed"),
]


@pytest.mark.parametrize("lock", LOCKS)
async def test_a_payload_that_locked_its_own_files_is_seen_followed_and_ended_and_never_burned(
    world: World, lock: str
) -> None:
    target = await world.start(a_work("sh", "-c", f"{lock}; touch /tmp/locked-$SLURM_JOB_ID; exec sleep 300"))
    (job,) = (await world.look(target)).workloads
    await world.until(target, lambda _: has_locked(world, job.native_id), "the payload has locked its files")

    look = await world.look(target)
    assert (look.complete, look.claim.holder, look.go) == (True, ClaimHolder.PAYLOAD, True)
    await world.backend.burn([target])
    await world.backend.cancel([target])

    ended = await world.until_ended(target)
    assert (ended.complete, ended.claim.holder) == (True, ClaimHolder.PAYLOAD)
    await world.backend.tidy([target])
    assert (await world.look(target)).claim.holder is ClaimHolder.PAYLOAD


async def test_what_is_locked_is_named_and_no_result_is_made_up_for_it(world: World) -> None:
    target = await world.start(a_work("sh", "-c", f"chmod 0 {CLAIM} .."))

    look = await world.until_ended(target)

    assert (look.complete, look.claim.holder, look.result) == (True, ClaimHolder.PAYLOAD, None)
    assert look.problem == "locked or replaced by its owner: the claim"


async def test_a_result_that_is_locked_hides_nothing_else(world: World) -> None:
    target = await world.start(a_work("echo", "done"))
    await world.until_ended(target)
    world.sh(f"chmod 0 {world.file(target, 'result.json')}", "alice")

    look = await world.look(target)

    assert (look.complete, look.result, look.stdout_tail) == (True, None, "done\n")
    assert look.started_at is not None
    assert "result.json" in look.problem


async def test_a_locked_attempt_spoils_no_other_look(world: World) -> None:
    locked, other = await world.start(a_work("chmod", "0", "..")), a_target()
    await world.until_ended(locked)
    await world.backend.burn([other])

    looks = await world.looks(locked, other)

    assert looks[other.name].claim.holder is ClaimHolder.AGENT
    assert all(look.complete for look in looks.values())


def has_locked(world: World, native_id: str) -> bool:
    return world.centre.run(["test", "-e", f"/tmp/locked-{native_id}"], "alice").returncode == 0
