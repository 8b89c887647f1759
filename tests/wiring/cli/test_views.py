"""On a real API server: looking at jobs, and cancelling them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from computility.lab.tools import Tools
from support.cli import Run
from support.samples import full_status
from support.team import Team

pytestmark = pytest.mark.control_plane


def test_the_table_is_the_one_that_kubectl_prints(team: Team, tools: Tools, run: Run) -> None:
    team.create("hello")
    team.report("hello", **full_status("ComputeJob"))
    argv = [str(tools["kubectl"]), "get", "cjob", "-o", "wide", "--kubeconfig", str(team.kubeconfig)]
    printed = subprocess.run(argv, check=True, capture_output=True, text=True).stdout.splitlines()

    ours = run("get", "-o", "wide").out.splitlines()

    assert ours[0].split() == printed[0].split()
    assert without_age(ours[1]) == without_age(printed[1])


def without_age(row: str) -> list[str]:
    return [cell for cell in row.split() if not cell[0].isdigit() or not cell.endswith("s")]


def test_all_namespaces_say_which(team: Team, run: Run) -> None:
    team.create("hello")

    lines = run("get", "-A").out.splitlines()

    assert lines[0].split()[:2] == ["NAMESPACE", "NAME"]
    assert [team.namespace, "hello"] in [line.split()[:2] for line in lines]


def test_a_list_longer_than_a_page_is_whole(team: Team, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("computility.cli.cluster.PAGE", 2)
    for number in range(5):
        team.create(f"job-{number}")

    assert [line.split()[0] for line in run("get").out.splitlines()[1:]] == [f"job-{n}" for n in range(5)]
    assert len(json.loads(run("get", "-o", "json").out)["items"]) == 5


@pytest.mark.parametrize(("form", "parse"), [("json", json.loads), ("yaml", yaml.safe_load)])
def test_one_job_is_shown_as_it_is_stored(form: str, parse: object, team: Team, run: Run) -> None:
    team.create("hello")

    shown = parse(run("get", "hello", "-o", form).out)  # type: ignore[operator]

    stored = team.read("hello")
    stored["metadata"].pop("managedFields", None)
    assert shown == stored


def test_a_job_that_is_not_there_is_named(team: Team, run: Run) -> None:
    for command, code in (("get", 1), ("why", 1), ("wait", 119), ("cancel", 1)):
        ran = run(command, "nobody")

        assert ran.code == code
        assert '"nobody" not found' in ran.err


def test_one_job_in_all_namespaces_is_a_wrong_use(team: Team, run: Run) -> None:
    assert run("get", "hello", "-A").code == 2


def test_why_tells_the_whole_receipt(team: Team, run: Run) -> None:
    team.create("hello")
    team.report("hello", **full_status("ComputeJob"))

    told = run("why", "hello").out

    assert told.splitlines()[0] == f"{team.namespace}/hello: Failed"
    assert "2 of 7 pools fit; policy custom, decided at 2026-11-24T08:00:00Z" in told
    for word in (
        "3027.2 CNY",
        "lanzhou-1",
        "TooFewCards",
        "21.34 CNY",
        "4712",
        "NonZeroExitCode",
        "Traceback",
    ):
        assert word in told


def test_why_tells_machines_the_same(team: Team, run: Run) -> None:
    team.create("hello")
    team.report("hello", **full_status("ComputeJob"))

    told = json.loads(run("why", "hello", "-o", "json").out)

    assert told["receipt"]["rejected"][0]["reason"] == "TooFewCards"
    assert [attempt["ordinal"] for attempt in told["attempts"]] == [1, 2]


def test_cancelling_sets_the_wish_and_says_so(team: Team, run: Run) -> None:
    team.create("hello")

    ran = run("cancel", "hello")

    assert ran.out == "computejob.computility.io/hello is being cancelled\n"
    assert team.read("hello")["spec"]["cancel"] is True
    assert run("cancel", "hello").code == 0


def test_cancelling_what_has_ended_says_that_it_had(team: Team, run: Run) -> None:
    team.create("hello")
    team.report("hello", phase="Succeeded")

    assert "has ended before (Succeeded)" in run("cancel", "hello").out


def test_kubectl_finds_it_as_a_plugin(team: Team, tools: Tools, tmp_path: Path) -> None:
    plugin = tmp_path / "kubectl-computility"
    plugin.write_text(f"#!{sys.executable}\nfrom computility.cli.main import main\nmain()\n")
    plugin.chmod(0o700)
    path = f"{tmp_path}:{os.environ['PATH']}"
    argv = [str(tools["kubectl"]), "computility", "get"]

    ran = subprocess.run(argv, env=os.environ | {"PATH": path}, check=True, capture_output=True, text=True)

    assert ran.stdout == f'no jobs in namespace "{team.namespace}"\n'
