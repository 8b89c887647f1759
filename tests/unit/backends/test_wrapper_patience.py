"""A wrapper whose go file does not come: it leaves by itself, and nothing of the payload has started."""

import json
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest

from computility.backends.slurm.exec import computility_wrapper
from computility.backends.slurm.exec.computility_wrapper import (
    GO_PATIENCE_SECONDS,
    GO_POLL_SECONDS,
    TERMINATED,
    wait_for_go,
)
from simulation.centre import GO_PATIENCE

NAME = f"cj-{'0' * 32}-1"


def test_the_simulations_wrapper_waits_as_long_as_the_real_one() -> None:
    assert timedelta(seconds=GO_PATIENCE_SECONDS) == GO_PATIENCE == timedelta(minutes=5)


def test_its_patience_has_an_end_and_not_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])

    def passes(_: object, seconds: float) -> None:
        clock[0] += seconds

    monkeypatch.setattr(computility_wrapper.signal, "sigtimedwait", passes)

    assert not wait_for_go(str(tmp_path))
    assert clock[0] - 1000.0 == pytest.approx(GO_PATIENCE_SECONDS, abs=2 * GO_POLL_SECONDS)


def test_a_go_that_is_there_is_taken_without_any_patience(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(computility_wrapper, "GO_PATIENCE_SECONDS", 0.0)
    (tmp_path / "go").touch()

    assert wait_for_go(str(tmp_path))


def test_a_wrapper_that_was_forgotten_ends_with_its_claim_and_without_a_start(tmp_path: Path) -> None:
    attempt, claims = tmp_path / NAME, tmp_path / "claims"
    attempt.mkdir()
    claims.mkdir()
    folder = Path(computility_wrapper.__file__ or "").parent
    code = (
        f"import sys; sys.path.append({str(folder)!r}); import computility_wrapper as wrapper;"
        "wrapper.GO_PATIENCE_SECONDS = 0.1; sys.exit(wrapper.main(sys.argv[1]))"
    )

    ended = subprocess.run(
        [sys.executable, "-IS", "-c", code, str(attempt)],
        env={"SLURM_JOB_ID": "7"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert ended.returncode == TERMINATED, ended.stderr
    assert "before the payload was allowed to start" in ended.stderr
    assert json.loads((claims / NAME).read_text())["job"] == "7"
    assert list(attempt.iterdir()) == []
