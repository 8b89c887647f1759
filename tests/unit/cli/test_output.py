"""Where an answer goes, and what the command is told by its surroundings."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from support.cli import Run
from support.fleet_jobs import a_manifest

QUOTE = ("quote", "--fleet", "p2", "-f", "-")


def quote(form: str, **settings: str) -> "subprocess.CompletedProcess[bytes]":
    """Quote a job in a process of its own, whose output goes to a disk that is full unless it is said."""
    out = subprocess.PIPE if settings else os.open("/dev/full", os.O_WRONLY)
    code = "from computility.cli.main import main; main()"
    try:
        return subprocess.run(
            [sys.executable, "-c", code, *QUOTE, "-o", form],
            check=False,
            input=repr(a_manifest()).encode(),  # a dict of plain values is YAML as well
            stdout=out,
            stderr=subprocess.PIPE,
            env=os.environ | settings,
        )
    finally:
        if not settings:
            os.close(out)


@pytest.mark.parametrize("form", ["table", "json"])
def test_a_full_disk_is_told_in_a_line(form: str) -> None:
    ran = quote(form)

    assert ran.returncode == 1
    assert ran.stderr.decode().splitlines() == ["cannot write the answer: No space left on device"]


def test_a_terminal_that_has_no_sign_for_a_currency_gets_another() -> None:
    ran = quote("table", PYTHONIOENCODING="gbk")

    assert ran.returncode == 0
    assert ran.stdout.startswith(b"team-a/train: ?3,503")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("garbage", id="a-word"),
        pytest.param("[]", id="a-list"),
        pytest.param("a: [", id="no-yaml"),
        pytest.param(
            "clusters: [{name: c, cluster: {server: 5}}]\nusers: [{name: u, user: {token: x}}]\n"
            "contexts: [{name: x, context: {cluster: c, user: u}}]\ncurrent-context: x\n",
            id="a-number-for-a-server",
        ),
    ],
)
def test_a_file_that_is_no_kubeconfig_is_named(text: str, tmp_path: Path, run: Run) -> None:
    path = tmp_path / "kubeconfig"
    path.write_text(text)

    ran = run("pools", "find", "--kubeconfig", path)

    assert ran.code == 1
    assert ran.err.startswith(f'cannot use the kubeconfig "{path}": it is no kubeconfig: ')
    assert len(ran.err.splitlines()) == 1
