"""What the hub does when an Assignment cannot be deleted as it was meant to be."""

import pytest

from computility.hub.hub import Hub
from computility.kube.errors import Conflict, Unreachable
from computility.lifecycle.hub_actions import Delete
from computility.model.assignment import Assignment, State
from support.fake_client import FakeClient, lost
from support.stored import a_placed_job, an_assignment, stored

HOME = "member-qingyang"


def collect(hub: Hub, assignment: Assignment) -> None:
    hub.intake.seen(assignment)
    meta = assignment.metadata
    hub.disposal.add(Delete(namespace=meta.namespace, name=meta.name, uid=meta.uid))


async def test_a_failed_bulk_delete_stays_collected_and_is_done_again(hub: Hub, client: FakeClient) -> None:
    hub.queue.open()
    ended = [an_assignment(a_placed_job(f"job-{n}"), State.SUCCEEDED) for n in range(3)]
    for assignment in ended:
        collect(hub, assignment)
    client.trouble = lost()
    with pytest.raises(Unreachable):
        await hub.disposal.flush(HOME)
    kept = len(hub.store.assignments.objects)
    client.trouble = None
    await hub.disposal.flush(HOME)

    assert kept == 3
    assert client.asked == ["deletecollection 3", "deletecollection 3"]
    assert not hub.store.assignments.objects


async def test_an_assignment_that_lost_its_label_is_deleted_by_its_name(hub: Hub, client: FakeClient) -> None:
    bare = an_assignment(a_placed_job(), State.SUCCEEDED)
    bare.metadata.labels.clear()
    for assignment in (bare, an_assignment(a_placed_job("b"), State.SUCCEEDED)):
        collect(hub, assignment)
    await hub.disposal.flush(HOME)

    assert [asked.split()[0] for asked in client.asked] == ["delete", "delete"]


@pytest.mark.parametrize("is_remade", [True, False])
async def test_one_that_is_not_the_one_meant_any_more_is_looked_at_once_and_dropped(
    hub: Hub, client: FakeClient, is_remade: bool
) -> None:
    ended = an_assignment(a_placed_job(), State.SUCCEEDED)
    collect(hub, ended)
    client.trouble = Conflict("delete", "/assignment", "409")
    client.found = stored(an_assignment(a_placed_job()), uid="another", version=7) if is_remade else None
    await hub.disposal.flush(HOME)
    await hub.disposal.flush(HOME)

    assert client.asked == [f"delete {ended.metadata.name}", f"get {ended.metadata.name}"]
    assert [a.metadata.uid for a in hub.store.assignments.objects.values()] == ["another"][:is_remade]


async def test_one_that_is_still_there_after_a_conflict_is_tried_again(hub: Hub, client: FakeClient) -> None:
    ended = an_assignment(a_placed_job(), State.SUCCEEDED)
    collect(hub, ended)
    client.trouble, client.found = Conflict("delete", "/assignment", "409"), ended
    with pytest.raises(Conflict):
        await hub.disposal.flush(HOME)
    client.trouble = None
    await hub.disposal.flush(HOME)

    assert [asked.split()[0] for asked in client.asked] == ["delete", "get", "delete"]
    assert not hub.store.assignments.objects
