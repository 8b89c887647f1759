"""One attempt, one claim: what holds when Slurm's own promises do not."""

import json

from computility.lab.slurm_config import ACCOUNTS_ROOT
from computility.lifecycle.evidence import ClaimHolder
from support.workloads import World, a_work

MARKED = ("sh", "-c", "echo start >> starts; sleep 0.3")
"""A payload that counts its own starts."""


async def test_after_a_burn_no_payload_can_start(world: World) -> None:
    target = await world.hold(a_work(*MARKED))
    await world.backend.burn([target])
    assert (await world.look(target)).claim.holder is ClaimHolder.AGENT
    await world.backend.go([target])
    await world.release(target)

    look = await world.until_ended(target)

    assert (look.claim.holder, look.started_at, look.result) == (ClaimHolder.AGENT, None, None)
    assert exit_code(world, look.workloads[0].native_id) == "75:0"
    assert world.sh(f"ls {world.file(target, 'work')}", "alice") == ""


async def test_a_requeued_payload_does_not_start_a_second_time(world: World) -> None:
    target = await world.start(a_work("sh", "-c", "echo start >> starts; sleep 60"))
    first = await world.until_started(target)
    native_id = first.workloads[0].native_id
    # --no-requeue is no lock: the owner may undo it.
    world.sh(f"scontrol update JobId={native_id} Requeue=1; scontrol requeue {native_id}", "alice")

    look = await world.until_ended(target)

    assert world.sh(f"cat {world.file(target, 'work/starts')}", "alice") == "start\n"
    assert exit_code(world, native_id) == "75:0"
    assert look.claim == first.claim
    assert look.result is None or look.result.exit_code != 0


async def test_two_workloads_of_one_attempt_start_one_payload(world: World) -> None:
    target = await world.hold(a_work(*MARKED))
    await world.start(a_work(*MARKED), target)

    look = await world.until_ended(target)

    assert len(look.workloads) == 2
    assert world.sh(f"cat {world.file(target, 'work/starts')}", "alice") == "start\n"
    assert sorted(exit_code(world, w.native_id) for w in look.workloads) == ["0:0", "75:0"]
    assert look.result is not None


async def test_nobody_else_can_make_or_read_an_accounts_claims_and_files(world: World) -> None:
    target = await world.hold(a_work())
    record = json.dumps({"by": "payload", "job": "1", "nonce": "0"})
    claim = f"{ACCOUNTS_ROOT}/alice/claims/{target.name}"
    for user in ("bob", "csvc"):
        for script in (
            f"echo '{record}' > {claim}",
            f"cat {world.file(target, 'job.json')}",
            f"ls {ACCOUNTS_ROOT}/alice",
        ):
            assert world.centre.run(["sh", "-c", script], user).returncode != 0

    assert (await world.look(target)).claim.holder is ClaimHolder.NOBODY


async def test_a_claim_that_is_no_record_counts_as_the_payloads_own_doing(world: World) -> None:
    target = await world.hold(a_work(*MARKED))
    world.sh(f"echo junk > {ACCOUNTS_ROOT}/alice/claims/{target.name}", "alice")
    await world.backend.burn([target])
    await world.backend.go([target])
    await world.release(target)

    look = await world.until_ended(target)

    assert (look.claim.holder, look.result) == (ClaimHolder.PAYLOAD, None)
    assert world.sh(f"ls {world.file(target, 'work')}", "alice") == ""


def exit_code(world: World, native_id: str) -> str:
    """Return the exit code that Slurm has of a job: code:signal."""
    shown = world.sh(f"scontrol show job -o {native_id}", "root")
    return next(word.partition("=")[2] for word in shown.split() if word.startswith("ExitCode="))
