"""Tidying: what is left of an attempt that has ended, and what is never taken away."""

import pytest

from computility.backends.protocol import Target
from computility.lab.slurm_config import ACCOUNTS_ROOT
from computility.lifecycle.evidence import ClaimHolder
from computility.model.compute_job import File
from support.workloads import World, a_target, a_work

FILES = (File(path="main.sh", content="echo hello\n"), File(path="lib/deep/data", content="é" * 5000))
TALKS = ("sh", "-c", "sh main.sh; echo oops >&2")


def left(world: World, target: Target) -> list[str]:
    """List all that lies below the attempt's directory, in order."""
    found = f"cd {world.file(target, '.')} 2>/dev/null && find . -mindepth 1 || true"
    return sorted(world.sh(found, "alice").split())


def has_claim_file(world: World, target: Target) -> bool:
    return world.sh(f"ls {ACCOUNTS_ROOT}/alice/claims", "alice").split().count(target.name) == 1


async def ended(world: World, *command: str, files: tuple[File, ...] = FILES) -> Target:
    target = await world.start(a_work(*command, files=files))
    await world.until_ended(target)
    return target


async def test_only_claim_result_and_output_are_left_and_tell_the_same(world: World) -> None:
    target = await ended(world, *TALKS)
    before = await world.look(target)

    await world.backend.tidy([target])

    after = await world.look(target)
    assert left(world, target) == ["./result.json", "./stderr", "./stdout"]
    assert has_claim_file(world, target)
    assert before.result is not None
    assert (after.result, after.claim) == (before.result, before.claim)
    assert (after.stdout_tail, after.stderr_tail) == ("hello\n", "oops\n")


async def test_nothing_is_left_of_output_that_is_none(world: World) -> None:
    target = await ended(world, "true")

    await world.backend.tidy([target])

    assert left(world, target) == ["./result.json"]


async def test_of_a_burned_attempt_only_the_claim_is_left(world: World) -> None:
    target = await world.hold(a_work(*TALKS, files=FILES))
    await world.backend.burn([target])
    await world.backend.go([target])
    await world.release(target)
    look = await world.until_ended(target)
    assert "claimed already" in look.stderr_tail

    await world.backend.tidy([target])

    assert world.centre.run(["test", "-e", world.file(target, ".")], "alice").returncode == 1
    assert (await world.look(target)).claim.holder is ClaimHolder.AGENT


async def test_tidying_again_or_what_never_was_changes_nothing(world: World) -> None:
    target, burned = await ended(world, *TALKS), a_target()
    await world.backend.burn([burned])
    await world.backend.tidy([target, burned, a_target()])
    once = left(world, target)

    await world.backend.tidy([target, burned, a_target()])

    assert left(world, target) == once
    assert (await world.look(burned)).claim.holder is ClaimHolder.AGENT


@pytest.mark.parametrize(
    "leaves",
    [
        pytest.param("echo model > model.bin", id="a-file"),
        pytest.param("mkdir results", id="a-directory"),
        pytest.param("echo more >> main.sh", id="a-file-of-the-job-that-it-changed"),
        pytest.param("touch lib/deep/.hidden", id="a-file-beside-the-jobs-own"),
        pytest.param("mkfifo pipe", id="a-pipe"),
        pytest.param("ln -s /etc/passwd link", id="a-link"),
        pytest.param("rm main.sh; ln -s lib/deep/data main.sh", id="a-link-in-the-place-of-a-file"),
        pytest.param("rm main.sh; mkdir main.sh", id="a-directory-in-the-place-of-a-file"),
        pytest.param("chmod 0 lib", id="a-directory-that-it-closed"),
    ],
)
async def test_what_a_payload_leaves_in_its_working_directory_stays_as_it_is(
    world: World, leaves: str
) -> None:
    target = await ended(world, "sh", "-c", leaves)
    show = f"ls -lR {world.file(target, 'work')} 2>&1 || true"
    before = world.sh(show, "alice")

    await world.backend.tidy([target])

    assert world.sh(show, "alice") == before
    assert {path for path in left(world, target) if not path.startswith("./work")} <= {"./result.json"}


async def test_what_a_payload_leaves_beside_its_working_directory_stays(world: World) -> None:
    target = await ended(world, "sh", "-c", "echo x > ../notes; mkdir ../script")

    await world.backend.tidy([target])

    assert left(world, target) == ["./notes", "./result.json", "./script"]


@pytest.mark.parametrize(
    ("name", "to"), [("work", ""), ("stdout", "/empty"), ("cancel.json", "/empty"), ("script", "/main.sh")]
)
async def test_no_link_is_followed_out_of_the_attempts_directory(world: World, name: str, to: str) -> None:
    target = a_target()
    away = f"/tmp/away-{target.name}"
    links = f"cp -r . {away}; : > {away}/empty; cd ..; rm -rf {name}; ln -s {away}{to} {name}"
    await world.start(a_work("sh", "-c", links, files=FILES), target)
    await world.until_ended(target)
    before = world.sh(f"ls -R {away}", "alice")

    await world.backend.tidy([target])

    assert world.sh(f"ls -R {away}", "alice") == before
    assert "data" in before
    assert f"./{name}" in left(world, target)


async def test_a_record_that_the_payload_has_spoiled_gives_nothing_away(world: World) -> None:
    spoil = """printf '{"inputs": {"../../keep": "0", "main.sh": 7, "x": null}}' > ../job.json"""
    target = await ended(world, "sh", "-c", spoil)

    await world.backend.tidy([target])

    assert "./work/main.sh" in left(world, target)


async def test_a_tidied_attempt_can_never_start(world: World) -> None:
    counts = ("sh", "-c", "echo start >> starts")
    target = await world.hold(a_work(*counts))
    await world.hold(a_work(*counts), target)
    first, second = sorted(w.native_id for w in (await world.look(target)).workloads)
    await world.backend.go([target])
    await world.backend.release([(target, first)])
    await world.until(target, lambda look: look.result is not None, "the first ends")
    await world.backend.tidy([target])

    await world.backend.go([target])
    await world.backend.release([(target, second)])
    await world.until_ended(target)

    assert world.sh(f"cat {world.file(target, 'work/starts')}", "alice") == "start\n"
    assert (await world.submit(target, a_work(*counts))).workload is None
