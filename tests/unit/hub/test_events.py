"""Which steps of a job are told as Events, and that nothing waits for one or fails with it."""

from typing import Any

import msgspec
import pytest

from computility.hub.events import MOST_WAITING, event_name
from computility.hub.hub import Hub
from computility.hub.keys import Lane, Task, Work
from computility.hub.notices import Notice, notices
from computility.hub.reconcile_job import reconcile_job
from computility.hub.work import do_work
from computility.kube.errors import AlreadyExists, Forbidden
from computility.kube.events import NOTE_BYTES, Event
from computility.model.assignment import State
from computility.model.compute_job import Attempt, AttemptState, ComputeJob, ComputeJobStatus, Phase
from computility.model.meta import Key
from computility.model.outcome import IndexOutcome, Started
from support.fake_client import FakeClient, lost
from support.stored import a_placed_job, an_assignment, an_attempt

LIVE = an_attempt()
NOTICE = Notice(1, "PartitionUnknown", "Run", 'attempt 1 on "qingyang": never started (PartitionUnknown)')


def a_step(phase: Phase = Phase.QUEUED, reason: str = "", /, **attempt: Any) -> list[tuple[int, str]]:
    """Return what is told when attempt 1 ends like this, and the job with it if the phase says so."""
    old = ComputeJobStatus(phase=Phase.PLACED, last_ordinal=1, attempts=(LIVE,))
    ended = msgspec.structs.replace(LIVE, **attempt)
    new = msgspec.structs.replace(old, phase=phase, reason=reason, attempts=(ended,))
    return [(notice.ordinal, notice.reason) for notice in notices(old, new)]


FAILED, LOST = AttemptState.FAILED, AttemptState.LOST
NOT_STARTED = {"state": FAILED, "reason": "PartitionUnknown", "started": "No"}


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        pytest.param(
            a_step(Phase.SUCCEEDED, "Succeeded", state=AttemptState.SUCCEEDED), [], id="success-tells-nothing"
        ),
        pytest.param(a_step(Phase.RUNNING, state=AttemptState.RUNNING), [], id="nor-does-a-state"),
        pytest.param(
            a_step(Phase.CANCELLED, "Cancelled", state=AttemptState.CANCELLED), [], id="nor-what-was-wished"
        ),
        pytest.param(
            a_step(state=FAILED, reason="NonZeroExitCode"), [], id="nor-a-payload-that-is-tried-again"
        ),
        pytest.param(a_step(**NOT_STARTED), [(1, "PartitionUnknown")], id="an-attempt-refused"),
        pytest.param(a_step(state=LOST, reason="NodeFailed"), [(1, "NodeFailed")], id="an-attempt-lost"),
        pytest.param(
            a_step(Phase.FAILED, "NonZeroExitCode", state=FAILED, reason="NonZeroExitCode", started="Yes"),
            [(1, "NonZeroExitCode")],
            id="the-job-failed",
        ),
        pytest.param(
            a_step(Phase.FAILED, "NodeFailed", state=LOST, reason="NodeFailed"),
            [(1, "NodeFailed")],
            id="lost-and-failed-for-one-reason-is-one-event",
        ),
        pytest.param(
            a_step(Phase.FAILED, "AttemptLimitReached", **NOT_STARTED),
            [(1, "PartitionUnknown"), (1, "AttemptLimitReached")],
            id="for-two-reasons-two",
        ),
        pytest.param(
            a_step(
                state=FAILED,
                reason="NonZeroExitCode",
                started="Yes",
                outcomes=(
                    IndexOutcome(indices="0", state=State.LOST, reason="NodeFailed"),
                    IndexOutcome(
                        indices="1-3", state=State.FAILED, reason="LaunchFailed", started=Started.NO
                    ),
                    IndexOutcome(indices="4", state=State.FAILED, reason="NonZeroExitCode", exit_code=3),
                ),
            ),
            [(1, "NodeFailed"), (1, "LaunchFailed")],
            id="indices-of-an-array",
        ),
    ],
)
def test_what_a_step_tells(told: list[tuple[int, str]], expected: list[tuple[int, str]]) -> None:
    assert told == expected


def test_a_step_after_the_end_of_an_attempt_tells_it_no_second_time() -> None:
    ended: Attempt = msgspec.structs.replace(LIVE, **NOT_STARTED)
    old = ComputeJobStatus(phase=Phase.QUEUED, last_ordinal=1, attempts=(ended,))

    assert notices(old, msgspec.structs.replace(old, reason="BackingOff")) == []


async def written(hub: Hub, job: ComputeJob, notice: Notice) -> Any:
    """Tell one notice and return what the client was asked to create."""
    created: list[Event] = []
    answer = hub.client.create

    async def create(value: Any) -> Any:
        created.append(value)
        return await answer(value)

    client: Any = hub.client
    client.create = create
    hub.queue.open()
    hub.events.tell(job, [notice])
    await do_work(await hub.queue.take(), hub)
    (event,) = created
    return event


async def test_an_event_is_about_its_job_and_says_why(hub: Hub) -> None:
    job = a_placed_job()
    event = await written(hub, job, NOTICE)

    assert (event.type, event.reason, event.note) == ("Warning", NOTICE.reason, NOTICE.note)
    assert event.metadata.namespace == "team"
    assert event.regarding.uid == job.metadata.uid
    assert (event.regarding.kind, event.regarding.name) == ("ComputeJob", "train")


async def test_a_long_note_is_cut_between_two_characters(hub: Hub) -> None:
    event = await written(hub, a_placed_job(), NOTICE._replace(note="x" + "算力" * 600))

    assert NOTE_BYTES - 3 < len(event.note.encode()) <= NOTE_BYTES


def test_an_events_name_is_that_of_its_job_attempt_and_reason() -> None:
    job, namesake = a_placed_job(), a_placed_job("other")
    names = {
        event_name(job, NOTICE),
        event_name(job, NOTICE._replace(note="said otherwise")),
        event_name(job, NOTICE._replace(ordinal=2)),
        event_name(job, NOTICE._replace(reason="Lost")),
        event_name(namesake, NOTICE),
    }

    assert len(names) == 4
    assert all(name.startswith(("train.", "other.")) for name in names)


@pytest.mark.parametrize(
    "trouble",
    [AlreadyExists("create", "/event", "409"), Forbidden("create", "/event", "403"), lost()],
    ids=["there-already", "forbidden", "no-answer"],
)
async def test_an_event_that_cannot_be_written_is_forgotten(
    hub: Hub, client: FakeClient, trouble: Any
) -> None:
    hub.queue.open()
    hub.events.tell(a_placed_job(), [NOTICE])
    client.trouble = trouble
    work = await hub.queue.take()
    await do_work(work, hub)
    await do_work(work, hub)

    assert [asked.split()[0] for asked in client.asked] == ["create"]


async def test_events_pile_up_to_an_end(hub: Hub) -> None:
    hub.queue.open()
    hub.events.tell(a_placed_job(), [NOTICE._replace(ordinal=n) for n in range(MOST_WAITING + 5)])

    assert hub.queue.depth(Lane.NEWS) == MOST_WAITING


async def test_a_reconcile_has_its_event_written_only_after_the_status(hub: Hub, client: FakeClient) -> None:
    job = a_placed_job()
    failed = an_assignment(job, State.FAILED)
    for item in (job, failed):
        hub.intake.seen(item)
    hub.queue.open()
    client.trouble = lost()
    with pytest.raises(type(client.trouble)):
        await reconcile_job(Key("team", "train"), hub)
    told_too_early = hub.queue.depth(Lane.NEWS)
    client.trouble, client.found = None, job
    await reconcile_job(Key("team", "train"), hub)
    hub.queue.done(await hub.queue.take())  # the job itself comes first
    work = await hub.queue.take()

    assert told_too_early == 0
    assert work == Work(Task.TELL, "team", event_name(job, Notice(1, "NonZeroExitCode", "", "")))
