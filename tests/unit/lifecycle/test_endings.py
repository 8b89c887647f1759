"""How evidence reads as a report."""

import pytest

from computility.lifecycle.endings import report_result, report_unexplained, report_unstarted
from computility.lifecycle.evidence import ClaimHolder, Result, SeenWorkload, SubmitAnswer, WorkloadState
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

    status = report_result(entry, a_look(workload, claim=ClaimHolder.PAYLOAD), result)

    assert (status.state, status.reason, status.started) == (state, reason.value, Started.YES)
    assert (status.run_seconds, status.core_seconds) == (10.0, 10.0)


@pytest.mark.parametrize(
    ("entry", "workloads", "state", "reason", "fault"),
    [
        pytest.param(
            an_entry(tombstone_at=NOON), (), State.CANCELLED, Reason.CANCELLED, None, id="cancelled"
        ),
        pytest.param(
            an_entry(withdrawn_at=NOON),
            (),
            State.CANCELLED,
            Reason.ASSIGNMENT_MISSING,
            Fault.INFRA,
            id="withdrawn",
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
            Fault.SITE,
            id="ended-by-the-site",
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
    status = report_unstarted(entry, a_look(*workloads, claim=ClaimHolder.AGENT))

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

    status = report_unexplained(an_entry(submitted="11", ended_at=NOON), look)

    assert (status.state, status.reason, status.started) == (state, reason.value, Started.YES)
