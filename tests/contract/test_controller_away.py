"""A controller that is stopped, killed, or has forgotten: silence is never taken for an answer."""

import asyncio
import signal

import pytest

from computility.backends.protocol import BackendUnreachable, Submission
from computility.lab.centre import CONTROLLER
from computility.lifecycle.evidence import Look, SubmitAnswer
from computility.model.reasons import Reason
from support.workloads import World, a_target, a_work

pytestmark = pytest.mark.slurm


@pytest.mark.slow
async def test_while_the_controller_is_away_looks_are_incomplete_and_nothing_is_certain(frail: World) -> None:
    held = await frail.hold(a_work())
    frail.centre.kill_controller()
    try:
        look, answer, reports, *errors = await asyncio.gather(
            frail.look(held),
            frail.submit(a_target("bob"), a_work()),
            frail.backend.capacity(["cpu"], []),
            frail.backend.describe(),
            frail.backend.cancel([held]),
            return_exceptions=True,
        )
    finally:
        frail.centre.start_controller()

    assert isinstance(look, Look)
    assert not look.complete
    assert look.problem
    assert isinstance(answer, SubmitAnswer)
    assert not answer.is_certain
    assert isinstance(reports, dict)
    assert not reports["cpu"].complete
    assert [type(error) for error in errors] == [BackendUnreachable, BackendUnreachable]


async def test_a_submit_that_timed_out_may_have_arrived(frail: World) -> None:
    """Tried: Slurm 22.05.8 answers "Socket timed out" and takes the job once it wakes up."""
    target = a_target()
    frail.centre.signal(CONTROLLER, signal.SIGSTOP)
    try:
        answer = await frail.submit(target, a_work())
    finally:
        frail.centre.signal(CONTROLLER, signal.SIGCONT)

    assert not answer.is_certain
    await frail.until(target, lambda look: len(look.workloads) == 1, "the job that was in the air is there")


@pytest.mark.slow
async def test_what_a_busy_centre_did_not_come_to_is_postponed_and_was_never_handed_over(
    frail: World,
) -> None:
    submissions = [Submission(target=a_target(), work=a_work(), partition="cpu") for _ in range(5)]
    frail.centre.signal(CONTROLLER, signal.SIGSTOP)
    try:
        answers = await frail.backend.submit(submissions)
    finally:
        frail.centre.signal(CONTROLLER, signal.SIGCONT)
    postponed = [s.target for s in submissions if answers[s.target.name, 0].postponed is Reason.CENTRE_BUSY]
    uncertain = [s.target for s in submissions if not answers[s.target.name, 0].is_certain]
    assert len(postponed) + len(uncertain) == 5
    assert postponed
    # What was in the air arrives first: the controller takes requests in their order.
    for target in uncertain:
        await frail.until(target, lambda look: len(look.workloads) == 1, "what was handed over is there")

    looks = await frail.backend.look(postponed)
    assert [(look.complete, look.workloads) for look in looks.values()] == [(True, ())] * len(postponed)


@pytest.mark.slow
async def test_a_controller_that_forgets_a_job_makes_no_second_start(frail: World) -> None:
    """`kill -9` within seconds of a submit loses the job, or its release, and hands its id out again."""
    starts = 0
    for _ in range(2):
        work = a_work("sh", "-c", "echo start >> starts; sleep 0.5")
        target = await frail.start(work)
        frail.centre.kill_controller()
        frail.centre.start_controller()
        await frail.until(target, lambda look: look.complete, "the controller answers")
        other = await frail.hold(a_work())
        look = await frail.look(target)
        assert not {w.native_id for w in look.workloads} & {
            w.native_id for w in (await frail.look(other)).workloads
        }
        # What an agent would never do: submit again and let go, whatever became of the first.
        again = await frail.submit(target, work)
        if again.workload is not None:
            await frail.release(target)
        await frail.until(target, lambda look: look.result is not None, "the payload ends")
        starts += len(frail.sh(f"cat {frail.file(target, 'work/starts')}", "alice").splitlines())
    assert starts == 2
