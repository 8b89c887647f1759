"""Which members of a job's live attempts will never report on them: gone, or about to leave and silent."""

from computility.hub.hub import Hub
from computility.hub.snapshot import pulse_of
from computility.lifecycle.member_closing import is_beyond_reach
from computility.model.member_cluster import MemberCluster
from computility.model.meta import Key


async def find_removed(job: Key, hub: Hub) -> frozenset[str]:
    """Return the uids of MemberClusters with a live attempt of a job that nobody will report on.

    One that was deleted and is held by our finalizer still counts while its agent is heard of. Costs nothing
    while the store has each of them: only one that it lacks, or knows by another uid, is read.

    Raises:
        ApiError: One could not be read; nothing is concluded from it.
    """
    known = hub.store.jobs.objects.get(job)
    live = [a for a in known.status.attempts if not a.state.is_terminal] if known else []
    uids = {(a.member, a.member_uid) for a in live}
    return frozenset([uid for member, uid in uids if await _is_removed(member, uid, hub)])


async def _is_removed(member: str, uid: str, hub: Hub) -> bool:
    key = Key("", member)
    known = hub.store.members.objects.get(key)
    if known is not None and known.metadata.uid == uid:
        return is_beyond_reach(known, pulse_of(member, hub))
    found = await hub.client.find(MemberCluster, "", member)
    if found is not None:
        hub.intake.seen(found)
    elif known is not None:
        hub.intake.gone(MemberCluster, key, known.metadata.uid)
    return found is None or found.metadata.uid != uid
