"""Submitting: held, once, refused only for certain."""

import pytest

from computility.backends.protocol import Submission
from computility.lifecycle.evidence import WorkloadState
from computility.model.assignment import Fault
from computility.model.compute_job import EnvVar, File, Launcher
from computility.model.reasons import Reason
from support.workloads import World, a_target, a_work


async def test_there_is_one_answer_for_each_name_and_a_refusal_spoils_no_other(world: World) -> None:
    good, bad = a_target(), a_target()
    denied = a_work(env=(EnvVar(name="LD_PRELOAD", value="x.so"),))
    answers = await world.backend.submit([
        Submission(target=bad, work=denied, partition="cpu"),
        Submission(target=good, work=a_work(), partition="cpu"),
    ])  # fmt: skip

    assert (answers[bad.name, 0].refused, answers[bad.name, 0].fault) == (Reason.INVALID, Fault.USER)
    assert answers[good.name, 0].workload is not None


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
async def test_variables_that_reach_the_payload_alone_are_its_own(world: World, launcher: Launcher) -> None:
    names = ("LD_LIBRARY_PATH", "PYTHONPATH", "ENV")
    env = tuple(EnvVar(name=name, value=f"/own/{name}") for name in names)
    says = "echo $LD_LIBRARY_PATH $PYTHONPATH $ENV"

    look = await world.end(a_work("sh", "-c", says, env=env, launcher=launcher))

    assert look.stdout_tail.split() == [f"/own/{name}" for name in names]


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


async def test_a_directory_that_cannot_be_written_postpones_a_submit(world: World) -> None:
    target = await world.hold(a_work())
    world.sh(f"chmod 500 {world.file(target, 'work')}", "alice")

    answer = await world.submit(target, a_work(files=(File(path="f", content="x"),)))

    assert (answer.refused, answer.postponed) == (None, Reason.CENTRE_BUSY)


async def test_a_submit_waits_for_the_room_that_the_jobs_files_need(world: World) -> None:
    target = a_target()

    answer = await world.submit(target, a_work(resources={"scratch": "1000000T"}))

    assert (answer.workload, answer.postponed) == (None, Reason.SCRATCH_FULL)
    assert (await world.look(target)).workloads == ()
    await world.hold(a_work(resources={"scratch": "1"}), target)


async def test_many_are_submitted_in_one_batch(world: World) -> None:
    targets = [a_target(("alice", "bob")[n % 2]) for n in range(60)]

    answers = await world.backend.submit(
        [Submission(target=target, work=a_work(), partition="cpu") for target in targets]
    )

    assert all(answer.workload for answer in answers.values())
    assert len({answer.workload.native_id for answer in answers.values() if answer.workload}) == 60
    await world.backend.cancel(targets)
