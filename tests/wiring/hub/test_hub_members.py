"""The hub on a real API server: what becomes of members."""

import pytest

from computility.kube.builtin import Lease, Namespace, RoleBinding, ServiceAccount
from computility.kube.client import Client
from computility.model.member_cluster import MemberCluster
from computility.model.meta import ConditionStatus, ObjectMeta, find_condition, is_true
from computility.model.names import (
    ACCEPTED_ANNOTATION,
    AGENT_ACCOUNT,
    AGENT_LEASE,
    JOIN_ACCOUNT,
    LEASE_SECONDS_ANNOTATION,
    MEMBER_LABEL,
    MEMBER_UID_ANNOTATION,
    member_namespace,
)
from support.hub import HubThread
from support.hub_plane import fresh_name
from support.network import Network, a_member

pytestmark = pytest.mark.control_plane


async def test_a_new_member_gets_a_namespace_and_accounts_but_no_rights_for_its_agent(
    network: Network, hub: HubThread
) -> None:
    name = fresh_name("m")
    await network.client.create(a_member(name, accepted=False))
    member = await network.until_reason(name, "Reconciling", "Reconciled")
    home = await network.client.get(Namespace, "", member_namespace(name))

    assert home.metadata.labels[MEMBER_LABEL] == name
    assert await _accounts(network.client, name) == {JOIN_ACCOUNT, AGENT_ACCOUNT}
    assert await _bindings(network.client, name) == {JOIN_ACCOUNT}
    assert _reason(member, "Ready") == "NotAccepted"
    assert member.status.namespace == member_namespace(name)


async def test_acceptance_gives_the_agent_its_rights_and_taking_it_back_removes_them(
    network: Network, member: str
) -> None:
    bound = await _bindings(network.client, member)
    await network.client.patch(MemberCluster, "", member, {"spec": {"accepted": False}})
    await network.until_reason(member, "Ready", "NotAccepted")
    await network.until_reason(member, "Reconciling", "Reconciled")

    assert bound == {JOIN_ACCOUNT, AGENT_ACCOUNT}
    assert await _bindings(network.client, member) == {JOIN_ACCOUNT}
    assert await _annotation(network.client, member, ACCEPTED_ANNOTATION) == "false"


async def test_the_agent_is_answered_on_its_lease_and_shown_in_status(network: Network, member: str) -> None:
    seen = await network.until_reason(member, "Reconciling", "Reconciled")
    answered = {
        name: await _annotation(network.client, member, name)
        for name in (MEMBER_UID_ANNOTATION, ACCEPTED_ANNOTATION, LEASE_SECONDS_ANNOTATION)
    }

    assert list(answered.values()) == [seen.metadata.uid, "true", "600"]
    assert (seen.status.agent.version, seen.status.agent.holder) == ("0.1.0", "j1")


async def test_a_namespace_of_somebody_else_is_left_alone(network: Network, hub: HubThread) -> None:
    name = fresh_name("m")
    namespace = member_namespace(name)
    await network.client.create(Namespace(metadata=ObjectMeta(name=namespace)))
    await network.client.create(a_member(name))
    member = await network.until_reason(name, "Stalled", "NamespaceForeign")

    assert is_true(member.status.conditions, "Stalled")
    assert not is_true(member.status.conditions, "Ready")
    assert namespace in _message(member, "Stalled")
    assert not await _bindings(network.client, name)


async def test_renewals_cost_the_hub_no_writes(network: Network, hub: HubThread, member: str) -> None:
    await network.until_reason(member, "Reconciling", "Reconciled")
    await hub.until_heard(await network.renew(member))
    await network.until_reason(member, "Ready", "LeaseRenewed")
    await hub.until_idle()
    before = _member_writes(hub)
    for _ in range(5):
        lease = await network.renew(member)
    await hub.until_heard(lease)
    await hub.until_idle()

    assert _member_writes(hub) == before


async def test_a_silent_member_gets_no_work_until_it_renews(
    network: Network, hub: HubThread, member: str
) -> None:
    await hub.until_heard(await network.offer(member))
    await network.until_reason(member, "Reconciling", "Reconciled")
    hub.let_pass(700)
    silent = await network.until_reason(member, "Ready", "MemberSilent")
    await network.submit("patient")
    waiting = await network.until_waiting("patient", "NoPoolFits")
    hub.let_pass(0)
    await network.renew(member)
    await network.until_reason(member, "Ready", "LeaseRenewed")
    await network.until_assigned(member)

    assert "renewed its Lease last at 2" in _message(silent, "Ready")
    assert "MemberSilent" in {r.reason for r in waiting.status.receipt.rejected}


async def test_a_job_at_a_silent_member_says_so_and_runs_on(
    network: Network, hub: HubThread, member: str
) -> None:
    await network.offer(member)
    assignment = await network.place(member, "running")
    await network.until_phase("running", "Placed")
    hub.let_pass(700)
    job = await network.until_condition("running", "MemberReachable", ConditionStatus.FALSE)
    hub.let_pass(0)
    await network.renew(member)
    back = await network.until_condition("running", "MemberReachable", ConditionStatus.TRUE)

    assert job.status.phase.value == back.status.phase.value == "Placed"
    assert (await network.assignments(member)) == [assignment]


async def test_a_renewal_that_the_watch_has_not_told_of_counts(
    network: Network, hub: HubThread, member: str
) -> None:
    await network.until_reason(member, "Reconciling", "Reconciled")
    hub.deafen_to(Lease)
    await network.renew(member)
    hub.let_pass(700)
    await hub.until_read("leases")
    await hub.until_idle()
    member_now = await network.client.get(MemberCluster, "", member)

    assert _reason(member_now, "Ready") == "LeaseRenewed"


def _member_writes(hub: HubThread) -> float:
    name = "computility_hub_api_requests_total"
    patched = ("memberclusters/status", "leases")
    written = sum(hub.metrics.value(name, verb="patch", resource=resource) for resource in patched)
    return written + sum(
        hub.metrics.value(name, verb="create", resource=resource)
        for resource in ("namespaces", "serviceaccounts", "rolebindings")
    )


def _reason(member: MemberCluster, type_: str) -> str:
    found = find_condition(member.status.conditions, type_)
    return found.reason if found else ""


def _message(member: MemberCluster, type_: str) -> str:
    found = find_condition(member.status.conditions, type_)
    return found.message if found else ""


async def _accounts(client: Client, member: str) -> set[str]:
    listed = await client.list(ServiceAccount, member_namespace(member))
    return {account.metadata.name for account in listed.items} - {"default"}


async def _bindings(client: Client, member: str) -> set[str]:
    listed = await client.list(RoleBinding, member_namespace(member))
    return {binding.metadata.name for binding in listed.items}


async def _annotation(client: Client, member: str, name: str) -> str:
    lease = await client.get(Lease, member_namespace(member), AGENT_LEASE)
    return lease.metadata.annotations.get(name, "")
