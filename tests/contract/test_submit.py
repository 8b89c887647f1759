"""Submitting: held, once, refused only for certain."""

import pytest

from computility.backends.protocol import Submission
from computility.lifecycle.evidence import ClaimHolder, WorkloadState
from computility.model.assignment import Fault
from computility.model.compute_job import EnvVar, File, Launcher
from computility.model.reasons import Reason
from support.workloads import World, a_target, a_work


async def test_nothing_that_is_submitted_runs_before_release(world: World) -> None:
    waiting = await world.hold(a_work())
    await world.backend.go([waiting])
    # Another one, submitted later, runs to its end meanwhile.
    await world.end(a_work())

    look = await world.look(waiting)

    assert look.workloads[0].state is WorkloadState.HELD
    assert look.claim.holder is ClaimHolder.NOBODY


async def test_no_payload_starts_before_go(world: World) -> None:
    target = await world.hold(a_work("echo", "ran"))
    await world.release(target)
    look = await world.until(
        target, lambda look: look.claim.holder is ClaimHolder.PAYLOAD, "the claim is taken"
    )
    assert (look.started_at, look.result) == (None, None)
    await world.until_polled(target, times=5)
    assert (await world.look(target)).started_at is None

    await world.backend.go([target])

    assert (await world.until_ended(target)).stdout_tail == "ran\n"


async def test_there_is_one_answer_for_each_name_and_a_refusal_spoils_no_other(world: World) -> None:
    good, bad = a_target(), a_target()
    denied = a_work(env=(EnvVar(name="LD_PRELOAD", value="x.so"),))
    answers = await world.backend.submit([
        Submission(target=bad, work=denied, partition="cpu"),
        Submission(target=good, work=a_work(), partition="cpu"),
    ])  # fmt: skip

    assert (answers[bad.name, 0].refused, answers[bad.name, 0].fault) == (Reason.INVALID, Fault.USER)
    assert answers[good.name, 0].workload is not None


async def test_a_partition_that_the_centre_does_not_have_is_refused_as_the_sites_fault(world: World) -> None:
    target = a_target()

    answer = await world.submit(target, a_work(), partition="nosuch")

    assert (answer.refused, answer.fault) == (Reason.PARTITION_UNKNOWN, Fault.SITE)
    assert "nosuch" in answer.message
    assert (await world.look(target)).workloads == ()


async def test_an_account_that_the_centre_does_not_grant_is_refused(world: World) -> None:
    answer = await world.submit(a_target("root"), a_work())

    assert (answer.refused, answer.fault) == (Reason.ACCOUNT_REFUSED, Fault.SITE)


async def test_a_lost_answer_is_uncertain_and_leaves_held_work_that_a_look_finds(world: World) -> None:
    target = a_target()
    world.loses_answers = True
    answer = await world.submit(target, a_work())
    world.loses_answers = False

    assert not answer.is_certain
    (seen,) = (await world.look(target)).workloads
    assert seen.state is WorkloadState.HELD


@pytest.mark.parametrize(
    "name",
    ["LD_PRELOAD", "LD_AUDIT", "BASH_ENV", "SHELLOPTS", "SLURM_CONF", "SBATCH_WRAP", "SRUN_X"],
)
async def test_variables_that_would_change_what_runs_are_refused(world: World, name: str) -> None:
    answer = await world.submit(a_target(), a_work(env=(EnvVar(name=name, value="x"),)))

    assert answer.refused is Reason.INVALID
    assert name in answer.message


@pytest.mark.parametrize("launcher", [Launcher.SINGLE, Launcher.PER_TASK])
@pytest.mark.parametrize("name", ["LD_LIBRARY_PATH", "PYTHONPATH", "ENV"])
async def test_variables_that_reach_the_payload_alone_are_its_own(
    world: World, name: str, launcher: Launcher
) -> None:
    env = (EnvVar(name=name, value="/own"),)

    look = await world.end(a_work("sh", "-c", f"echo ${name}", env=env, launcher=launcher))

    assert look.stdout_tail == "/own\n"


async def test_an_attempt_that_is_claimed_is_not_submitted_again(world: World) -> None:
    target = a_target()
    await world.backend.burn([target])

    answer = await world.submit(target, a_work())

    assert not answer.is_certain
    assert (await world.look(target)).workloads == ()


async def test_files_cannot_be_put_outside_the_working_directory_through_a_link(world: World) -> None:
    target = await world.hold(a_work())
    work = world.file(target, "work")
    world.sh(f"mkdir /tmp/away-{target.name}; ln -s /tmp/away-{target.name} {work}/dir", "alice")

    answer = await world.submit(target, a_work(files=(File(path="dir/file", content="x"),)))

    assert answer.workload is None
    assert world.sh(f"ls -A /tmp/away-{target.name}", "alice") == ""


@pytest.mark.parametrize("paths", [("a", "a/b"), ("a/b", "a"), ("d/a/b", "d/a/b/c")], ids="+".join)
async def test_files_that_contradict_each_other_are_refused_by_name_for_ever(
    world: World, paths: tuple[str, str]
) -> None:
    target = a_target()

    answer = await world.submit(target, a_work(files=tuple(File(path=path, content="x") for path in paths)))

    assert (answer.refused, answer.fault) == (Reason.INVALID, Fault.USER)
    assert f'files[].path "{paths[1]}"' in answer.message
    assert (await world.look(target)).workloads == ()


async def test_a_full_disk_postpones_a_submit_for_certain_and_the_next_try_succeeds(world: World) -> None:
    target = a_target()
    work = a_work(files=(File(path="big", content="x" * 100_000),))
    attempt = world.file(target, "")
    world.sh(f"mkdir -m 700 {attempt}; chown alice {attempt}", "root")
    world.sh(f"mount -t tmpfs -o size=32k,mode=0700,uid=$(id -u alice) full {attempt}", "root")

    full = await world.submit(target, work)

    world.sh(f"umount {attempt}", "root")
    assert (full.workload, full.refused, full.postponed) == (None, None, Reason.CENTRE_BUSY)
    assert "No space left" in full.message
    assert (await world.look(target)).workloads == ()
    assert (await world.submit(target, work)).workload is not None


async def test_a_directory_that_cannot_be_written_postpones_a_submit(world: World) -> None:
    target = await world.hold(a_work())
    world.sh(f"chmod 500 {world.file(target, 'work')}", "alice")

    answer = await world.submit(target, a_work(files=(File(path="f", content="x"),)))

    assert (answer.refused, answer.postponed) == (None, Reason.CENTRE_BUSY)


async def test_many_are_submitted_in_one_batch(world: World) -> None:
    targets = [a_target(("alice", "bob")[n % 2]) for n in range(60)]

    answers = await world.backend.submit(
        [Submission(target=target, work=a_work(), partition="cpu") for target in targets]
    )

    assert all(answer.workload for answer in answers.values())
    assert len({answer.workload.native_id for answer in answers.values() if answer.workload}) == 60
    await world.backend.cancel(targets)
