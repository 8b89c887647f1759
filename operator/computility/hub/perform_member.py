"""What decisions about members ask for, done on the API server."""

from collections.abc import Iterable

from computility.hub.hub import Hub
from computility.hub.observe_member import TERMINATING
from computility.kube.builtin import Lease, Namespace, RoleBinding, RoleRef, ServiceAccount, Subject
from computility.kube.errors import AlreadyExists, ApiError, Conflict, NotFound
from computility.lifecycle.member_actions import (
    Annotate,
    Bind,
    Hold,
    MakeAccount,
    MakeNamespace,
    MemberAction,
    Release,
    RemoveAccount,
    RemoveNamespace,
    Unbind,
)
from computility.model.member_cluster import MemberCluster
from computility.model.meta import Key, ObjectMeta
from computility.model.names import AGENT_LEASE, MEMBER_FINALIZER, MEMBER_LABEL


async def perform_all_for(
    member: MemberCluster, actions: Iterable[MemberAction], hub: Hub
) -> ApiError | None:
    """Do one after the other; stop at the first that fails and return why."""
    try:
        for action in actions:
            await perform_for(member, action, hub)
    except ApiError as failure:
        return failure
    return None


async def perform_for(member: MemberCluster, action: MemberAction, hub: Hub) -> None:
    """Do one thing for a member; that it is done already is as good.

    Raises:
        ApiError: As its class says.
    """
    match action:
        case Hold():
            await _set_finalizers(member, (*member.metadata.finalizers, MEMBER_FINALIZER), hub)
        case Release():
            others = tuple(f for f in member.metadata.finalizers if f != MEMBER_FINALIZER)
            await _set_finalizers(member, others, hub)
        case _:
            await _perform_at_home(action, hub)


async def _perform_at_home(action: MemberAction, hub: Hub) -> None:
    """Do what concerns the member's namespace and what is in it."""
    match action:
        case MakeNamespace(namespace=namespace, member=member):
            labels = {MEMBER_LABEL: member}
            await _create(Namespace(metadata=ObjectMeta(name=namespace, labels=labels)), hub)
            hub.router.queue_jobs_at(member)  # it may have been there before, with their Assignments
        case MakeAccount(namespace=namespace, account=account):
            await _create(ServiceAccount(metadata=ObjectMeta(name=account, namespace=namespace)), hub)
        case Bind(namespace=namespace, account=account):
            await _create(render_binding(namespace, account), hub)
        case Unbind(namespace=namespace, account=account):
            await hub.client.delete(RoleBinding, namespace, account)
        case Annotate(namespace=namespace, annotations=annotations):
            await _annotate(namespace, dict(annotations), hub)
        case RemoveAccount(namespace=namespace, account=account):
            await hub.client.delete(ServiceAccount, namespace, account)
        case RemoveNamespace(namespace=namespace, uid=uid):
            await _remove_namespace(namespace, uid, hub)


async def _set_finalizers(member: MemberCluster, finalizers: tuple[str, ...], hub: Hub) -> None:
    """Write the whole list, on the object as it was seen: a merge patch would drop what others added."""
    meta = member.metadata
    patch = {"metadata": {"finalizers": finalizers}}
    try:
        hub.intake.seen(
            await hub.client.patch(
                MemberCluster, "", meta.name, patch, resource_version=meta.resource_version
            )
        )
    except (Conflict, NotFound):
        await read_member(member, hub)


async def read_member(known: MemberCluster, hub: Hub) -> None:
    """Bring the store's copy of a member up to date."""
    live = await hub.client.find(MemberCluster, "", known.metadata.name)
    if live is not None:
        hub.intake.seen(live)
    else:
        hub.intake.gone(MemberCluster, Key("", known.metadata.name), known.metadata.uid)


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


async def _remove_namespace(namespace: str, uid: str, hub: Hub) -> None:
    try:
        await hub.client.delete(Namespace, "", namespace, uid=uid)
    except Conflict:
        # One that is being deleted already answers so as well, and one that was made in its place.
        found = await hub.client.find(Namespace, "", namespace)
        if found is not None and found.metadata.uid == uid and found.status.phase != TERMINATING:
            raise
