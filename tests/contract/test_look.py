"""What a look tells, and what it must not make up."""

import json

import msgspec
import pytest

from computility.backends.protocol import Target
from computility.lifecycle.evidence import ClaimHolder, WorkloadState
from support.workloads import ENDLESS, World, a_target, a_work


async def test_there_is_one_entry_for_each_name_asked(world: World) -> None:
    known, unknown, bobs = await world.hold(a_work()), a_target(), a_target("bob")

    looks = await world.backend.look([known, unknown, bobs])

    assert looks.keys() == {known.name, unknown.name, bobs.name}
    assert all(look.complete for look in looks.values())
    assert [len(looks[t.name].workloads) for t in (known, unknown, bobs)] == [1, 0, 0]


async def test_a_held_workload_is_found_by_its_name(world: World) -> None:
    target = a_target()
    answer = await world.submit(target, a_work())

    (seen,) = (await world.look(target)).workloads

    assert answer.workload is not None
    assert (seen.native_id, seen.state) == (answer.workload.native_id, WorkloadState.HELD)
    assert seen.submitted_at is not None


async def test_a_workload_of_another_name_is_never_shown(world: World) -> None:
    one, other = await world.hold(a_work()), await world.hold(a_work())

    ids = [{w.native_id for w in (await world.look(target)).workloads} for target in (one, other)]

    assert [len(some) for some in ids] == [1, 1]
    assert ids[0].isdisjoint(ids[1])


async def test_every_workload_that_carries_the_name_is_shown(world: World) -> None:
    target = await world.hold(await_nothing := a_work())
    await world.hold(await_nothing, target)

    assert len((await world.look(target)).workloads) == 2


async def test_another_accounts_attempt_is_not_to_be_seen(world: World) -> None:
    target = await world.hold(a_work())

    as_bob = await world.look(Target(name=target.name, account="bob"))

    assert as_bob.workloads == ()


async def test_a_running_payload_is_seen_with_its_claim_and_start(world: World) -> None:
    target = await world.start(a_work(*ENDLESS))

    look = await world.until_started(target)

    assert look.claim.holder is ClaimHolder.PAYLOAD
    assert look.claim.native_id == look.workloads[0].native_id
    assert look.workloads[0].state is WorkloadState.ACTIVE
    assert look.go
    assert (look.result, look.stdout_tail) == (None, "")
    await world.backend.cancel([target])
    await world.until_ended(target)


async def test_an_ended_workload_is_still_seen_with_the_ends_of_its_output(world: World) -> None:
    look = await world.end(a_work("sh", "-c", "seq 100000; echo oops >&2"))

    assert look.workloads[0].state is WorkloadState.ENDED
    assert look.stdout_tail.endswith("99999\n100000\n")
    assert 1900 < len(look.stdout_tail) <= 2048
    assert look.stderr_tail == "oops\n"


async def test_a_look_tells_how_long_the_scheduler_counts_a_workload_as_running(world: World) -> None:
    held = await world.hold(a_work())
    ended = await world.end(a_work("sleep", "2"))

    assert ended.result is not None
    counted = ended.workloads[0].elapsed_seconds
    assert counted is not None
    assert abs(counted - ended.result.run_seconds) <= 2.0
    assert (await world.look(held)).workloads[0].elapsed_seconds == 0


async def test_output_that_is_no_text_is_shown_as_text(world: World) -> None:
    script = r"head -c 5000 /dev/urandom; printf 'a\000\377\303\251 done'"

    look = await world.end(a_work("bash", "-c", script))

    assert look.stdout_tail.endswith("a\ufffd\ufffdé done")
    assert len(look.stdout_tail.encode()) <= 2048


async def test_an_account_that_the_centre_does_not_grant_makes_an_incomplete_look(world: World) -> None:
    look = await world.look(a_target("root"))

    assert not look.complete
    assert "root" in look.problem


@pytest.mark.parametrize(
    "forged",
    [
        pytest.param({"nonce": "0" * 32, "exitCode": 0}, id="of-another-nonce"),
        pytest.param({"exitCode": 0}, id="without-a-nonce"),
        pytest.param({"nonce": None, "exitCode": 0}, id="with-a-null-nonce"),
    ],
)
async def test_a_result_without_the_claims_nonce_is_no_result(
    world: World, forged: dict[str, object]
) -> None:
    target = await world.start(a_work("sh", "-c", "kill -9 $PPID; sleep 60"))
    await world.until_ended(target)
    times = {"startedAt": "2026-01-01T00:00:00Z", "endedAt": "2026-01-01T00:00:01Z", "runSeconds": 1.0}
    write(world, target, "result.json", json.dumps({**times, **forged}))

    look = await world.look(target)

    assert look.complete
    assert look.result is None


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"exitCode": 256}, id="exit-code-out-of-range"),
        pytest.param({"exitCode": True}, id="exit-code-no-number"),
        pytest.param({"signal": 9}, id="both-exit-code-and-signal"),
        pytest.param({"runSeconds": float("nan")}, id="seconds-no-number"),
        pytest.param({"runSeconds": -1}, id="seconds-negative"),
        pytest.param({"endedAt": "2026-01-01T00:00:00"}, id="time-without-zone"),
        pytest.param({"startedAt": "\ud800"}, id="half-a-surrogate"),
    ],
)
async def test_a_result_that_makes_no_sense_is_no_result_and_spoils_no_other_look(
    world: World, change: dict[str, object]
) -> None:
    target, other = await world.start(a_work()), await world.hold(a_work())
    assert (await world.until_ended(target)).result is not None
    record = json.loads(world.sh(f"cat {world.file(target, 'result.json')}", "alice"))
    write(world, target, "result.json", json.dumps({**record, **change}))

    looks = await world.looks(target, other)

    assert [looks[t.name].complete for t in (target, other)] == [True, True]
    assert looks[target.name].result is None


async def test_records_that_are_no_files_do_not_hang_a_look(world: World) -> None:
    target = await world.start(a_work())
    await world.until_ended(target)
    result, out = world.file(target, "result.json"), world.file(target, "stdout")
    world.sh(f"rm {result} {out}; mkfifo {result}; ln -s /etc/passwd {out}", "alice")

    look = await world.look(target)

    assert (look.complete, look.result, look.stdout_tail) == (True, None, "")


async def test_looks_at_many_attempts_are_asked_for_together(world: World) -> None:
    targets = [a_target(("alice", "bob")[n % 2]) for n in range(120)]

    looks = await world.backend.look(targets)

    assert len(looks) == 120
    assert all(look.complete for look in looks.values())


async def test_describe_says_which_scheduler_this_is(world: World) -> None:
    info = await world.backend.describe()

    assert info.version.startswith("slurm 2")
    assert info.cluster == world.centre.spec.name
    assert info.booted_at is not None
    assert msgspec.json.encode(info)


def write(world: World, target: Target, name: str, text: str) -> None:
    """Write a file of the attempt as its account could."""
    world.centre.write(world.file(target, name), text, owner=target.account)
