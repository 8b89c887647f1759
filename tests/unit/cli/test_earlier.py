"""The jobs that others are similar to, as the command reads them."""

import msgspec
import pytest

from computility.cli.cluster import Answer, Request
from computility.cli.earlier import read_earlier
from computility.cli.errors import CliError, Forbidden, NotFound
from computility.cli.quotes import Market, make_quotes
from computility.model.compute_job import AttemptState, ComputeJob, Phase, Work
from computility.model.meta import Key
from computility.model.pool_facts import Benchmark, Measure
from computility.placement.snapshot import Snapshot
from support.builders import NOON, a_job, an_attempt
from support.placing import a_pool_with

RAN = an_attempt(state=AttemptState.SUCCEEDED, run_seconds=10.0, speed=1.0)
EARLIER = a_job(name="spectrum", attempts=(RAN,), phase=Phase.SUCCEEDED)


class Cluster:
    """A cluster with the one job, or an error for every other."""

    def __init__(self, error: CliError) -> None:
        self.asked: list[str] = []
        self._error = error

    def send(self, request: Request) -> Answer:
        self.asked.append(request.path.rpartition("/")[2])
        if self.asked[-1] != "spectrum":
            raise self._error
        return Answer(200, msgspec.json.encode(EARLIER))


def similar_to(name: str) -> ComputeJob:
    job = a_job(name=f"like-{name}")
    return msgspec.structs.replace(job, spec=msgspec.structs.replace(job.spec, work=Work(similar_to=name)))


def test_each_is_read_once_and_what_is_not_there_is_left_out() -> None:
    cluster = Cluster(NotFound("there is none"))
    jobs = [similar_to("spectrum"), similar_to("spectrum"), similar_to("gone"), a_job()]

    found = read_earlier(cluster, jobs)  # type: ignore[arg-type]

    assert found.keys() == {Key("team-a", "spectrum")}
    assert sorted(cluster.asked) == ["gone", "spectrum"]


def test_one_that_may_not_be_read_ends_the_command() -> None:
    with pytest.raises(Forbidden):
        read_earlier(Cluster(Forbidden("ask for a role")), [similar_to("secret")])  # type: ignore[arg-type]


def test_a_quote_reckons_with_the_work_of_the_earlier_job() -> None:
    pool = a_pool_with(core_hour="180", benchmark=(Benchmark(measure=Measure.CORE, relative=0.5),))
    earlier = {Key("team-a", "spectrum"): EARLIER}

    (found,) = make_quotes([similar_to("spectrum")], [], Market(Snapshot(pools=(pool,)), NOON, earlier))

    assert found.chosen is not None
    assert (found.chosen.run_seconds, found.chosen.cost, found.note) == (20, "1", "")
