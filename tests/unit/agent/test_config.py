"""agent.yaml: what it must say, and how a slip of the pen is answered."""

from pathlib import Path

import pytest

from computility.agent.config import read_config
from computility.agent.main import check_pools
from computility.agent.settings import SettingsError
from support.agent_rig import a_config, a_table

TEXT = """\
member: lanzhou-1
hub: {server: "https://hub.example:6443", tokenFile: /etc/computility/token, caFile: /etc/computility/ca.crt}
slurm: {helper: /usr/libexec/computility-exec}
journal: /var/lib/computility/journal.db
pools:
  - name: cpu
    labels: {example.com/cooling: liquid}
    spec:
      architecture: amd64
      shape: {nodes: 4, coresPerNode: 8, memoryPerNode: 16Gi}
      tariff: {perCoreHour: "0.1"}
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "agent.yaml"
    path.write_text(text)
    return path


def test_a_configuration_is_read(tmp_path: Path) -> None:
    config = read_config(write(tmp_path, TEXT))

    assert config.namespace == "member-lanzhou-1"
    assert config.heartbeat_seconds == 10
    assert config.pools[0].spec is not None
    assert config.pools[0].spec.tariff.per_core_hour == "0.1"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        pytest.param(TEXT.replace("perCoreHour", "perCorehour"), "perCorehour", id="in-a-price"),
        pytest.param(TEXT.replace("coresPerNode", "corePerNode"), "coresPerNode", id="in-a-shape"),
        pytest.param(TEXT.replace("    labels", "    label"), "label", id="in-a-pool"),
        pytest.param(TEXT.replace("tokenFile", "tokenfile"), "tokenfile", id="in-the-hub"),
        pytest.param(TEXT + "heartbeat: 3\n", "heartbeat", id="at-the-top"),
    ],
)
def test_a_misspelt_field_is_refused_by_name(tmp_path: Path, text: str, names: str) -> None:
    with pytest.raises(SettingsError, match=names):
        read_config(write(tmp_path, text))


def test_a_member_name_that_is_no_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"\$\.member"):
        read_config(write(tmp_path, TEXT.replace("lanzhou-1", "Lanzhou/../x")))


def test_a_pool_that_stands_there_twice_is_refused(tmp_path: Path) -> None:
    twice = TEXT + "  - {name: cpu}\n"

    with pytest.raises(SettingsError, match='"cpu" stands there twice'):
        read_config(write(tmp_path, twice))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"agent\.yaml"):
        read_config(tmp_path / "agent.yaml")


def test_what_is_no_yaml_is_said_to_be_none(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no YAML"):
        read_config(write(tmp_path, "member: [unclosed"))


def test_a_pool_that_the_table_lacks_is_refused() -> None:
    config = a_config("alpha")
    check_pools(config, a_table())

    with pytest.raises(SettingsError, match='"cpu"'):
        check_pools(config, type(a_table())(pools={}, tenants={}))
