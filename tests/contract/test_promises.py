"""What both backends promise, sentence by sentence of `backends.protocol`: a real Slurm and a simulated one.

What only files, users or Slurm's own commands can show has its tests beside this file.
"""

import pytest

from computility.backends.protocol import BackendUnreachable, Submission, Target
from computility.lifecycle.evidence import ClaimHolder, WorkloadState
from computility.model.assignment import Fault
from computility.model.index_set import IndexSet
from computility.model.reasons import Reason
from support.either import EitherWorld
from support.workloads import LOST_CLAIM, a_target, an_array, some


async def test_describe_says_which_scheduler_this_is(either: EitherWorld) -> None:
    info = await either.backend.describe()

    assert info.version.startswith(("slurm 2", "simulated 1"))
    assert info.cluster == "alpha"
    assert info.booted_at is not None


async def test_there_is_one_look_for_each_name_asked(either: EitherWorld) -> None:
    known, unknown, bobs = await either.hold(either.payloads.ends()), a_target(), a_target("bob")

    looks = await either.backend.look([known, unknown, bobs])

    assert looks.keys() == {known.name, unknown.name, bobs.name}
    assert all(look.complete for look in looks.values())
    assert [len(looks[t.name].workloads) for t in (known, unknown, bobs)] == [1, 0, 0]


async def test_an_account_that_the_centre_does_not_grant_makes_an_incomplete_look(
    either: EitherWorld,
) -> None:
    look = await either.look(a_target("root"))

    assert not look.complete
    assert "root" in look.problem


async def test_while_the_controller_is_silent_no_look_and_no_report_is_complete(
    frail_either: EitherWorld,
) -> None:
    target = await frail_either.hold(frail_either.payloads.ends())

    async with frail_either.silence():
        look = await frail_either.look(target)
        reports = await frail_either.backend.capacity(["cpu"], [target])
        with pytest.raises(BackendUnreachable):
            await frail_either.backend.describe()

    assert (look.complete, reports["cpu"].complete) == (False, False)
    assert look.problem
    assert reports["cpu"].problem
    await frail_either.until(target, lambda look: look.complete, "the controller answers")
    assert (await frail_either.backend.capacity(["cpu"], [target]))["cpu"].complete


async def test_while_the_controller_is_silent_no_submit_is_certain(frail_either: EitherWorld) -> None:
    target = a_target()

    async with frail_either.silence():
        answer = await frail_either.submit(target, frail_either.payloads.ends())

    assert not answer.is_certain
    await frail_either.until(target, lambda look: look.complete, "the controller answers")
    assert (await frail_either.submit(target, frail_either.payloads.ends())).workload is not None


async def test_a_held_workload_is_found_by_its_name_with_the_id_that_the_submit_answered(
    either: EitherWorld,
) -> None:
    target = a_target()
    answer = await either.submit(target, either.payloads.ends())

    (seen,) = (await either.look(target)).workloads

    assert answer.workload is not None
    assert (seen.native_id, seen.state) == (answer.workload.native_id, WorkloadState.HELD)
    assert seen.submitted_at is not None


async def test_neither_another_name_nor_another_account_shows_a_workload(either: EitherWorld) -> None:
    target = await either.hold(either.payloads.ends())
    other = await either.hold(either.payloads.ends())

    ids = [{w.native_id for w in (await either.look(t)).workloads} for t in (target, other)]
    as_bob = await either.look(Target(name=target.name, account="bob"))

    assert [len(some) for some in ids] == [1, 1]
    assert ids[0].isdisjoint(ids[1])
    assert as_bob.workloads == ()


async def test_every_workload_of_the_name_is_shown_whichever_indices_are_asked_for(
    either: EitherWorld,
) -> None:
    target = an_array(4)
    await either.hold(either.payloads.ends(), target)
    await either.hold(either.payloads.ends(), target)

    look = await either.look(some(target, 2))

    assert len({w.native_id for w in look.workloads}) == 2
    assert all(w.indices == IndexSet.first(4) for w in look.workloads)


async def test_nothing_that_is_submitted_runs_before_release(either: EitherWorld) -> None:
    waiting = await either.hold(either.payloads.ends())
    await either.backend.go([waiting])
    # Another one, submitted later, runs to its end meanwhile.
    await either.end(either.payloads.ends())

    look = await either.look(waiting)

    assert look.workloads[0].state is WorkloadState.HELD
    assert look.claim.holder is ClaimHolder.NOBODY


async def test_no_payload_starts_before_go(either: EitherWorld) -> None:
    target = await either.hold(either.payloads.ends(output="ran"))
    await either.release(target)
    look = await either.until(
        target, lambda look: look.claim.holder is ClaimHolder.PAYLOAD, "the claim is taken"
    )
    assert (look.started_at, look.result, look.go) == (None, None, False)
    await either.pass_time(2.0)
    assert (await either.look(target)).started_at is None

    await either.backend.go([target])

    ended = await either.until_ended(target)
    assert (ended.go, ended.stdout_tail) == (True, "ran")


async def test_there_is_one_answer_for_each_chunk_and_a_refusal_spoils_no_other(either: EitherWorld) -> None:
    good, bad = a_target(), a_target()
    work = either.payloads.ends()

    answers = await either.backend.submit([
        Submission(target=bad, work=work, partition="nosuch"),
        Submission(target=good, work=work, partition="cpu"),
    ])  # fmt: skip

    refused = answers[bad.name, 0]
    assert (refused.refused, refused.fault) == (Reason.PARTITION_UNKNOWN, Fault.SITE)
    assert "nosuch" in refused.message
    assert answers[good.name, 0].workload is not None
    assert (await either.look(bad)).workloads == ()


async def test_what_a_later_try_can_succeed_with_is_postponed_and_never_refused(either: EitherWorld) -> None:
    target = a_target()

    async with either.shortage(target) as work:
        answer = await either.submit(target, work)
        look = await either.look(target)

    assert answer.postponed is not None
    assert (answer.refused, answer.workload, answer.is_certain) == (None, None, True)
    assert (look.complete, look.workloads) == (True, ())
    assert (await either.submit(target, work)).workload is not None


async def test_an_account_that_the_centre_does_not_grant_is_refused(either: EitherWorld) -> None:
    answer = await either.submit(a_target("root"), either.payloads.ends())

    assert (answer.refused, answer.fault) == (Reason.ACCOUNT_REFUSED, Fault.SITE)


async def test_an_attempt_that_is_claimed_is_not_submitted_again(either: EitherWorld) -> None:
    target = a_target()
    await either.backend.burn([target])

    answer = await either.submit(target, either.payloads.ends())

    assert not answer.is_certain
    assert (await either.look(target)).workloads == ()


async def test_go_and_release_are_safe_to_repeat(either: EitherWorld) -> None:
    target = await either.start(either.payloads.runs_on())
    native_id = (await either.until_started(target)).workloads[0].native_id

    await either.backend.go([target])
    await either.backend.release([(target, native_id), (target, "999999")])

    assert (await either.look(target)).workloads[0].state is WorkloadState.ACTIVE
    await either.backend.cancel([target])


async def test_a_released_workload_of_another_name_is_left_alone(either: EitherWorld) -> None:
    target = await either.hold(either.payloads.ends())
    other = await either.hold(either.payloads.ends())
    (foreign,) = (await either.look(other)).workloads

    await either.backend.release([(target, foreign.native_id)])

    assert (await either.look(other)).workloads[0].state is WorkloadState.HELD


async def test_a_running_payload_is_seen_with_its_claim_and_start(either: EitherWorld) -> None:
    target = await either.start(either.payloads.runs_on())

    look = await either.until_started(target)

    assert look.claim.holder is ClaimHolder.PAYLOAD
    assert look.claim.native_id == look.workloads[0].native_id
    assert (look.workloads[0].state, look.traces, look.result) == (WorkloadState.ACTIVE, True, None)
    await either.backend.cancel([target])


@pytest.mark.parametrize("exit_code", [0, 3])
async def test_a_payload_ends_with_its_result_and_the_scheduler_counts_the_same(
    either: EitherWorld, exit_code: int
) -> None:
    look = await either.end(either.payloads.ends(exit_code, after=1.0))

    (workload,) = look.workloads
    assert look.result is not None
    assert (look.result.exit_code, look.result.signal) == (exit_code, None)
    assert (look.result.limit, look.result.told) == (False, False)
    assert 1.0 <= look.result.run_seconds < 2.0
    assert (workload.state, workload.ending, workload.fault) == (WorkloadState.ENDED, None, None)
    assert workload.elapsed_seconds is not None
    assert abs(workload.elapsed_seconds - look.result.run_seconds) <= 2.0


async def test_the_time_limit_ends_a_payload_a_grace_before_it(either: EitherWorld) -> None:
    look = await either.end(either.payloads.runs_on(max_run_seconds=3, grace_seconds=1))

    assert look.result is not None
    assert (look.result.limit, look.result.told) == (True, False)
    assert 2.0 <= look.result.run_seconds <= 3.5


async def test_after_a_burn_that_is_confirmed_no_payload_can_start(either: EitherWorld) -> None:
    target = await either.hold(either.payloads.ends())
    await either.backend.burn([target])
    await either.backend.burn([target])
    assert (await either.look(target)).claim.holder is ClaimHolder.AGENT
    await either.backend.go([target])
    await either.release(target)

    look = await either.until_ended(target)

    assert (look.claim.holder, look.started_at, look.result) == (ClaimHolder.AGENT, None, None)


async def test_a_claim_that_a_payload_has_stays_the_payloads(either: EitherWorld) -> None:
    target = await either.start(either.payloads.ends(after=1.0))
    before = (await either.until_started(target)).claim

    await either.backend.burn([target])

    assert (await either.look(target)).claim == before
    assert (await either.until_ended(target)).result is not None


async def test_two_workloads_of_one_attempt_start_one_payload(either: EitherWorld) -> None:
    target = await either.hold(either.payloads.ends(after=0.5))
    await either.start(either.payloads.ends(after=0.5), target)

    look = await either.until_ended(target)

    assert len(look.workloads) == 2
    assert look.result is not None
    assert look.claim.native_id in {w.native_id for w in look.workloads}
    assert sorted(w.word for w in look.workloads) == ["COMPLETED", LOST_CLAIM]


async def test_a_held_workload_is_cancelled_and_others_are_left_alone(either: EitherWorld) -> None:
    target = await either.hold(either.payloads.ends())
    other = await either.hold(either.payloads.ends())

    await either.backend.cancel([target])

    assert (await either.until_ended(target)).claim.holder is ClaimHolder.NOBODY
    assert (await either.look(other)).workloads[0].state is WorkloadState.HELD


async def test_a_running_payload_gets_sigterm_and_its_end_says_so(either: EitherWorld) -> None:
    target = await either.start(either.payloads.runs_on())
    await either.until_started(target)

    await either.backend.cancel([target])
    await either.backend.cancel([target])

    look = await either.until_ended(target)
    assert look.result is not None
    assert (look.result.signal, look.result.limit, look.result.told) == (15, False, True)


async def test_a_running_payload_that_takes_no_notice_of_sigterm_gets_sigkill_after_its_grace(
    either: EitherWorld,
) -> None:
    target = await either.start(either.payloads.runs_on_for_ever(grace_seconds=2))
    await either.until_stubborn(target)

    await either.backend.cancel([target])

    assert (await either.look(target)).result is None
    look = await either.until_ended(target)
    assert look.result is not None
    assert (look.result.signal, look.result.told) == (9, True)
    assert look.result.run_seconds >= 2.0


async def test_a_workload_that_waits_for_go_is_cancelled_without_a_start(either: EitherWorld) -> None:
    target = await either.hold(either.payloads.ends())
    await either.release(target)
    await either.until(target, lambda look: look.claim.holder is ClaimHolder.PAYLOAD, "the claim is taken")

    await either.backend.cancel([target])

    look = await either.until_ended(target)
    assert (look.started_at, look.result) == (None, None)


async def test_cancelling_what_never_was_or_has_ended_does_nothing(either: EitherWorld) -> None:
    ended = await either.start(either.payloads.ends())
    before = await either.until_ended(ended)

    await either.backend.cancel([ended, a_target()])

    after = await either.look(ended)
    assert (after.workloads, after.result) == (before.workloads, before.result)


async def test_a_tidied_attempt_tells_its_result_as_before_and_can_never_start(either: EitherWorld) -> None:
    target = await either.start(either.payloads.ends(3, output="done"))
    before = await either.until_ended(target)

    await either.backend.tidy([target])
    await either.backend.tidy([target])

    after = await either.look(target)
    assert after.complete
    assert (after.claim, after.result, after.stdout_tail) == (before.claim, before.result, "done")
    assert (await either.submit(target, either.payloads.ends())).workload is None
    await either.backend.burn([target])
    assert (await either.look(target)).claim == before.claim


async def test_a_burned_attempt_that_is_tidied_stays_burned(either: EitherWorld) -> None:
    target = a_target()
    await either.backend.burn([target])

    await either.backend.tidy([target])

    assert (await either.look(target)).claim.holder is ClaimHolder.AGENT
    assert (await either.submit(target, either.payloads.ends())).workload is None


async def test_an_attempt_that_nobody_has_claimed_is_left_as_it_is_by_tidying(either: EitherWorld) -> None:
    target = await either.hold(either.payloads.ends(output="ran"))

    await either.backend.tidy([target])

    await either.backend.go([target])
    await either.release(target)
    assert (await either.until_ended(target)).stdout_tail == "ran"


async def test_capacity_is_read_and_what_our_own_attempts_hold_is_no_others_use(either: EitherWorld) -> None:
    target = await either.start(either.payloads.runs_on())
    await either.until_started(target)
    await either.pass_time(1.0)

    reports = await either.backend.capacity(["cpu", "nosuch"], [target])

    assert reports["cpu"].complete
    assert reports["cpu"].total.nodes == 3
    assert reports["cpu"].used_by_others.cores == 0
    assert (reports["nosuch"].complete, reports["nosuch"].total.nodes) == (False, 0)
    assert "nosuch" in reports["nosuch"].problem
    await either.backend.cancel([target])


async def test_a_report_is_incomplete_while_an_attempt_of_ours_cannot_be_read(either: EitherWorld) -> None:
    report = (await either.backend.capacity(["cpu"], [a_target("root")]))["cpu"]

    assert not report.complete
    assert report.problem
