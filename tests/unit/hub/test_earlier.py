"""The earlier job whose work another's is like, as the hub finds it."""

import msgspec

from computility.hub.hub import Hub
from computility.hub.observe_job import observe_job
from computility.model.compute_job import ComputeJob, Work
from support.network import a_job
from support.stored import stored


def similar_to(name: str, tenant: str = "team") -> ComputeJob:
    job: ComputeJob = stored(a_job(tenant, "again", work=Work(similar_to=name)))
    return job


def test_the_earlier_job_is_one_of_the_same_namespace_as_it_is_now(hub: Hub) -> None:
    earlier = stored(a_job("team", "spectrum"))
    hub.intake.seen(earlier)

    assert observe_job(similar_to("spectrum"), hub).earlier is earlier
    assert observe_job(similar_to("spectrum", tenant="other"), hub).earlier is None
    assert observe_job(similar_to("nothing"), hub).earlier is None


def test_a_job_that_says_its_work_itself_is_like_no_other(hub: Hub) -> None:
    job = similar_to("spectrum")
    hub.intake.seen(stored(a_job("team", "spectrum")))
    plain = msgspec.structs.replace(job, spec=msgspec.structs.replace(job.spec, work=None))

    assert observe_job(plain, hub).earlier is None
