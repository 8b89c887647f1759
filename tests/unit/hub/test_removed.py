"""A member that is gone, and one that only seems so."""

import pytest

from computility.hub.hub import Hub
from computility.hub.observe_job import observe_job
from computility.hub.reconcile_job import reconcile_job
from computility.hub.removed import find_removed
from computility.kube.errors import Forbidden, NotFound
from computility.model.assignment import State
from computility.model.compute_job import AttemptState, Phase
from computility.model.member_cluster import MemberCluster
from computility.model.meta import Key
from support.fake_client import FakeClient, lost
from support.network import a_member
from support.stored import a_placed_job, an_assignment, stored

KEY = Key("team", "train")
MEMBER = Key("", "qingyang")


def forget(hub: Hub) -> None:
    hub.intake.gone(MemberCluster, MEMBER, "uid-qingyang")


async def test_a_member_that_the_store_has_is_not_asked_for(hub: Hub, client: FakeClient) -> None:
    hub.intake.seen(a_placed_job())

    assert await find_removed(KEY, hub) == frozenset()
    assert client.asked == []


@pytest.mark.parametrize("is_remade", [True, False])
async def test_an_attempt_at_a_member_that_is_gone_is_lost_and_not_created_again(
    hub: Hub, client: FakeClient, is_remade: bool
) -> None:
    hub.intake.seen(a_placed_job())
    forget(hub)
    client.live[MemberCluster] = stored(a_member("qingyang"), uid="another", version=9) if is_remade else None
    await reconcile_job(KEY, hub)
    job = hub.store.jobs.objects[KEY]

    assert client.asked == ["get qingyang", "patch train"]
    assert job.status.phase is Phase.FAILED
    assert [(a.state, a.reason) for a in job.status.attempts] == [(AttemptState.LOST, "MemberRemoved")]


async def test_a_member_made_again_is_noticed_by_its_uid(hub: Hub, client: FakeClient) -> None:
    hub.intake.seen(a_placed_job())
    client.live[MemberCluster] = remade = stored(a_member("qingyang"), uid="another", version=9)
    hub.intake.seen(remade)

    assert await find_removed(KEY, hub) == {"uid-qingyang"}


async def test_a_member_that_a_lagging_view_lacks_is_not_gone(hub: Hub, client: FakeClient) -> None:
    hub.store.members.objects.clear()
    hub.intake.seen(a_placed_job())
    client.live[MemberCluster] = stored(a_member("qingyang"), uid="uid-qingyang", version=9)

    assert await find_removed(KEY, hub) == frozenset()
    assert MEMBER in hub.store.members.objects


async def test_nothing_is_concluded_from_a_member_that_cannot_be_read(hub: Hub, client: FakeClient) -> None:
    hub.intake.seen(a_placed_job())
    forget(hub)
    client.live[MemberCluster] = lost()
    with pytest.raises(type(lost())):
        await reconcile_job(KEY, hub)

    assert client.asked == ["get qingyang"]


@pytest.mark.parametrize("refusal", [NotFound("create", "/a", "404"), Forbidden("create", "/a", "403")])
async def test_a_namespace_that_is_gone_has_its_member_looked_at_and_the_create_tried_later(
    hub: Hub, client: FakeClient, refusal: NotFound | Forbidden
) -> None:
    hub.intake.seen(a_placed_job())
    hub.queue.open()
    client.trouble, client.trouble_at = refusal, "create"
    with pytest.raises(type(refusal)):
        await reconcile_job(KEY, hub)

    assert str(await hub.queue.take()) == "member qingyang"


def test_pools_are_gathered_only_for_a_job_that_may_be_placed_now(hub: Hub) -> None:
    job = a_placed_job()
    hub.intake.seen(job)
    live = observe_job(job, hub)
    removed = observe_job(job, hub, {"uid-qingyang"})
    hub.intake.seen(an_assignment(job, State.FAILED))
    reported = observe_job(job, hub)

    assert [len(view.snapshot.pools) for view in (live, removed, reported)] == [0, 1, 1]
