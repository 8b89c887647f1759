"""What a look tells, and what it must not make up."""

import json

from computility.backends.protocol import Target
from computility.lifecycle.evidence import WorkloadState
from support.workloads import World, a_target, a_work


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
    assert counted + 1 >= ended.result.run_seconds  # both count: Slurm from before, in whole seconds
    assert (await world.look(held)).workloads[0].elapsed_seconds == 0


async def test_output_that_is_no_text_is_shown_as_text(world: World) -> None:
    script = r"head -c 5000 /dev/urandom; printf 'a\000\377\303\251 done'"

    look = await world.end(a_work("bash", "-c", script))

    assert look.stdout_tail.endswith("a\ufffd\ufffdé done")
    assert len(look.stdout_tail.encode()) <= 2048


async def test_a_result_without_the_claims_nonce_is_no_result(world: World) -> None:
    target = await world.start(a_work("sh", "-c", "kill -9 $PPID; sleep 60"))
    await world.until_ended(target)
    times = {"startedAt": "2026-01-01T00:00:00Z", "endedAt": "2026-01-01T00:00:01Z", "runSeconds": 1.0}
    for forged in ({"nonce": "0" * 32}, {}, {"nonce": None}):
        write(world, target, "result.json", json.dumps({**times, "exitCode": 0, **forged}))

        look = await world.look(target)

        assert (look.complete, look.result) == (True, None), forged


SENSELESS: dict[str, dict[str, object]] = {
    "an exit code out of range": {"exitCode": 256},
    "an exit code that is no number": {"exitCode": True},
    "both exit code and signal": {"signal": 9},
    "seconds that are no number": {"runSeconds": float("nan")},
    "seconds below nothing": {"runSeconds": -1},
    "a time without a zone": {"endedAt": "2026-01-01T00:00:00"},
    "half a surrogate": {"startedAt": "\ud800"},
}


async def test_a_result_that_makes_no_sense_is_no_result_and_spoils_no_other_look(world: World) -> None:
    target, other = await world.start(a_work()), await world.hold(a_work())
    assert (await world.until_ended(target)).result is not None
    record = json.loads(world.sh(f"cat {world.file(target, 'result.json')}", "alice"))
    for what, change in SENSELESS.items():
        write(world, target, "result.json", json.dumps({**record, **change}))

        looks = await world.looks(target, other)

        assert [looks[t.name].complete for t in (target, other)] == [True, True], what
        assert looks[target.name].result is None, what


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


def write(world: World, target: Target, name: str, text: str) -> None:
    """Write a file of the attempt as its account could."""
    world.centre.write(world.file(target, name), text, owner=target.account)
