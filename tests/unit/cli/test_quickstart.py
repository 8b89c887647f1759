"""The quick start's jobs: what the model makes of them, and that the solver solves."""

import ast
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from computility.model.compute_job import ComputeJob
from support.samples import decode

QUICKSTART = Path(__file__).parents[3] / "manifests" / "quickstart"
JOBS = ("heat", "exit3", "too-big")
HEAT_CHECKSUM = "8386abb70b81fdbd"


def manifest(name: str) -> Any:
    return yaml.safe_load((QUICKSTART / f"{name}.yaml").read_text())


@pytest.mark.parametrize("name", JOBS)
def test_each_job_is_what_the_model_understands(name: str) -> None:
    job: ComputeJob = decode(manifest(name))

    assert (job.metadata.name, job.metadata.namespace) == (name, manifest("00-namespace")["metadata"]["name"])
    assert bool(job.spec.template.command) != bool(job.spec.template.script)


@pytest.mark.slow
def test_the_solver_prints_its_known_checksum_last(tmp_path: Path) -> None:
    template = decode(manifest("heat")).spec.template
    for file in template.files:
        (tmp_path / file.path).write_text(file.content)
    command = [sys.executable if word == "python3" else word for word in template.command]

    solved = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True)

    assert solved.stdout.splitlines()[-1] == f"checksum {HEAT_CHECKSUM}"
    assert solved.stdout.count("step ") == 10


def test_the_manifest_tells_the_checksum_to_its_reader() -> None:
    assert f"`checksum {HEAT_CHECKSUM}`" in (QUICKSTART / "heat.yaml").read_text()


def test_the_solver_runs_on_pythons_as_old_as_centres_have() -> None:
    for file in decode(manifest("heat")).spec.template.files:
        ast.parse(file.content, feature_version=(3, 6))


def test_the_job_that_is_too_big_asks_for_more_cards_on_a_node_than_any_has() -> None:
    assert decode(manifest("too-big")).spec.resources.cards_on_each_node == 64
