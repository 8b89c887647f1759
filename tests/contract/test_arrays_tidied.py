"""An array that has ended is folded into few files, which tell the same; and it can never start again."""

import asyncio
import json
import time
from collections.abc import Callable

import pytest

from computility.backends.protocol import Target
from computility.lab.slurm_config import ACCOUNTS_ROOT
from computility.lifecycle.evidence import ClaimHolder, Look, WorkloadState
from computility.model.compute_job import File
from computility.model.index_set import IndexSet
from support.workloads import World, a_work, an_array, some

TALKS = ("sh", "-c", "echo out $COMPUTILITY_INDEX; echo err $COMPUTILITY_INDEX >&2; exit $COMPUTILITY_INDEX")
MARKED = ("sh", "-c", "echo start >> starts.$COMPUTILITY_INDEX")
FILES = (File(path="main.sh", content="echo hello\n"),)


def inodes(world: World, target: Target) -> list[str]:
    """List all files and directories that the attempt still takes."""
    both = f"{target.name} claims/{target.name}"
    return sorted(
        world.sh(f"cd {ACCOUNTS_ROOT}/alice; find {both} 2>/dev/null || true", "alice")
        .replace(target.name, "NAME")
        .split()
    )


def read(world: World, target: Target, name: str) -> str:
    return world.sh(f"cat {world.file(target, name)}", "alice")


def told(look: Look) -> object:
    """What a look tells of indices and output; times of the look itself apart."""
    return look.indices, look.tail_index, look.stdout_tail, look.stderr_tail


async def ended(world: World, *command: str, count: int = 4, files: tuple[File, ...] = FILES) -> Target:
    target = await world.start(a_work(*command, files=files), an_array(count))
    await world.until_ended(target)
    return target


async def test_of_an_array_no_more_files_are_left_than_of_a_single_attempt(world: World) -> None:
    target = await ended(world, *TALKS)

    await world.backend.tidy([target])

    assert inodes(world, target) == [
        "NAME", "NAME/stderr", "NAME/stdout", "claims/NAME", "claims/NAME/folded",
    ]  # fmt: skip


async def test_a_tidied_array_tells_the_same_of_every_index(world: World) -> None:
    target = await ended(world, *TALKS)
    asked = [target, *(some(target, index) for index in target.all_indices)]
    before = [told(await world.look(each)) for each in asked]

    await world.backend.tidy([target])
    await world.backend.tidy([target])

    assert [told(await world.look(each)) for each in asked] == before
    assert read(world, target, "stdout") == "out 0\nout 1\nout 2\nout 3\n"


async def test_tidying_that_was_cut_off_after_the_fold_is_finished_by_the_next(world: World) -> None:
    target = await ended(world, *TALKS)
    before = told(await world.look(target))
    here = f"cd {ACCOUNTS_ROOT}/alice"
    world.sh(
        f"{here}; cp -a {target.name} kept-{target.name}; cp -a claims/{target.name} kept-claims", "alice"
    )
    await world.backend.tidy([target])
    # All that is removed after the fold is written is there again.
    both = f"cp -an kept-{target.name}/. {target.name}/; cp -an kept-claims/. claims/{target.name}/"
    world.sh(f"{here}; {both}; rm -r kept-{target.name} kept-claims", "alice")
    assert told(await world.look(target)) == before

    await world.backend.tidy([target])

    assert len(inodes(world, target)) == 5
    assert told(await world.look(target)) == before
    assert read(world, target, "stderr") == "err 0\nerr 1\nerr 2\nerr 3\n"


async def test_of_a_burned_array_only_the_claims_are_left(world: World) -> None:
    target = await world.hold(a_work(*TALKS, files=FILES), an_array(3))
    await world.backend.burn([target])
    await world.backend.go([target])
    await world.release(target)
    await world.until_ended(target)

    await world.backend.tidy([target])

    assert inodes(world, target) == ["claims/NAME", "claims/NAME/folded"]
    look = await world.look(target)
    assert [look.index(index).claim.holder for index in range(3)] == [ClaimHolder.AGENT] * 3


async def test_an_array_with_an_index_that_nobody_has_claimed_is_left_as_it_is(world: World) -> None:
    target = await world.hold(a_work(*MARKED, files=FILES), an_array(3))
    await world.backend.burn([some(target, 0, 2)])
    before = inodes(world, target)

    await world.backend.tidy([target])

    assert inodes(world, target) == before
    await world.backend.go([target])
    await world.release(target)
    assert (await world.until_ended(target)).results.keys() == {1}


async def test_no_index_of_a_tidied_array_can_ever_start(world: World) -> None:
    """The second job of the same name comes to run only after the claims' own files are gone."""
    target = await world.hold(a_work(*MARKED), an_array(4))
    await world.hold(a_work(*MARKED), target)
    first, second = sorted(w.native_id for w in (await world.look(target)).workloads)
    await world.backend.burn([some(target, 3)])
    await world.backend.go([target])
    await world.backend.release([(target, first)])
    await world.until(target, lambda look: look.results.keys() == {0, 1, 2}, "three indices end")
    await world.backend.tidy([target])
    assert "claims/NAME/0" not in inodes(world, target)
    # As badly as it can be: all that a late task needs is put back, but the claims.
    world.sh(
        f"cd {world.file(target, '.')}; mkdir -p indices work; : > go; "
        """printf '{"indices": [0, 1, 2, 3]}' > chunk.0.json; """
        """printf '{"arraySize": 4, "command": ["sh", "-c", "echo start >> again"], "script": null, """
        """"launcher": "single", "maxRunSeconds": 60, "graceSeconds": 1, "env": {}}' > job.json""",
        "alice",
    )

    await world.backend.release([(target, second)])
    look = await world.until_ended(target)

    late = [w for w in look.workloads if w.native_id == second]
    assert len(late) == 4
    assert exit_codes(world, second) == {"75:0"}
    assert world.sh(f"ls {world.file(target, 'work')}", "alice").count("again") == 0
    assert inodes(world, target).count("claims/NAME/0") == 0
    assert look.results.keys() == {0, 1, 2}
    assert (await world.submit(target, a_work(*MARKED))).workload is None


async def test_burning_a_tidied_array_changes_nothing(world: World) -> None:
    target = await ended(world, *TALKS)
    await world.backend.tidy([target])
    before = told(await world.look(target))

    await world.backend.burn([target])

    assert told(await world.look(target)) == before
    assert "claims/NAME/0" not in inodes(world, target)


@pytest.mark.parametrize(
    ("leaves", "kept"),
    [
        ("echo x > model.$COMPUTILITY_INDEX", "work"),
        ("echo more >> main.sh", "work"),
        ("echo x > ../indices/notes", "indices/notes"),
        ("ln -s /etc/passwd ../indices/2000.json", "indices/2000.json"),
    ],
)
async def test_what_the_payloads_of_an_array_leave_stays(world: World, leaves: str, kept: str) -> None:
    target = await ended(world, "sh", "-c", leaves)
    show = f"ls -lR {world.file(target, kept)}"
    before = world.sh(show, "alice")

    await world.backend.tidy([target])

    assert world.sh(show, "alice") == before
    assert (await world.look(target)).results.keys() == set(target.all_indices)


async def test_output_that_is_too_long_to_be_copied_stays_where_it_is(world: World) -> None:
    # 34 MiB in two files; the helper copies no more than 32 of a stream.
    target = await ended(world, "sh", "-c", "head -c 17825792 /dev/zero; echo short >&2", count=2, files=())

    await world.backend.tidy([target])

    assert inodes(world, target) == [
        "NAME", "NAME/indices", "NAME/indices/0.out", "NAME/indices/1.out", "NAME/stderr",
        "claims/NAME", "claims/NAME/folded",
    ]  # fmt: skip
    assert (await world.look(target)).stderr_tail == "short\n"


@pytest.mark.parametrize("junk", ["{", "[1]", '{"claims": {"0": 3, "x": {}}, "stdout": {"0": ["a", -1]}}'])
async def test_a_fold_that_its_owner_has_spoiled_gives_nothing_away_and_starts_nothing(
    world: World, junk: str
) -> None:
    target = await ended(world, *TALKS)
    await world.backend.tidy([target])
    world.centre.write(f"{ACCOUNTS_ROOT}/alice/claims/{target.name}/folded", junk, owner="alice")

    look = await world.look(target)

    assert (look.complete, look.results) == (True, {})
    assert (await world.submit(target, a_work())).workload is None


@pytest.mark.slow
async def test_a_thousand_indices_from_submit_to_tidy_with_figures(
    world: World, record_property: Callable[[str, object], None]
) -> None:
    target = an_array(1000)
    begin = time.monotonic()
    await world.hold(a_work("true", max_concurrent=24), target)
    await world.backend.go([target])
    await world.release(target)
    until = time.monotonic() + 180
    waiting = target.all_indices
    while waiting:  # as the agent does: only those that have not ended yet
        look = await world.look(some(target, *waiting))
        waiting -= IndexSet.of(look.results)
        assert time.monotonic() < until, f"{len(waiting)} have no result"
        await asyncio.sleep(1)
    wall = time.monotonic() - begin
    look = await world.until_ended(target)
    files = len(inodes(world, target))
    await world.backend.tidy([target])

    assert look.results.keys() == set(range(1000))
    assert {result.exit_code for result in look.results.values()} == {0}
    assert len(look.workloads) == 1000
    assert {w.state for w in look.workloads} == {WorkloadState.ENDED}
    assert inodes(world, target) == ["claims/NAME", "claims/NAME/folded"]
    after = await world.look(target)
    assert after.results == look.results
    for name, value in (("wall_seconds", wall), ("files_before", files)):
        record_property(name, value)
    print(json.dumps({"wall_seconds": round(wall, 1), "files_before": files}))


def exit_codes(world: World, native_id: str) -> set[str]:
    """Return the exit codes that Slurm has of an array's tasks: code:signal."""
    shown = world.sh(f"scontrol show job -o {native_id}", "root")
    return {word.partition("=")[2] for word in shown.split() if word.startswith("ExitCode=")}
