"""On a real API server: submitting jobs, good ones and others."""

import json
from pathlib import Path

import pytest
import yaml

from computility.lab.control_plane import ControlPlane
from support.api import Api, make_namespace
from support.cli import Run
from support.team import Team

pytestmark = pytest.mark.control_plane

QUICKSTART = Path(__file__).parents[3] / "manifests" / "quickstart"
JOBS = ("heat", "exit3", "too-big")


def test_a_job_goes_to_the_contexts_namespace_and_is_named(team: Team, run: Run) -> None:
    ran = run("submit", "-", stdin=yaml.safe_dump(team.manifest("hello")))

    assert ran == (0, "computejob.computility.io/hello created\n", "")
    assert team.read("hello")["spec"]["template"]["command"] == ["echo", "hello"]


def test_submitting_again_configures_what_may_still_change(team: Team, run: Run) -> None:
    run("submit", "-", stdin=yaml.safe_dump(team.manifest("hello")))

    ran = run("submit", "-", stdin=yaml.safe_dump(team.manifest("hello", cancel=True)))

    assert ran.out == "computejob.computility.io/hello configured\n"
    assert team.read("hello")["spec"]["cancel"] is True


def test_submitting_what_has_ended_says_that_nothing_will_run(team: Team, run: Run) -> None:
    text = yaml.safe_dump(team.manifest("hello"))
    run("submit", "-", stdin=text)
    team.report("hello", phase="Succeeded")

    assert "has ended before (Succeeded): a new run needs a new name" in run("submit", "-", stdin=text).out


def test_the_quick_starts_jobs_are_accepted(api: Api, team: Team, run: Run) -> None:
    if not api.get("/api/v1/namespaces/team-a").is_ok:
        make_namespace(api, "team-a")

    ran = run("submit", *(QUICKSTART / f"{job}.yaml" for job in JOBS))

    assert (ran.code, ran.err) == (0, "")
    assert ran.out.split()[::2] == [
        f"computejob.computility.io/{name}" for name in ("heat", "exit3", "too-big")
    ]


def test_each_field_that_breaks_a_rule_has_its_line(team: Team, run: Run) -> None:
    wrong = team.manifest("wrong", maxRunSeconds=0, template={"command": ["a"], "script": "echo"})

    ran = run("submit", "-", stdin=yaml.safe_dump(wrong))

    assert ran.code == 1
    assert ran.err.splitlines()[0] == f'cannot submit job "wrong" in namespace "{team.namespace}":'
    fields = [line.split(":")[0] for line in ran.err.splitlines()[1:]]
    assert sorted(fields) == ["  spec.maxRunSeconds", "  spec.template", "  spec.template.script"]


def test_a_field_that_the_hub_does_not_know_is_refused_by_name(team: Team, run: Run) -> None:
    ran = run("submit", "-", stdin=yaml.safe_dump(team.manifest("wrong", maxRunSecond=60)))

    assert ran.code == 1
    assert ".spec.maxRunSecond" in ran.err
    assert len(ran.err.splitlines()) == 1


def test_nothing_is_sent_when_a_later_document_is_no_job(team: Team, run: Run) -> None:
    good = yaml.safe_dump(team.manifest("good"))

    ran = run("submit", "-", stdin=f"{good}---\nkind: Pod\napiVersion: v1\n")

    assert ran.code == 1
    assert "document 2 of standard input" in ran.err
    assert team.read("good")["code"] == 404


def test_a_namespace_that_contradicts_the_manifest_is_refused(team: Team, run: Run) -> None:
    manifest = team.manifest("hello")
    manifest["metadata"]["namespace"] = "elsewhere"

    ran = run("submit", "-", "--namespace", team.namespace, stdin=yaml.safe_dump(manifest))

    assert ran.code == 1
    assert 'its namespace is "elsewhere"' in ran.err


def test_a_field_that_another_tool_owns_is_not_taken_from_it(team: Team, run: Run) -> None:
    manifest = team.manifest("hello", cancel=False)
    team.api.apply(team.path("hello"), manifest, "argo")

    ran = run("submit", "-", stdin=yaml.safe_dump(team.manifest("hello", cancel=True)))

    assert ran.code == 1
    assert 'conflict with "argo"' in ran.err


def test_refused_credentials_are_told(control_plane: ControlPlane, team: Team, run: Run) -> None:
    control_plane.write_kubeconfig(team.kubeconfig, token="wrong", namespace=team.namespace)

    ran = run("get")

    assert ran.code == 1
    assert "does not accept your credentials: log in again" in ran.err


def test_missing_rights_are_told(control_plane: ControlPlane, team: Team, run: Run) -> None:
    token = control_plane.admin.mint_token("default", "default")
    control_plane.write_kubeconfig(team.kubeconfig, token=token, namespace=team.namespace)

    ran = run("submit", "-", stdin=yaml.safe_dump(team.manifest("hello")))

    assert ran.code == 1
    assert 'cannot patch resource "computejobs"' in ran.err
    assert "ask for the role computility-tenant" in ran.err


def test_an_api_server_that_is_away_is_told_in_a_line(team: Team, run: Run) -> None:
    config = yaml.safe_load(team.kubeconfig.read_text())
    config["clusters"][0]["cluster"]["server"] = "https://127.0.0.1:1"
    team.kubeconfig.write_text(json.dumps(config))

    ran = run("get")

    assert ran.code == 1
    assert ran.err.splitlines() == [
        f'cannot list the jobs in namespace "{team.namespace}": no answer from https://127.0.0.1:1: '
        "[Errno 111] Connection refused"
    ]


def test_a_server_that_the_kubeconfig_does_not_vouch_for_is_not_spoken_to(team: Team, run: Run) -> None:
    config = yaml.safe_load(team.kubeconfig.read_text())
    del config["clusters"][0]["cluster"]["certificate-authority-data"]
    team.kubeconfig.write_text(yaml.safe_dump(config))

    ran = run("get")

    assert ran.code == 1
    assert "certificate verify failed" in ran.err
    assert len(ran.err.splitlines()) == 1


@pytest.mark.parametrize("option", [("--context", "nowhere"), ("--kubeconfig", "nowhere")])
def test_a_wrong_context_or_kubeconfig_is_named(option: tuple[str, str], team: Team, run: Run) -> None:
    ran = run("get", *option)

    assert ran.code == 1
    assert "cannot use the kubeconfig" in ran.err
    assert "nowhere" in ran.err


def test_an_exec_plugin_of_the_kubeconfig_logs_in(
    control_plane: ControlPlane, team: Team, tmp_path: Path, run: Run
) -> None:
    plugin = tmp_path / "log-in"
    credential = {
        "apiVersion": "client.authentication.k8s.io/v1",
        "kind": "ExecCredential",
        "status": {"token": control_plane.admin_token},
    }
    plugin.write_text(f"#!/bin/sh\necho '{json.dumps(credential)}'\n")
    plugin.chmod(0o700)
    config = yaml.safe_load(team.kubeconfig.read_text())
    config["users"][0]["user"] = {
        "exec": {
            "apiVersion": credential["apiVersion"],
            "command": str(plugin),
            "interactiveMode": "Never",
        }
    }
    team.kubeconfig.write_text(yaml.safe_dump(config))

    assert run("get").out == f'no jobs in namespace "{team.namespace}"\n'
