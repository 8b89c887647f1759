"""The hub on a real API server: members that are cordoned, drained, and leave."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from computility.kube.builtin import Lease, Namespace
from computility.model.assignment import Desired, State
from computility.model.member_cluster import MemberCluster
from computility.model.meta import ConditionStatus, ObjectMeta, find_condition
from computility.model.names import (
    AGENT_LEASE,
    DRAIN_ANNOTATION,
    MEMBER_FINALIZER,
    MEMBER_UID_ANNOTATION,
    member_namespace,
)
from support.hub import HubThread
from support.hub_plane import fresh_name
from support.hub_process import Crash, HubProcess
from support.network import Network, a_member

pytestmark = pytest.mark.control_plane

GIVEN_BACK = {"reason": "MemberDraining", "fault": "Infra", "started": "No"}

StartHub = Callable[..., Awaitable[HubThread]]
StartDyingHub = Callable[[Crash], HubProcess]


async def test_a_cordoned_member_gets_no_work_until_the_cordon_is_lifted(
    network: Network, hub: HubThread, member: str
) -> None:
    await hub.until_heard(await network.offer(member))
    await network.edit_member(member, cordon=True)
    await network.until_reason(member, "Cordoned", "Cordoned")
    await network.submit("patient")
    waiting = await network.until_waiting("patient", "NoPoolFits")
    await network.edit_member(member, cordon=False)
    await network.until_assigned(member)

    assert "Cordoned" in {r.reason for r in waiting.status.receipt.rejected}


async def test_a_drain_is_told_to_the_agent_and_done_when_the_last_attempt_has_ended(
    network: Network, member: str
) -> None:
    await network.offer(member)
    assignment = await network.start(member, "running")
    await network.edit_member(member, drain=True)
    draining = await network.until_reason(member, "Drained", "Draining")
    await until_told(network, member, DRAIN_ANNOTATION, "true")
    await network.report(assignment, State.SUCCEEDED)
    drained = await network.until_reason(member, "Drained", "Drained")
    job = await network.until_phase("running", "Succeeded")

    assert said(draining, "Drained").message == "attempts that have not ended: 1, running: 1"
    assert said(drained, "Drained").status is ConditionStatus.TRUE
    assert [a.ordinal for a in job.status.attempts] == [1]


@pytest.mark.parametrize("act", ["drain", "leave"])
async def test_what_an_emptied_member_gives_back_is_placed_elsewhere(
    network: Network, member: str, act: str
) -> None:
    await network.offer(member, price="0.1")
    assignment = await network.place(member, "moved")
    await network.until_phase("moved", "Placed")
    other = fresh_name("m")
    await network.join(other)
    await network.offer(other)
    await (network.leave(member) if act == "leave" else network.edit_member(member, drain=True))
    await until_told(network, member, DRAIN_ANNOTATION, "true")
    await network.report(assignment, State.CANCELLED, **GIVEN_BACK)
    await network.until_assigned(other)
    job = await network.job("moved")

    assert [(a.member, a.reason) for a in job.status.attempts] == [(member, "MemberDraining"), (other, "")]


async def test_a_leaving_member_is_kept_until_its_agent_has_reported_and_its_home_is_gone(
    network: Network, member: str
) -> None:
    await network.offer(member)
    assignment = await network.start(member, "awaited")
    await network.leave(member)
    await until_told(network, member, DRAIN_ANNOTATION, "true")
    kept = await network.until_reason(member, "Leaving", "MemberLeaving")
    (running,) = await network.assignments(member)
    await network.report(assignment, State.SUCCEEDED)
    await network.until_gone(a_member(member))
    await network.until_gone(home_of(member))
    job = await network.until_phase("awaited", "Succeeded")

    assert MEMBER_FINALIZER in kept.metadata.finalizers
    assert said(kept, "Leaving").message == "attempts that have not ended: 1, running: 1"
    assert said(kept, "Ready").reason == "MemberLeaving"
    assert running.spec.desired is Desired.RUN
    assert [a.ordinal for a in job.status.attempts] == [1]


async def test_nothing_is_placed_at_a_leaving_member(network: Network, member: str) -> None:
    await network.offer(member)
    await network.submit("first")
    await network.until_assigned(member)
    await network.leave(member)
    await network.until_reason(member, "Leaving", "MemberLeaving")
    await network.submit("second")
    waiting = await network.until_waiting("second", "NoPoolFits")

    assert "MemberLeaving" in {r.reason for r in waiting.status.receipt.rejected}


async def test_a_member_that_is_locked_out_leaves_at_once(network: Network, member: str) -> None:
    await network.offer(member)
    await network.start(member, "cut-off")
    await network.edit_member(member, accepted=False)
    await network.leave(member)
    job = await network.until_phase("cut-off", "Failed")
    await network.until_gone(a_member(member))

    assert [(a.state.value, a.reason) for a in job.status.attempts] == [("Lost", "MemberRemoved")]


async def test_attempts_at_a_silent_member_that_leaves_are_lost_and_it_goes(
    network: Network, hub: HubThread, member: str
) -> None:
    await network.offer(member)
    await network.start(member, "stranded")
    await network.leave(member)
    await network.until_reason(member, "Leaving", "MemberLeaving")
    hub.let_pass(700)
    job = await network.until_phase("stranded", "Failed")
    await network.until_gone(a_member(member))

    assert [(a.state.value, a.reason) for a in job.status.attempts] == [("Lost", "MemberRemoved")]


async def test_a_member_can_join_again_under_the_name_of_one_that_left(network: Network, member: str) -> None:
    await network.leave(member)
    await network.until_gone(a_member(member))
    made = await network.client.create(a_member(member))
    await network.until_reason(member, "Reconciling", "Reconciled")
    await network.renew(member)
    await until_told(network, member, MEMBER_UID_ANNOTATION, made.metadata.uid)
    await network.until_reason(member, "Ready", "LeaseRenewed")


async def test_a_namespace_that_is_not_ours_outlives_the_member(network: Network, hub: HubThread) -> None:
    name = fresh_name("m")
    await network.client.create(home_of(name))
    await network.client.create(a_member(name))
    await network.until_reason(name, "Stalled", "NamespaceForeign")
    await network.leave(name)
    await network.until_gone(a_member(name))

    assert (await network.client.get(Namespace, "", member_namespace(name))).status.phase == "Active"


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize(
    "write",
    [
        pytest.param(("patch", "memberclusters", 1), id="hold"),
        pytest.param(("patch", "leases", 2), id="tell-the-agent"),
        pytest.param(("delete", "serviceaccounts", 2), id="account"),
        pytest.param(("delete", "namespaces", 1), id="namespace"),
        pytest.param(("patch", "memberclusters", 2), id="release"),
    ],
)
async def test_a_member_leaves_wherever_the_hub_died(
    network: Network,
    start_dying_hub: StartDyingHub,
    start_hub: StartHub,
    moment: str,
    write: tuple[str, str, int],
) -> None:
    member = fresh_name("m")
    hub = start_dying_hub(Crash(moment, *write, home=member_namespace(member)))
    made = asyncio.create_task(live(network, member))
    await hub.until_dead()
    await start_hub()
    await made
    await network.until_gone(a_member(member))
    job = await network.job("job")
    home = await network.client.find(Namespace, "", member_namespace(member))

    assert [(a.ordinal, a.state.value) for a in job.status.attempts] == [(1, "Succeeded")]
    assert home is None or home.status.phase == "Terminating"


async def live(network: Network, member: str) -> None:
    """Join, get a job, and leave; the agent reports once it is told."""
    await network.join(member)
    await network.offer(member)
    assignment = await network.place(member, "job")
    await network.until_phase("job", "Placed")
    await network.leave(member)
    await until_told(network, member, DRAIN_ANNOTATION, "true")
    await network.report(assignment, State.SUCCEEDED)


async def until_told(network: Network, member: str, annotation: str, value: str) -> None:
    """Wait until the hub has written this for the agent."""
    await network.until(
        Lease,
        member_namespace(member),
        AGENT_LEASE,
        lambda lease: lease.metadata.annotations.get(annotation) == value,
        f"says {annotation}: {value}",
    )


def home_of(member: str) -> Namespace:
    return Namespace(metadata=ObjectMeta(name=member_namespace(member)))


def said(member: MemberCluster, type_: str) -> Any:
    found = find_condition(member.status.conditions, type_)
    assert found is not None
    return found
