"""Objects as the API server would have stored them, for tests without one."""

from typing import Any

import msgspec

from computility.lifecycle.render import render_assignment
from computility.model.assignment import Assignment, Desired, State
from computility.model.compute_job import Attempt, ComputeJob, ComputeJobStatus, Phase
from computility.model.tariff import Tariff
from support.network import OUTCOMES, a_job


def stored(item: Any, uid: str = "", version: int = 1, **changes: Any) -> Any:
    """Copy an object as version `version` of the object with this uid."""
    uid = uid or item.metadata.uid or f"uid-{item.metadata.name}"
    metadata = msgspec.structs.replace(item.metadata, uid=uid, resource_version=str(version), generation=1)
    return msgspec.structs.replace(item, metadata=metadata, **changes)


def an_attempt(ordinal: int = 1, member: str = "qingyang", pool: str = "cpu") -> Attempt:
    return Attempt(
        ordinal=ordinal,
        member=member,
        member_uid=f"uid-{member}",
        pool=pool,
        lease_seconds=600,
        tariff=Tariff(per_core_hour="1"),
    )


def a_placed_job(name: str = "train", *, version: int = 1, **attempt: Any) -> ComputeJob:
    status = ComputeJobStatus(
        observed_generation=1, phase=Phase.PLACED, last_ordinal=1, attempts=(an_attempt(**attempt),)
    )
    return stored(a_job("team", name), uid=job_uid(name), version=version, status=status)


def a_waiting_job(name: str = "train", *, version: int = 1) -> ComputeJob:
    status = ComputeJobStatus(observed_generation=1, phase=Phase.QUEUED)
    return stored(a_job("team", name), uid=job_uid(name), version=version, status=status)


def an_assignment(job: ComputeJob, state: State | None = None, *, version: int = 1) -> Assignment:
    """Render the Assignment of a placed job, with a report if a state is given."""
    rendered = render_assignment(job, job.status.attempts[0], Desired.RUN)
    return stored(rendered, version=version, status=OUTCOMES[state] if state else rendered.status)


def job_uid(name: str) -> str:
    """Return a uid of the real form that follows from the name."""
    text = name.encode().hex().ljust(32, "0")[:32]
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
