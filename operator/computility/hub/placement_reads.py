"""What placement reads of the objects that it looks at: waiting jobs are woken when that has changed."""

from datetime import timedelta

from computility.hub.shelf import Change
from computility.kube.builtin import Namespace
from computility.model.data_link import DataLink, DataLinkSpec
from computility.model.member_cluster import MemberCluster
from computility.model.names import USER_CLASS_LABEL
from computility.model.resource_pool import ResourcePool
from computility.placement.figures import free_of, up_of


def read_of_member(member: MemberCluster | None) -> object:
    """Return what is read of a member."""
    return (member.spec, member.metadata.deletion_timestamp) if member else None


def read_of_link(link: DataLink | None) -> DataLinkSpec | None:
    """Return what is read of a link."""
    return link.spec if link else None


def user_class_of(namespace: Namespace | None) -> str:
    """Return the class of user that a namespace is in; "" for none."""
    return namespace.metadata.labels.get(USER_CLASS_LABEL, "") if namespace else ""


def has_other_terms(change: Change[ResourcePool]) -> bool:
    """Say whether a pool may take other jobs than before. That it has other figures does not count."""
    return _terms(change.old) != _terms(change.new) or _is_heard_of_again(change)


def _terms(pool: ResourcePool | None) -> object:
    """Return what the pool offers, and whether it was ever looked at."""
    return (pool.spec, pool.metadata.labels, pool.status.observed_at is None) if pool else None


def nodes_up(pool: ResourcePool | None) -> int:
    """Return how many of a pool's nodes are there and not down, as far as anybody knows."""
    return up_of(pool.spec, pool.status).nodes if pool else 0


def _is_heard_of_again(change: Change[ResourcePool]) -> bool:
    """Say whether the pool's figures were older than its `validSeconds` when these came."""
    before = change.old.status.observed_at if change.old else None
    now = change.new.status.observed_at if change.new else None
    if change.old is None or before is None or now is None:
        return False
    return now - before > timedelta(seconds=change.old.spec.valid_seconds)


def has_shorter_queue(change: Change[ResourcePool]) -> bool:
    """Say whether something may start sooner at a pool: its scheduler names other starts, or more is free."""
    old, new = change.old, change.new
    if old is None or new is None:
        return False
    free, before = free_of(new.spec, new.status), free_of(old.spec, old.status)
    is_freer = free.nodes > before.nodes or free.cores > before.cores or free.cards > before.cards
    return is_freer or new.status.forecast != old.status.forecast
