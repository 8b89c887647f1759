"""The hub on a real API server: an agent that is away for long, and many that fall silent at once."""

import pytest

from computility.model.assignment import Desired, State
from computility.model.meta import ConditionStatus
from support.eventually import eventually
from support.hub import HubThread
from support.hub_plane import fresh_name
from support.network import Network

pytestmark = pytest.mark.control_plane

HOUR = 3600.0


async def test_a_job_waits_for_an_agent_that_is_away_for_an_hour_and_ends_well(
    network: Network, hub: HubThread
) -> None:
    member = fresh_name("m")
    await network.join(member, lease_seconds=10)
    await network.offer(member)
    assignment = await network.start(member, "patient")
    silent = await network.until_condition("patient", "MemberReachable", ConditionStatus.FALSE)
    hub.let_pass(HOUR)
    await hub.until_idle()
    (kept,) = await network.assignments(member)
    waiting = await network.job("patient")
    hub.let_pass(0)
    await network.renew(member)
    back = await network.until_condition("patient", "MemberReachable", ConditionStatus.TRUE)
    await network.report(assignment, State.SUCCEEDED)
    ended = await network.until_phase("patient", "Succeeded")

    assert silent.status.reason == waiting.status.reason == "MemberSilent"
    assert (kept.metadata.uid, kept.spec.desired) == (assignment.metadata.uid, Desired.RUN)
    assert waiting.status.phase == back.status.phase
    assert [(a.ordinal, a.state.value) for a in ended.status.attempts] == [(1, "Succeeded")]


async def test_members_that_fall_silent_all_at_once_are_given_one_more_lease(
    network: Network, hub: HubThread
) -> None:
    members = [fresh_name("m") for _ in range(3)]
    for member in members:
        await network.join(member)
    mass = hub.parts.mass_silence
    hub.let_pass(700)
    await eventually(lambda: mass.is_under_way, "the hub takes it for one trouble")
    await hub.until_idle()
    spared = [await network.until_reason(member, "Ready", "LeaseRenewed") for member in members]
    shown = "computility_hub_mass_silence 1\n" in hub.metrics.render()
    hub.let_pass(1400)
    for member in members:
        await network.until_reason(member, "Ready", "MemberSilent")
    hub.let_pass(0)
    for member in members:
        await network.renew(member)
        await network.until_reason(member, "Ready", "LeaseRenewed")
    await eventually(lambda: not mass.is_under_way, "it is over")

    assert len(spared) == 3
    assert shown
