"""The files around a control plane: kubeconfig, keys, folders, audit log, command lines."""

import base64
import json
import socket
import ssl
import stat
import subprocess
from pathlib import Path

import pytest
import yaml

from computility.lab.audit import read_writes
from computility.lab.control_plane_flags import api_server_argv, etcd_argv
from computility.lab.kubeconfig import write_kubeconfig
from computility.lab.layout import NotACheckout, checkout_folder, lab_root, make_private, write_private
from computility.lab.pki import Pki, make_pki
from computility.lab.reserved_port import LOOPBACK, reserved_port
from computility.lab.waiting import holds_within


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return make_pki(tmp_path_factory.mktemp("keys") / "pki")


def test_a_kubeconfig_stands_alone_and_is_closed_to_others(tmp_path: Path) -> None:
    (tmp_path / "ca.crt").write_bytes(b"certificate")
    path = tmp_path / "new/config"

    write_kubeconfig(
        path, url="https://127.0.0.1:1", ca_file=tmp_path / "ca.crt", token="secret", namespace="a"
    )

    config = yaml.safe_load(path.read_text())
    assert base64.b64decode(config["clusters"][0]["cluster"]["certificate-authority-data"]) == b"certificate"
    assert config["users"][0]["user"] == {"token": "secret"}
    assert config["contexts"][0]["context"]["namespace"] == "a"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "credentials", [{}, {"token": "secret", "token_file": Path("token")}], ids=["none", "both"]
)
def test_a_kubeconfig_has_exactly_one_credential(tmp_path: Path, credentials: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="either a token or a token file"):
        write_kubeconfig(tmp_path / "config", url="https://x", ca_file=tmp_path / "ca.crt", **credentials)

    assert not (tmp_path / "config").exists()


def test_the_certificates_satisfy_the_strictest_client(pki: Pki) -> None:
    chain = ["-CAfile", pki.ca_file, "-x509_strict", "-purpose", "sslserver", "-verify_ip", LOOPBACK]
    verdict = subprocess.run(
        ["openssl", "verify", *chain, pki.server_certificate], capture_output=True, text=True, check=False
    )

    assert verdict.returncode == 0, verdict.stderr


def test_keys_are_made_once_and_the_authoritys_own_is_not_kept(pki: Pki) -> None:
    before = pki.server_key.read_bytes()

    assert make_pki(pki.folder) == pki
    assert pki.server_key.read_bytes() == before
    assert not (pki.folder / "ca.key").exists()
    ssl.create_default_context(cafile=str(pki.ca_file)).load_cert_chain(
        pki.server_certificate, pki.server_key
    )


def test_private_keys_are_their_owners_alone(pki: Pki) -> None:
    assert {stat.S_IMODE(key.stat().st_mode) for key in pki.folder.glob("*.key")} == {0o600}


def test_a_private_folder_is_closed_even_if_it_was_open(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)

    assert stat.S_IMODE(make_private(tmp_path).stat().st_mode) == 0o700


def test_a_private_file_is_replaced_whole(tmp_path: Path) -> None:
    for content in (b"long content", b"short"):
        write_private(tmp_path / "file", content)

    assert (tmp_path / "file").read_bytes() == b"short"
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("name", ["", "A", "a/b", "..", "-a", "a-", "a\n", "a" * 31])
def test_a_lab_has_a_name_that_is_safe_in_a_path(name: str) -> None:
    with pytest.raises(ValueError, match="cannot be named"):
        lab_root(name)


def test_a_lab_is_kept_in_the_users_state_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "/some/state")

    assert lab_root("demo-1") == Path("/some/state/computility/labs/demo-1")


def test_a_missing_folder_of_the_checkout_is_named_with_the_remedy() -> None:
    with pytest.raises(NotACheckout, match=r"no-such-folder.*clone"):
        checkout_folder("no-such-folder")


def test_a_reserved_port_is_given_to_nobody_else() -> None:
    with reserved_port() as port, pytest.raises(OSError, match="in use"):
        occupy(port)


def test_a_port_is_free_again_after_its_reservation() -> None:
    with reserved_port() as port:
        pass

    assert holds_within(lambda: occupy(port), timeout_seconds=0)


def occupy(port: int) -> bool:
    with socket.socket() as other:
        other.bind((LOOPBACK, port))
    return True


def test_a_half_written_line_of_the_audit_log_is_left_for_the_next_look(tmp_path: Path) -> None:
    log = tmp_path / "audit.log"
    ref = {"resource": "computejobs", "subresource": "status"}
    event = {"verb": "patch", "user": {"username": "hub"}, "objectRef": ref}
    log.write_text(json.dumps(event) + "\n" + json.dumps(event)[:20])

    assert [(w.verb, w.resource, w.subresource, w.user) for w in read_writes(log)] == [
        ("patch", "computejobs", "status", "hub")
    ]


def test_the_store_opens_no_port() -> None:
    listening = [flag for flag in etcd_argv(Path("etcd")) if flag.startswith("--listen")]

    assert len(listening) == 2
    assert all("=unix://" in flag for flag in listening)


@pytest.mark.parametrize("log", [None, Path("audit.log")], ids=["off", "on"])
def test_the_audit_log_is_written_only_if_asked_for(pki: Pki, log: Path | None) -> None:
    argv = api_server_argv(Path("kube-apiserver"), pki, 6443, log)

    audit = [flag for flag in argv if flag.startswith("--audit")]
    assert audit == (
        [] if log is None else ["--audit-log-path=audit.log", "--audit-policy-file=audit-policy.yaml"]
    )
