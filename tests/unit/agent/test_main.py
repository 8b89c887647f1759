"""How the process ends when it cannot begin."""

from pathlib import Path

import msgspec
import pytest

from computility.agent.main import run
from computility.agent.process import UNUSABLE


def a_file(folder: Path, **changes: object) -> Path:
    """Write a configuration that is good but for the changes; nothing listens at its hub."""
    folder.chmod(0o755)
    table = folder / "table.yaml"
    table.write_text("pools: {cpu: {partition: batch}}\ntenants: {team-a: {account: alice}}\n")
    (folder / "token").write_text("secret")
    config = {
        "member": "alpha",
        "hub": {"server": "https://127.0.0.1:1", "tokenFile": str(folder / "token")},
        "slurm": {"helper": "/nonexistent/computility-exec"},
        "journal": str(folder / "journal.db"),
        "table": str(table),
        "tableOwner": table.stat().st_uid,
    }
    path = folder / "agent.yaml"
    path.write_bytes(msgspec.json.encode(config | changes))
    return path


@pytest.mark.parametrize(
    ("changes", "names"),
    [
        pytest.param({"member": ""}, "member", id="a-wrong-field"),
        pytest.param({"table": "/nonexistent/table.yaml"}, "table.yaml", id="no-table"),
        pytest.param({"journal": "/nonexistent/journal.db"}, "journal.db", id="no-place-for-the-journal"),
        pytest.param({"pools": [{"name": "gpu"}]}, "gpu", id="a-pool-that-the-table-lacks"),
        pytest.param(
            {"hub": {"server": "https://127.0.0.1:1", "tokenFile": "/nonexistent/token"}},
            "/nonexistent/token",
            id="no-token",
        ),
        pytest.param(
            {"hub": {"server": "http://hub.example", "tokenFile": "/nonexistent/token"}},
            "http://hub.example",
            id="a-token-in-the-clear",
        ),
    ],
)
def test_what_no_restart_mends_is_named_and_has_its_own_exit_code(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, changes: dict[str, object], names: str
) -> None:
    assert run(a_file(tmp_path, **changes)) == UNUSABLE
    assert names in caplog.records[-1].getMessage()
    assert caplog.records[-1].levelname == "CRITICAL"
