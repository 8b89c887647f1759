"""How evidence reads as a report."""

import msgspec
import pytest

from computility.lifecycle.endings import report_result, report_unexplained, report_unstarted
from computility.lifecycle.evidence import ClaimHolder, Result, SeenWorkload, SubmitAnswer, WorkloadState
from computility.lifecycle.sight import Sight
from computility.model.assignment import Fault, Started, State
from computility.model.reasons import Reason
from support.builders import NOON, a_look, a_result, a_workload, an_entry, seconds


def ended(ending: Reason | None = None, fault: Fault | None = None) -> SeenWorkload:
    return a_workload(WorkloadState.ENDED, ending=ending, fault=fault, word="WORD")


@pytest.mark.parametrize(
    ("result", "workload", "cancelled", "state", "reason"),
    [
        pytest.param(a_result(0), ended(), False, State.SUCCEEDED, Reason.SUCCEEDED, id="exit-0"),
        pytest.param(
            a_result(0), ended(), True, State.SUCCEEDED, Reason.SUCCEEDED, id="success-wins-over-cancel"
        ),
        pytest.param(a_result(0, told=True), ended(), True, State.CANCELLED, Reason.CANCELLED, id="obeyed"),
        pytest.param(a_result(0, limit=True), ended(), False, State.FAILED, Reason.TIME_LIMIT, id="in-time"),
        pytest.param(a_result(3), ended(), False, State.FAILED, Reason.EXIT_CODE, id="exit-3"),
        pytest.param(a_result(3), ended(), True, State.CANCELLED, Reason.CANCELLED, id="cancelled"),
        pytest.param(a_result(None, 9), ended(), False, State.FAILED, Reason.SIGNAL, id="signal"),
        pytest.param(
            a_result(None, 15, limit=True), ended(), False, State.FAILED, Reason.TIME_LIMIT, id="limit"
        ),
        pytest.param(
            a_result(None, 9),
            ended(Reason.OUT_OF_MEMORY, Fault.USER),
            False,
            State.FAILED,
            Reason.OUT_OF_MEMORY,
            id="the-scheduler-explains-a-signal",
        ),
    ],
)
def test_a_result(
    result: Result, workload: SeenWorkload, cancelled: bool, state: State, reason: Reason
) -> None:
    entry = an_entry(submitted="11", tombstone_at=NOON if cancelled else None)

    status = report_result(entry, Sight(a_look(workload, claim=ClaimHolder.PAYLOAD)), 0, result)

    assert (status.state, status.reason, status.started) == (state, reason.value, Started.YES)
    assert (status.run_seconds, status.core_seconds) == (10.0, 10.0)


@pytest.mark.parametrize(
    ("cancelled", "result", "workload", "state", "reason", "fault"),
    [
        pytest.param(
            False,
            a_result(1),
            ended(),
            State.FAILED,
            Reason.MODULE_FAILED,
            Fault.SITE,
            id="the-centres-fault",
        ),
        pytest.param(True, a_result(1), ended(), State.CANCELLED, Reason.CANCELLED, None, id="cancelled"),
        pytest.param(
            False,
            a_result(None, 15, told=True),
            ended(Reason.PREEMPTED, Fault.SITE),
            State.FAILED,
            Reason.PREEMPTED,
            Fault.SITE,
            id="preempted-meanwhile",
        ),
    ],
)
def test_a_payload_whose_modules_could_not_be_loaded_never_started(
    cancelled: bool, result: Result, workload: SeenWorkload, state: State, reason: Reason, fault: Fault | None
) -> None:
    entry = an_entry(submitted="11", tombstone_at=NOON if cancelled else None)
    sight = Sight(a_look(workload, claim=ClaimHolder.PAYLOAD))

    status = report_result(entry, sight, 0, msgspec.structs.replace(result, unstarted=True))

    assert (status.state, status.reason, status.fault) == (state, reason.value, fault)
    assert (status.started, status.run_seconds, status.exit_code) == (Started.NO, 0.0, None)


def test_who_says_of_a_long_run_that_it_never_started_is_charged_what_the_scheduler_counted() -> None:
    long = msgspec.structs.replace(ended(), elapsed_seconds=50.0)
    entry = an_entry(submitted="11", submitted_at=NOON - seconds(60))
    forged = msgspec.structs.replace(a_result(0), unstarted=True)

    status = report_result(entry, Sight(a_look(long, claim=ClaimHolder.PAYLOAD)), 0, forged)

    assert (status.run_seconds, status.core_seconds) == (40.0, 40.0)


@pytest.mark.parametrize(
    ("entry", "workloads", "state", "reason", "fault"),
    [
        pytest.param(
            an_entry(tombstone_at=NOON), (), State.CANCELLED, Reason.CANCELLED, None, id="cancelled"
        ),
        pytest.param(
            an_entry(withdrawn_at=NOON, missing_at=NOON - seconds(60)),
            (),
            State.CANCELLED,
            Reason.ASSIGNMENT_MISSING,
            Fault.INFRA,
            id="withdrawn",
        ),
        pytest.param(
            an_entry(withdrawn_at=NOON),
            (),
            State.CANCELLED,
            Reason.MEMBER_DRAINING,
            Fault.INFRA,
            id="given-back",
        ),
        pytest.param(
            an_entry(submits=1, answer=SubmitAnswer(refused=Reason.PARTITION_UNKNOWN, fault=Fault.SITE)),
            (),
            State.FAILED,
            Reason.PARTITION_UNKNOWN,
            Fault.SITE,
            id="refused",
        ),
        pytest.param(
            an_entry(submitted="11"),
            (ended(Reason.CANCELLED_AT_CENTRE, Fault.SITE),),
            State.FAILED,
            Reason.CANCELLED_AT_CENTRE,
            Fault.INFRA,
            id="cancelled-by-whomever",
        ),
        pytest.param(
            an_entry(submits=3, submitted_at=NOON - seconds(20)),
            (),
            State.FAILED,
            Reason.SUBMIT_FAILED,
            Fault.INFRA,
            id="never-arrived",
        ),
        pytest.param(
            an_entry(submitted="11"), (), State.LOST, Reason.WORKLOAD_VANISHED, Fault.INFRA, id="vanished"
        ),
    ],
)
def test_an_attempt_that_never_started(
    entry: object, workloads: tuple[SeenWorkload, ...], state: State, reason: Reason, fault: Fault | None
) -> None:
    status = report_unstarted(entry, Sight(a_look(*workloads, claim=ClaimHolder.AGENT)), 0)

    assert (status.state, status.reason, status.fault) == (state, reason.value, fault)
    assert status.started is Started.NO


@pytest.mark.parametrize(
    ("workloads", "state", "reason"),
    [
        pytest.param((ended(),), State.LOST, Reason.NO_RESULT, id="completed-without-a-result-is-lost"),
        pytest.param((ended(Reason.NODE_FAILED, Fault.INFRA),), State.FAILED, Reason.NODE_FAILED, id="node"),
        pytest.param((), State.LOST, Reason.NO_RESULT, id="gone"),
    ],
)
def test_a_claimed_attempt_without_a_result_is_no_success(
    workloads: tuple[SeenWorkload, ...], state: State, reason: Reason
) -> None:
    look = a_look(*workloads, claim=ClaimHolder.PAYLOAD, started_at=NOON)

    status = report_unexplained(an_entry(submitted="11", ended_at=NOON), Sight(look), 0)

    assert (status.state, status.reason, status.started) == (state, reason.value, Started.YES)


def test_no_more_time_is_charged_than_has_passed_since_the_submit() -> None:
    boastful = a_result(0, run_seconds=1e10)

    status = report_result(
        an_entry(submitted="11"), Sight(a_look(ended(), claim=ClaimHolder.PAYLOAD)), 0, boastful
    )

    assert status.run_seconds == 50.0


def test_a_payload_that_says_too_little_is_charged_for_what_the_scheduler_counted() -> None:
    workload = a_workload(WorkloadState.ENDED, elapsed_seconds=45.0)
    modest = a_result(0, run_seconds=0.0)

    status = report_result(
        an_entry(submitted="11"), Sight(a_look(workload, claim=ClaimHolder.PAYLOAD)), 0, modest
    )

    assert status.run_seconds == 35.0


def test_a_payload_that_left_no_result_is_charged_until_its_end_was_seen() -> None:
    look = a_look(
        ended(Reason.NODE_FAILED, Fault.INFRA), claim=ClaimHolder.PAYLOAD, started_at=NOON - seconds(20)
    )

    status = report_unexplained(an_entry(submitted="11", ended_at=NOON), Sight(look), 0)

    assert (status.run_seconds, status.core_seconds) == (20.0, 20.0)


def test_what_ran_and_lost_its_claim_is_lost_and_not_said_to_have_never_started() -> None:
    entry = an_entry(submitted="11", has_lost_claim=True)

    workload = a_workload(WorkloadState.ENDED, elapsed_seconds=40.0)

    status = report_unstarted(entry, Sight(a_look(workload, claim=ClaimHolder.AGENT)), 0)

    assert (status.state, status.started) == (State.LOST, Started.UNKNOWN)
    assert (status.run_seconds, status.core_seconds) == (30.0, 30.0)
