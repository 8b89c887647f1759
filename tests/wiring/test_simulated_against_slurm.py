"""One list of jobs at the real Slurm and at the simulated centre: the same order of starts, and alike waits.

The simulated one starts work at once. The real one starts it in steps: at each end of a job, and behind a
blocked one only every `bf_interval` (5 s in the lab). It also needs a while to start a job and to notice its
end, and the busier the machine, the longer. That adds up along a chain of jobs that wait for each other. How
long the longest such step took is measured in the run itself, so no bound here is one on the machine's speed:
each wait may be longer than the simulated one by one interval, and by such a step for each of the chain; it
is never shorter.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import pytest

from computility.backends.simulated.config import CentreConfig, NodeGroup, Partition
from computility.backends.simulated.engine import Engine
from computility.backends.simulated.requests import Request, Run
from computility.lab.slurm_centre import Centre
from computility.lab.slurm_config import ACCOUNTS_ROOT
from computility.lab.waiting import wait_until

BACKFILL_SECONDS = 5.0
CLOCK_SECONDS = 0.5
"""How far the instants of two processes may be read apart."""
NODES, CORES = 3, 8


@dataclass(frozen=True)
class Job:
    """What one job asks for, and how long it really runs."""

    nodes: int
    cores: int
    seconds: int
    minutes: int


class Span(NamedTuple):
    """When a job's payload began and ended, in seconds from the release of all."""

    start: float
    end: float


JOBS = (
    Job(nodes=2, cores=8, seconds=3, minutes=5),
    Job(nodes=1, cores=8, seconds=5, minutes=5),
    Job(nodes=3, cores=8, seconds=2, minutes=5),  # all nodes: nothing later may go before it
    Job(nodes=1, cores=8, seconds=1, minutes=10),
    Job(nodes=2, cores=8, seconds=3, minutes=10),
    Job(nodes=1, cores=8, seconds=14, minutes=10),
    Job(nodes=2, cores=8, seconds=2, minutes=10),
    Job(nodes=3, cores=8, seconds=1, minutes=10),  # waits for the one of 14 s
    Job(nodes=1, cores=8, seconds=4, minutes=20),
    Job(nodes=1, cores=8, seconds=2, minutes=20),
    Job(nodes=1, cores=4, seconds=6, minutes=20),
    Job(nodes=1, cores=4, seconds=3, minutes=20),  # beside the one before, on the same node
    Job(nodes=1, cores=8, seconds=1, minutes=7),  # short enough to go before the second of all nodes
    Job(nodes=3, cores=1, seconds=1, minutes=30),
)


@pytest.mark.slurm
@pytest.mark.slow
def test_the_same_jobs_start_in_the_same_order_and_at_like_times(centre: Centre) -> None:
    simulated = run_simulated(JOBS)
    spans = run_real(centre, JOBS)
    real = [span.start for span in spans]

    for later, starts_later in enumerate(simulated):
        for earlier, starts_earlier in enumerate(simulated):
            if starts_earlier < starts_later:
                assert real[earlier] < real[later], f"{earlier} before {later}: {simulated}, {real}"
    steps, step_seconds = sorted(set(simulated)), measure_step(JOBS, spans)
    for ours, theirs in zip(simulated, real, strict=True):
        bound = BACKFILL_SECONDS + step_seconds * (steps.index(ours) + 1)
        assert -CLOCK_SECONDS <= theirs - ours <= bound, f"simulated {simulated}, real {spans}"


def measure_step(jobs: Sequence[Job], spans: Sequence[Span]) -> float:
    """Return how long a step of the chain took at most: what a job overran, and the pause before a start."""
    overrun = max(span.end - span.start - job.seconds for job, span in zip(jobs, spans, strict=True))
    ends = [0.0, *(span.end for span in spans)]
    idle = max(span.start - max(end for end in ends if end <= span.start) for span in spans)
    return overrun + idle


def test_a_step_is_measured_from_the_last_end_before_a_start() -> None:
    jobs = [Job(nodes=1, cores=1, seconds=2, minutes=1)] * 3
    spans = [Span(0.25, 2.5), Span(3.0, 5.0), Span(3.25, 5.25)]

    assert measure_step(jobs, spans) == 0.25 + 0.75


def test_the_list_has_a_backfill_that_starts_before_its_turn() -> None:
    starts = run_simulated(JOBS)

    assert starts[12] < starts[7]
    assert starts != sorted(starts)


def run_simulated(jobs: tuple[Job, ...]) -> list[float]:
    """Return how long each job waits at a simulated centre."""
    group = NodeGroup(name="cpu", nodes=NODES, cores=CORES, memory_mib=16_000)
    engine = Engine(CentreConfig(groups=(group,), partitions=(Partition(name="cpu"),)))
    for number, job in enumerate(jobs):
        engine.submit(a_request(str(number), job))
        engine.go(str(number))
    for number in range(len(jobs)):
        (workload,) = engine.find(str(number))
        engine.release(workload.id, workload.name)
    engine.advance(600)
    tasks = [engine.claims(str(number))[0][1] for number in range(len(jobs))]
    return [task.started_at for task in tasks]


def a_request(name: str, job: Job) -> Request:
    return Request(
        name=name,
        account="alice",
        partition="cpu",
        nodes=job.nodes,
        cores_per_node=job.cores,
        limit_seconds=60 * job.minutes,
        run=Run(seconds=job.seconds),
    )


def run_real(centre: Centre, jobs: tuple[Job, ...]) -> list[Span]:
    """Return when each job ran at the real centre."""
    folder = f"{ACCOUNTS_ROOT}/alice/against-simulated"
    as_alice(centre, ["mkdir", folder])
    ids = [submit(centre, job, f"{folder}/{number}") for number, job in enumerate(jobs)]
    released_at = time.time()
    as_alice(centre, ["scontrol", "release", ",".join(ids)])
    wait_until(lambda: count_ended(centre, folder) == len(jobs), "all jobs to end", timeout_seconds=120)
    texts = [as_alice(centre, ["cat", f"{folder}/{number}"]) for number in range(len(jobs))]
    as_alice(centre, ["rm", "-r", folder])
    return [Span(*(float(instant) - released_at for instant in text.split())) for text in texts]


def submit(centre: Centre, job: Job, file: str) -> str:
    script = (
        f"#!/bin/sh\ndate +%s.%N >{file}\nsleep {job.seconds}\ndate +%s.%N >>{file}\ntouch {file}.ended\n"
    )
    shape = [f"--nodes={job.nodes}", f"--ntasks-per-node={job.cores}", f"--time={job.minutes}"]
    options = ["--hold", "--parsable", "--output=/dev/null", "--partition=cpu", "--no-requeue", "--chdir=/"]
    return as_alice(centre, ["sbatch", *options, *shape], script).strip()


def count_ended(centre: Centre, folder: str) -> int:
    return as_alice(centre, ["ls", folder]).count(".ended")


def as_alice(centre: Centre, argv: list[str], text: str = "") -> str:
    answer = centre.run(argv, user="alice", text=text)
    assert answer.returncode == 0, f"{argv}: {answer.stderr}"
    return answer.stdout
