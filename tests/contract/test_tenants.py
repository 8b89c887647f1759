"""Two tenants of one real Slurm centre: what one does to the other's work is refused, or comes to nothing.

Bob acts as himself, with all that his account can run at the centre. A payload of his can do no more.
"""

import json
import shlex
from typing import Any

import pytest

from computility.backends.protocol import Target
from computility.lab.centre import Centre
from computility.lab.slurm_config import ACCOUNTS_ROOT, HELPER
from computility.lifecycle.evidence import ClaimHolder, Look, WorkloadState
from support.workloads import World, a_target, a_work

pytestmark = pytest.mark.slurm

SECRET = "alices-own-words"
WORKS = ("sh", "-c", f"echo {SECRET}; echo {SECRET} >&2; while [ ! -e end ]; do sleep 0.1; done; exit 0")
"""Alice's payload: it runs until her own file tells it to end."""

READS = {
    "her-directory": "ls {alice}",
    "her-output": "cat {attempt}/stdout",
    "the-tail-of-her-errors": "tail -c 4096 {attempt}/stderr",
    "her-script-and-environment": "cat {attempt}/job.json",
    "her-working-directory": "ls {attempt}/work",
    "her-claim": "cat {claim}",
    "the-names-of-her-claims": "ls {alice}/claims",
    "her-job-by-its-id": "squeue --noheader --jobs={id} --format=%j | grep .",
    "her-jobs-by-her-name": "squeue --all --noheader --users=alice --states=all --format=%j | grep .",
    "her-jobs-among-all": "squeue --all --noheader --states=all --format=%u | grep -x alice",
    "her-steps": "squeue --all --noheader --steps --format=%i | grep '^{id}[.]'",
    "her-job-in-detail": "scontrol show job {id}",
    "her-jobs-among-all-in-detail": "scontrol --all --oneliner show jobs | grep -w alice",
    "what-slurm-runs-for-her": "scontrol write batch_script {id} - | grep .",
    "what-her-steps-use": "sstat --noheader --jobs={id}.batch --format=MaxRSS | grep .",
    "the-environment-of-her-processes": "cat /proc/$(pgrep --oldest --uid=alice)/environ",
}
"""What bob tries to learn; each ends with 0 only if he has."""

TAMPERS = {
    "cancels-her-job": "scancel {id}",
    "signals-her-job": "scancel --batch --signal=KILL {id}",
    "holds-her-job": "scontrol hold {id}",
    "requeues-her-job": "scontrol requeue {id}",
    "suspends-her-job": "scontrol suspend {id}",
    "shortens-her-job": "scontrol update JobId={id} TimeLimit=1",
    "renames-her-job": "scontrol update JobId={id} JobName=mine",
    "runs-a-step-in-her-allocation": "srun --jobid={id} --overlap true",
    "kills-her-processes": "pkill -KILL --uid=alice",
    "takes-her-claim-by-a-link": "echo {{}} > {bob}/forged && ln {bob}/forged {claim}",
    "takes-her-claim-by-a-symbolic-link": "ln -s {bob}/forged {claim}",
    "takes-her-claim-by-renaming": "echo {{}} > {bob}/forged && mv -f {bob}/forged {claim}",
    "overwrites-her-claim": "echo {{}} > {claim}",
    "removes-her-claim": "rm -f {claim}",
    "writes-her-go-file": "echo {name} > {attempt}/go",
    "writes-her-result": "echo {{}} > {attempt}/result.json",
    "writes-her-output": "echo forged >> {attempt}/stdout",
    "tells-her-payload-to-end": "touch {attempt}/work/end",
    "removes-her-attempt": "rm -r {attempt}",
    "moves-her-directory-away": "mv {alice} {bob}/hers",
    "opens-her-directory": "chmod 777 {alice}",
    "runs-the-helper-as-her": "sudo -n -u alice {helper} look",
    "runs-a-shell-as-the-agent": "sudo -n -u csvc sh -c true",
}
"""What bob tries to do; each ends with 0 only if he could."""

HELPER_VERBS = ("look", "go", "release", "cancel", "burn", "tidy")


@pytest.fixture
def world(centre: Centre) -> World:
    """The real Slurm, whatever else the contract is tried on."""
    return World(centre)


@pytest.fixture
async def hers(world: World) -> Any:
    """Alice's attempt, running; in the end she lets it end, and it has ended well."""
    target = await world.start(a_work(*WORKS))
    await world.until_output(target, SECRET)
    before = await world.look(target)
    yield target
    await assert_ends_well(world, target, before)


async def assert_ends_well(world: World, target: Target, before: Look) -> None:
    world.sh(f"touch {world.file(target, 'work/end')}", "alice")
    look = await world.until_ended(target)
    assert look.claim == before.claim
    assert look.result is not None
    assert (look.result.exit_code, look.result.signal, look.result.told) == (0, None, False)
    assert look.stdout_tail == f"{SECRET}\n"
    assert [w.native_id for w in look.workloads] == [w.native_id for w in before.workloads]


async def filled_in(world: World, script: str, target: Target) -> str:
    """Return bob's script with what he would need to know about alice's attempt."""
    (workload,) = (await world.look(target)).workloads
    alice, bob = f"{ACCOUNTS_ROOT}/alice", f"{ACCOUNTS_ROOT}/bob"
    return script.format(
        name=target.name, id=workload.native_id, alice=alice, bob=bob, helper=HELPER,
        attempt=f"{alice}/{target.name}", claim=f"{alice}/claims/{target.name}",
    )  # fmt: skip


async def test_a_tenant_learns_nothing_of_anothers_running_attempt(world: World, hers: Target) -> None:
    outputs = {}
    for name, script in READS.items():
        read = await filled_in(world, script, hers)
        assert world.centre.run(["sh", "-c", read], "alice").returncode == 0, f"alice cannot read {name}"
        outputs[name] = world.centre.run(["sh", "-c", read], "bob")

    assert [name for name, done in outputs.items() if done.returncode == 0] == []
    assert [name for name, done in outputs.items() if SECRET in done.stdout] == []


async def test_a_tenant_can_do_nothing_to_anothers_running_attempt(world: World, hers: Target) -> None:
    before = await world.look(hers)
    for name, script in TAMPERS.items():
        done = world.centre.run(["sh", "-ec", await filled_in(world, script, hers)], "bob")
        assert done.returncode != 0, f"bob {name}: {done.stdout}"
        look = await world.look(hers)
        assert (look.claim, look.started_at, look.result) == (before.claim, before.started_at, None), name
        assert look.workloads[0].state is WorkloadState.ACTIVE, name


async def test_a_tenants_payload_can_do_no_more_than_its_account(world: World, hers: Target) -> None:
    tries = {name: await filled_in(world, script, hers) for name, script in (READS | TAMPERS).items()}
    lines = [f"( {script} ) >/dev/null 2>&1 && echo {name}" for name, script in tries.items()]
    script = "\n".join(["#!/bin/sh", "PATH=/usr/bin:/bin", *lines, "echo tried all", ""])

    target = await world.start(a_work(script=script, command=()), a_target("bob"))

    assert (await world.until_ended(target)).stdout_tail == "tried all\n"


async def test_the_helper_run_by_a_tenant_with_anothers_attempt_does_nothing_to_it(
    world: World, hers: Target
) -> None:
    (workload,) = (await world.look(hers)).workloads
    request = json.dumps({"name": hers.name, "nativeID": workload.native_id})
    for verb in HELPER_VERBS:
        done = world.centre.run([HELPER, verb], "bob", text=f"{request}\n")

        assert SECRET not in done.stdout
        assert f'"{workload.native_id}"' not in done.stdout
        assert (await world.look(hers)).workloads[0].state is WorkloadState.ACTIVE


async def test_the_agent_finds_nothing_of_an_attempt_under_another_tenants_account(
    world: World, hers: Target
) -> None:
    as_bob = Target(name=hers.name, account="bob")

    look = await world.look(as_bob)
    await world.backend.burn([as_bob])
    await world.backend.cancel([as_bob])

    assert (look.claim.holder, look.workloads, look.stdout_tail) == (ClaimHolder.NOBODY, (), "")
    assert (await world.look(hers)).claim.holder is ClaimHolder.PAYLOAD


async def test_a_job_of_anothers_attempts_name_is_not_taken_for_it(world: World, hers: Target) -> None:
    before = await world.look(hers)
    name = shlex.quote(hers.name)
    namesake = world.sh(f"sbatch --parsable --hold --output=/dev/null --job-name={name} --wrap=true", "bob")

    look = await world.look(hers)
    await world.backend.cancel([a_target()])

    assert [w.native_id for w in look.workloads] == [w.native_id for w in before.workloads]
    world.sh(f"scancel {namesake.strip()}", "bob")


@pytest.mark.parametrize("link", ["{name}", "claims/{name}"], ids=["the-attempt", "the-claim"])
async def test_a_link_from_ones_own_directory_into_anothers_shows_nothing(
    world: World, hers: Target, link: str
) -> None:
    theirs, mine = (f"{ACCOUNTS_ROOT}/{who}/{link.format(name=hers.name)}" for who in ("alice", "bob"))
    world.sh(f"rm -rf {mine}; mkdir -p {ACCOUNTS_ROOT}/bob/claims; ln -s {theirs} {mine}", "bob")

    look = await world.look(Target(name=hers.name, account="bob"))

    world.sh(f"rm {mine}", "bob")
    assert (look.stdout_tail, look.stderr_tail, look.result, look.started_at) == ("", "", None, None)


async def test_an_attempt_that_waits_for_go_cannot_be_let_go_by_another_tenant(world: World) -> None:
    target = await world.hold(a_work(*WORKS))
    await world.release(target)
    waiting = await world.until(
        target, lambda look: look.claim.holder is ClaimHolder.PAYLOAD, "the wrapper has the claim"
    )
    for script in ("writes-her-go-file", "removes-her-claim", "takes-her-claim-by-renaming"):
        done = world.centre.run(["sh", "-ec", await filled_in(world, TAMPERS[script], target)], "bob")
        assert done.returncode != 0
    world.centre.run([HELPER, "go"], "bob", text=json.dumps({"name": target.name}) + "\n")
    await world.until_polled(target, 3)
    assert (await world.look(target)).started_at is None

    await world.backend.go([target])

    await world.until_output(target, SECRET)
    await assert_ends_well(world, target, waiting)


async def test_an_attempt_that_is_held_cannot_be_released_or_cancelled_by_another_tenant(
    world: World,
) -> None:
    target = await world.hold(a_work(*WORKS))
    for script in ("scontrol release {id}", TAMPERS["cancels-her-job"], TAMPERS["renames-her-job"]):
        assert world.centre.run(["sh", "-ec", await filled_in(world, script, target)], "bob").returncode != 0

    (workload,) = (await world.look(target)).workloads

    assert workload.state is WorkloadState.HELD
    await world.backend.cancel([target])
