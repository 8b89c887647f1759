"""Half an hour of the soak in some seconds, with hub and fleet killed once each, as `make soak` runs it."""

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from bench.soak.run import Outcome

pytestmark = [pytest.mark.control_plane, pytest.mark.slow]

ROOT = Path(__file__).parents[2]
SECONDS = 180.0
PLAN = {
    "members": 3, "hours": 0.5, "factor": 600, "jobs": 40, "kills": 1, "silences": 0, "sample-seconds": 0.5,
    "longest-drain-seconds": 60,
}  # fmt: skip


def test_a_short_soak_with_a_killed_hub_and_a_killed_fleet_loses_nothing(tmp_path: Path) -> None:
    options = [word for name, value in PLAN.items() for word in (f"--{name}", str(value))]
    argv = [sys.executable, "-m", "bench.soak", *options, "--out", str(tmp_path)]
    paths = os.pathsep.join([str(ROOT), str(ROOT / "operator")])
    done = subprocess.run(
        argv,
        check=False,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": paths},
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    assert done.returncode == 0, done.stdout + done.stderr

    outcome = msgspec.json.decode((tmp_path / "soak.json").read_bytes(), type=Outcome)
    assert sum(outcome.phases.values()) + outcome.deleted == outcome.plan.jobs
    assert outcome.starts > outcome.phases["Succeeded"] > 0
    assert {trouble.what for trouble in outcome.troubles} == {"hub", "fleet"}
    assert (tmp_path / "soak.svg").read_text().startswith("<svg")
