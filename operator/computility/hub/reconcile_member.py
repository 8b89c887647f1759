"""Moves one MemberCluster a step: its namespace, its agent's rights, the answer on the Lease, its status."""

import asyncio

from computility.hub.hub import Hub
from computility.hub.keys import Lane, member_work
from computility.hub.snapshot import heard_at, lease_of
from computility.kube.builtin import Lease, Namespace, RoleBinding, RoleRef, ServiceAccount, Subject
from computility.kube.errors import AlreadyExists, ApiError, Conflict, NotFound
from computility.lifecycle.member import decide_member
from computility.lifecycle.member_actions import (
    Annotate,
    Bind,
    MakeAccount,
    MakeNamespace,
    MemberAction,
    Unbind,
)
from computility.lifecycle.member_view import AgentLease, Home, MemberView, Pulse
from computility.model.member_cluster import MemberCluster, MemberClusterStatus
from computility.model.meta import Key, ObjectMeta
from computility.model.names import AGENT_LEASE, JOIN_ACCOUNT, MEMBER_LABEL, member_namespace


async def reconcile_member(name: str, hub: Hub) -> None:
    """Move a member towards its spec; safe to repeat at any moment.

    Raises:
        ApiError: Something could not be done; status is written all the same.
    """
    member = hub.store.members.objects.get(Key("", name))
    if member is None:
        return
    await listen(member, hub)
    decision = decide_member(await observe_member(member, hub), hub.now())
    failure = await _perform_all(decision.actions, hub)
    if decision.status is not None:
        await _write(member, decision.status, hub)
    if failure is not None:
        raise failure
    if decision.actions:
        hub.queue.add(member_work(name), Lane.ENDS)


async def listen(member: MemberCluster, hub: Hub) -> None:
    """Declare a member silent, once a live read of its Lease shows no renewal either."""
    name, seconds = member.metadata.name, member.spec.lease.seconds
    if not hub.heartbeats.is_overdue(name, seconds):
        return
    live = await hub.client.find(Lease, member_namespace(name), AGENT_LEASE)
    if live is not None:
        hub.intake.seen(live, is_news=False)
    if hub.heartbeats.is_overdue(name, seconds):
        hub.heartbeats.declare_silent(name)
        hub.intake.pulse_changed(name)


async def observe_member(member: MemberCluster, hub: Hub) -> MemberView:
    """Read what there is for a member on the hub cluster."""
    name = member.metadata.name
    lease = lease_of(name, hub)
    return MemberView(
        member=member,
        home=await _observe_home(name, hub),
        pulse=hub.heartbeats.pulse(name) if lease else Pulse.NEVER,
        lease=AgentLease(
            annotations=lease.metadata.annotations,
            holder=lease.spec.holder_identity or "",
            heard_at=heard_at(name, hub),
        )
        if lease
        else None,
    )


async def _observe_home(member: str, hub: Hub) -> Home:
    namespace = member_namespace(member)
    found = await hub.client.find(Namespace, "", namespace)
    if found is None:
        return Home()
    if found.metadata.labels.get(MEMBER_LABEL) != member:
        return Home(exists=True)
    names = (JOIN_ACCOUNT, AGENT_LEASE)
    accounts = await asyncio.gather(*(hub.client.find(ServiceAccount, namespace, n) for n in names))
    bindings = await asyncio.gather(*(hub.client.find(RoleBinding, namespace, n) for n in names))
    return Home(
        exists=True,
        is_ours=True,
        accounts=frozenset(n for n, account in zip(names, accounts, strict=True) if account),
        bound=frozenset(n for n, binding in zip(names, bindings, strict=True) if binding),
    )


async def _perform_all(actions: tuple[MemberAction, ...], hub: Hub) -> ApiError | None:
    try:
        for action in actions:
            await perform_for_member(action, hub)
    except ApiError as failure:
        return failure
    return None


async def perform_for_member(action: MemberAction, hub: Hub) -> None:
    """Do one thing for a member; that it is done already is as good."""
    match action:
        case MakeNamespace(namespace=namespace, member=member):
            labels = {MEMBER_LABEL: member}
            await _create(Namespace(metadata=ObjectMeta(name=namespace, labels=labels)), hub)
            hub.intake.queue_jobs_at(member)  # it may have been there before, with their Assignments
        case MakeAccount(namespace=namespace, account=account):
            await _create(ServiceAccount(metadata=ObjectMeta(name=account, namespace=namespace)), hub)
        case Bind(namespace=namespace, account=account):
            await _create(render_binding(namespace, account), hub)
        case Unbind(namespace=namespace, account=account):
            await hub.client.delete(RoleBinding, namespace, account)
        case Annotate(namespace=namespace, annotations=annotations):
            await _annotate(namespace, dict(annotations), hub)


def render_binding(namespace: str, account: str) -> RoleBinding:
    """Render the binding of the ClusterRole of an account's name to that account."""
    return RoleBinding(
        metadata=ObjectMeta(name=account, namespace=namespace),
        role_ref=RoleRef(name=account),
        subjects=(Subject(name=account, namespace=namespace),),
    )


async def _create(item: Namespace | ServiceAccount | RoleBinding, hub: Hub) -> None:
    try:
        await hub.client.create(item)
    except AlreadyExists:
        return


async def _annotate(namespace: str, annotations: dict[str, str], hub: Hub) -> None:
    try:
        patch = {"metadata": {"annotations": annotations}}
        hub.intake.seen(await hub.client.patch(Lease, namespace, AGENT_LEASE, patch), is_news=False)
    except NotFound:
        return  # the watch will tell; the agent makes it again, and is answered then


async def _write(member: MemberCluster, status: MemberClusterStatus, hub: Hub) -> None:
    try:
        hub.intake.seen(await hub.client.write_status(member, status))
    except (Conflict, NotFound):
        await _read(member, hub)
        hub.queue.add(member_work(member.metadata.name), Lane.ENDS)


async def _read(known: MemberCluster, hub: Hub) -> None:
    live = await hub.client.find(MemberCluster, "", known.metadata.name)
    if live is not None:
        hub.intake.seen(live)
    else:
        hub.intake.gone(MemberCluster, Key("", known.metadata.name), known.metadata.uid)
