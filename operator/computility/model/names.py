"""The names that tie one attempt together on the hub, at the member and on disk."""

import re

ASSIGNMENT_NAME = re.compile(r"cj-[0-9a-f]{32}-[1-9][0-9]{0,8}")

MEMBER_LABEL = "computility.io/member"
MEMBER_FINALIZER = "computility.io/member"
"""Keeps a MemberCluster until its work is settled and its accounts are gone."""
JOB_UID_LABEL = "computility.io/job-uid"
JOB_NAMESPACE_LABEL = "computility.io/job-namespace"
ATTEMPT_LABEL = "computility.io/attempt"
AGENT_LEASE = "computility-agent"
"""Name of the agent's Lease in its member's namespace."""
AGENT_ACCOUNT = "computility-agent"
"""Name of its ServiceAccount there, and of the ClusterRole that it has while the member is accepted."""
JOIN_ACCOUNT = "computility-join"
"""Likewise of the account by which an agent joins."""
ACCOUNTS = (JOIN_ACCOUNT, AGENT_ACCOUNT)
USER_CLASS_LABEL = "computility.io/user-class"
"""On a tenant's namespace: the class of user by which pools' tariffs have factors."""

# What the hub answers on the agent's Lease (PROTOCOL 1.7).
MEMBER_UID_ANNOTATION = "computility.io/member-uid"
ACCEPTED_ANNOTATION = "computility.io/accepted"
LEASE_SECONDS_ANNOTATION = "computility.io/lease-seconds"
DRAIN_ANNOTATION = "computility.io/drain"
# What the agent says of itself there.
AGENT_VERSION_ANNOTATION = "computility.io/agent-version"


def member_namespace(member: str) -> str:
    """Return the namespace on the hub that belongs to a member."""
    return f"member-{member}"


def assignment_name(job_uid: str, ordinal: int) -> str:
    """Return the one name of an attempt: of its Assignment, its Slurm job, its claim, its records.

    It derives from the job's uid, not from tenant text, and keeps all 128 bits of it.
    """
    return f"cj-{job_uid.replace('-', '').lower()}-{ordinal}"
