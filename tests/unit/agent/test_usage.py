"""The usages name the commands as they are run."""

import os
import subprocess
import sys

import pytest

from computility.agent import main as agent_main


@pytest.mark.parametrize(
    ("argv", "usage"),
    [
        (["computility agent", "--help"], "usage: computility agent [-h]"),
        (["computility agent", "fleet", "--help"], "usage: computility agent fleet [-h]"),
    ],
    ids=["agent", "fleet"],
)
def test_the_command_computility_names_itself(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], argv: list[str], usage: str
) -> None:
    monkeypatch.setattr(sys, "argv", argv)

    with pytest.raises(SystemExit):
        agent_main.main()

    assert capsys.readouterr().out.startswith(usage)


@pytest.mark.parametrize(
    "words",
    [["computility.agent"], ["computility.agent", "fleet"], ["computility.agent.fleet"]],
    ids=["agent", "agent-fleet", "fleet"],
)
def test_a_module_that_is_run_says_so(words: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *words, "--help"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.startswith(f"usage: python -m {' '.join(words)} [-h]")
