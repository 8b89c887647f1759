"""On a real API server: waiting for a job's end."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from support.cli import Run
from support.samples import full_status
from support.team import Team, attempt

pytestmark = pytest.mark.control_plane

SUCCEEDED = {"phase": "Succeeded", "exitCode": 0, "attempts": [attempt("Succeeded")]}
FAILED = {"phase": "Failed", "exitCode": 3, "attempts": [attempt("Failed", reason="NonZeroExitCode")]}
TERMINATED = {"phase": "Failed", "signal": 15, "attempts": [attempt("Failed", reason="KilledBySignal")]}
CANCELLED = {"phase": "Cancelled", "signal": 15, "attempts": [attempt("Cancelled")]}
LOST = {"phase": "Failed", "attempts": [attempt("Lost", reason="NoResult")]}
REFUSED = {"phase": "Failed", "attempts": [attempt("Failed", reason="PartitionUnknown")]}


@pytest.mark.parametrize(
    ("status", "code"),
    [
        pytest.param(SUCCEEDED, 0, id="success"),
        pytest.param(FAILED, 3, id="its-own-exit-code"),
        pytest.param(TERMINATED, 143, id="a-signal"),
        pytest.param(CANCELLED, 120, id="cancelled"),
        pytest.param(LOST, 121, id="lost"),
        pytest.param(REFUSED, 122, id="refused-by-the-centre"),
    ],
)
def test_it_exits_as_the_job_ended(status: dict[str, Any], code: int, team: Team, run: Run) -> None:
    team.create("hello")
    team.report("hello", **status)

    assert run("wait", "hello", "--timeout", "60").code == code


def test_the_ends_of_the_jobs_output_are_its_own_output(team: Team, run: Run) -> None:
    team.create("hello")
    team.report("hello", **FAILED, stdoutTail="half done", stderrTail="no such file\n")

    ran = run("wait", "hello", "--timeout", "60")

    assert ran.out == "half done\n"
    assert ran.err == "no such file\nhello: Failed: NonZeroExitCode, exit code 3\n"


def test_the_last_line_tells_what_it_came_to(team: Team, run: Run) -> None:
    team.create("hello")
    team.report("hello", **full_status("ComputeJob") | {"phase": "Succeeded"})

    assert run("wait", "hello", "--timeout", "60").err.splitlines()[-1] == (
        "hello: Succeeded (1201.0 s, 21.34 CNY)"
    )


def test_a_job_without_a_place_is_given_up_with_a_code_of_its_own(team: Team, run: Run) -> None:
    team.create("hello")

    ran = run("wait", "hello", "--timeout", "0.5")

    assert ran.code == 125
    assert ran.err.splitlines()[-1] == "hello: not looked at yet after 0.5 s: it has no place yet"


def test_a_job_that_runs_on_is_given_up_with_another(team: Team, run: Run) -> None:
    team.create("hello")
    team.report("hello", phase="Running", attempts=[attempt("Running")])

    ran = run("wait", "hello", "--timeout", "0.5")

    assert ran.code == 124
    assert "hello: Running on alpha/cpu" in ran.err


class Waiting:
    """`computility wait` in a process of its own, with the lines that it says."""

    def __init__(self, team: Team, *arguments: str) -> None:
        argv = [sys.executable, "-m", "computility.cli.main", *arguments]
        env = os.environ | {"KUBECONFIG": str(team.kubeconfig)}
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(argv, env=env, stdin=pipe, stdout=pipe, stderr=pipe, text=True)

    def line(self) -> str:
        assert self.process.stderr is not None
        return self.process.stderr.readline().rstrip()

    def ended(self) -> int:
        return self.process.wait(timeout=30)


@pytest.fixture
def waiting(team: Team) -> Iterator[Waiting]:
    team.create("hello")
    waiting = Waiting(team, "wait", "hello", "--timeout", "60")
    assert waiting.line() == "hello: not looked at by the hub yet"
    yield waiting
    waiting.process.kill()
    waiting.process.communicate()


def test_each_step_is_told_when_it_comes(team: Team, waiting: Waiting) -> None:
    condition = {
        "type": "Placed",
        "status": "False",
        "observedGeneration": 1,
        "lastTransitionTime": "2026-11-24T08:00:00Z",
        "reason": "NoPools",
        "message": "no member offers a pool yet",
    }
    team.report("hello", phase="Queued", conditions=[condition])
    assert waiting.line() == "hello: Queued: no member offers a pool yet"

    team.report("hello", phase="Running", attempts=[attempt("Running")])
    assert waiting.line() == "hello: Running on alpha/cpu"

    team.report("hello", **FAILED)
    assert waiting.line() == "hello: Failed: NonZeroExitCode, exit code 3"
    assert waiting.ended() == 3


def test_a_deleted_job_ends_the_waiting(team: Team, waiting: Waiting) -> None:
    team.delete("hello")

    assert waiting.ended() == 123


def test_interrupting_ends_the_waiting_and_not_the_job(team: Team, waiting: Waiting) -> None:
    waiting.process.send_signal(signal.SIGINT)

    assert waiting.ended() == 130
    assert waiting.line() == "hello: goes on; `computility cancel hello` ends it"
    assert "cancel" not in team.read("hello")["spec"] or not team.read("hello")["spec"]["cancel"]


def test_submitting_and_waiting_is_one_command(team: Team) -> None:
    both = Waiting(team, "submit", "-", "--wait")
    assert both.process.stdin is not None
    both.process.stdin.write(yaml.safe_dump(team.manifest("hello")))
    both.process.stdin.close()
    assert both.line() == "hello: not looked at by the hub yet"

    team.report("hello", **TERMINATED)

    assert both.ended() == 143
    assert both.process.stdout is not None
    assert both.process.stdout.read() == "computejob.computility.io/hello created\n"
