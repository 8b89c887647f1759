"""What the tree must not hold."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MACHINE_PATH = re.compile(r"(?<![\w.])/(work|root|home/\w+)/\w")


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True).stdout
    return [ROOT / name for name in listed.decode().split("\0") if name and (ROOT / name).is_file()]


def test_pythons_own_module_operator_is_not_hidden() -> None:
    assert not (ROOT / "operator" / "__init__.py").exists()


def test_no_lock_file_names_an_index() -> None:
    for file in (ROOT / "requirements").glob("*.txt"):
        text = file.read_text()
        assert "index-url" not in text
        assert "://" not in text


@pytest.mark.parametrize("folder", ["operator", "charts", "crds", "docs", "manifests", "toolchain", ".ci"])
def test_no_file_names_a_path_of_the_machine_that_it_was_written_on(folder: str) -> None:
    found = [
        f"{path.relative_to(ROOT)}: {line}"
        for path in tracked()
        if path.is_relative_to(ROOT / folder)
        for line in path.read_text(errors="replace").splitlines()
        if MACHINE_PATH.search(line)
    ]

    assert found == []


def test_no_shell_reads_what_the_operator_runs() -> None:
    """`shell=True`, `os.system` and their like stand nowhere in the operator."""
    wrong = re.compile(r"shell=True|os\.system|os\.popen|getoutput|create_subprocess_shell")
    sources = (ROOT / "operator").rglob("*.py")

    assert [str(p) for p in sources if wrong.search(p.read_text())] == []
