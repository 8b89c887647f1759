"""On a real API server: waiting for a job's end."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from computility.lab.control_plane import ControlPlane
from support.api import Api
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


def test_a_job_that_is_not_there_is_told_apart_from_a_payloads_failure(team: Team, run: Run) -> None:
    ran = run("wait", "nowhere")

    assert (ran.code, ran.out) == (119, "")
    assert 'cannot read job "nowhere"' in ran.err
    assert "not found" in ran.err


@pytest.mark.parametrize(
    ("arguments", "wrong"),
    [
        pytest.param(("a b",), 'no job can be named "a b"', id="job"),
        pytest.param(("../../pods/x",), 'no job can be named "../../pods/x"', id="path"),
        pytest.param(("a b", "-n", "x/y"), 'no namespace can be named "x/y"', id="namespace"),
    ],
)
def test_what_cannot_be_a_name_is_called_so(
    arguments: tuple[str, ...], wrong: str, team: Team, run: Run
) -> None:
    ran = run("wait", *arguments)

    assert ran.code == 119
    assert wrong in ran.err


def test_refused_credentials_are_no_end_of_the_job(control_plane: ControlPlane, team: Team, run: Run) -> None:
    control_plane.write_kubeconfig(team.kubeconfig, token="wrong", namespace=team.namespace)

    ran = run("wait", "hello")

    assert ran.code == 119
    assert "does not accept your credentials" in ran.err


def test_a_kubeconfig_that_cannot_be_used_is_no_end_of_the_job(team: Team, run: Run) -> None:
    ran = run("wait", "hello", "--kubeconfig", "nowhere")

    assert ran.code == 119
    assert "cannot use the kubeconfig" in ran.err


def test_a_job_that_may_be_submitted_but_not_read_is_submitted_and_its_end_not_known(
    api: Api, control_plane: ControlPlane, team: Team, run: Run
) -> None:
    rbac = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{team.namespace}"
    rule = {"apiGroups": ["computility.io"], "resources": ["computejobs"], "verbs": ["create", "patch"]}
    api.create(f"{rbac}/roles", {"metadata": {"name": "blind"}, "rules": [rule]})
    binding = {
        "metadata": {"name": "blind"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "blind"},
        "subjects": [{"kind": "ServiceAccount", "name": "blind", "namespace": team.namespace}],
    }
    api.create(f"{rbac}/rolebindings", binding)
    api.create(f"/api/v1/namespaces/{team.namespace}/serviceaccounts", {"metadata": {"name": "blind"}})
    token = control_plane.admin.mint_token(team.namespace, "blind")
    control_plane.write_kubeconfig(team.kubeconfig, token=token, namespace=team.namespace)

    ran = run("submit", "-", "--wait", stdin=yaml.safe_dump(team.manifest("hello")))

    assert (ran.code, ran.out) == (119, "computejob.computility.io/hello created\n")
    assert "hello: cannot read job" in ran.err


def heed_interrupts() -> None:
    """A shell starts what runs in its background, such as this very test run, deaf to SIGINT."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Waiting:
    """`computility wait` in a process of its own, with the lines that it says."""

    def __init__(self, team: Team, *arguments: str) -> None:
        argv = [sys.executable, "-m", "computility.cli.main", *arguments]
        env = os.environ | {"KUBECONFIG": str(team.kubeconfig)}
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(
            argv,
            env=env,
            stdin=pipe,
            stdout=pipe,
            stderr=pipe,
            text=True,
            preexec_fn=heed_interrupts,  # noqa: PLW1509 - nothing else runs between fork and exec
        )

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
