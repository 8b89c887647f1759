import base64
import subprocess
from pathlib import Path

import pytest
import yaml

from computility.kube.config import (
    ClientCertificate,
    ClusterConfig,
    build_ssl_context,
    in_cluster_config,
    token_file_config,
)
from computility.kube.config_error import ConfigError
from computility.kube.credentials import StaticToken, TokenFile
from computility.kube.kubeconfig import load_kubeconfig

SERVER = "https://hub.example:6443"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """A certificate and its key, PEM."""
    folder = tmp_path_factory.mktemp("pki")
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=alice -days 1"
    subprocess.run([*command.split(), "-keyout", "key", "-out", "crt"], cwd=folder, check=True)
    return (folder / "crt").read_text(), (folder / "key").read_text()


def a_kubeconfig(folder: Path, user: dict, cluster: dict | None = None) -> Path:
    path = folder / "config"
    content = {
        "current-context": "here",
        "contexts": [{"name": "here", "context": {"cluster": "hub", "user": "me", "namespace": "team-a"}}],
        "clusters": [{"name": "hub", "cluster": {"server": SERVER + "/"} | (cluster or {})}],
        "users": [{"name": "me", "user": user}],
    }
    path.write_text(yaml.safe_dump(content))
    return path


def test_a_static_token_and_the_contexts_namespace_are_read(tmp_path: Path) -> None:
    config = load_kubeconfig(a_kubeconfig(tmp_path, {"token": "s3cret"}))

    assert (config.server, config.namespace) == (SERVER, "team-a")
    assert config.credentials.token(0.0) == "s3cret"


def test_no_token_shows_up_in_the_configurations_repr(tmp_path: Path, certificate: tuple[str, str]) -> None:
    config = load_kubeconfig(a_kubeconfig(tmp_path, {"token": "s3cret"}))
    client = ClientCertificate(b"public", b"private")

    assert "s3cret" not in repr(config)
    assert "private" not in repr(client)


def test_a_token_file_is_found_beside_the_kubeconfig_and_wins_over_a_token(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("fresh\n")
    config = load_kubeconfig(a_kubeconfig(tmp_path, {"tokenFile": "token", "token": "stale"}))

    assert config.credentials.token(0.0) == "fresh"


def test_a_client_certificate_and_an_authority_become_a_verifying_context(
    tmp_path: Path, certificate: tuple[str, str]
) -> None:
    crt, key = (base64.b64encode(text.encode()).decode() for text in certificate)
    path = a_kubeconfig(
        tmp_path,
        {"client-certificate-data": crt, "client-key-data": key},
        {"certificate-authority-data": crt},
    )

    context = build_ssl_context(load_kubeconfig(path))

    assert context.check_hostname
    assert [ca["subject"] for ca in context.get_ca_certs()] == [((("commonName", "alice"),),)]


def test_certificate_files_are_found_beside_the_kubeconfig(
    tmp_path: Path, certificate: tuple[str, str]
) -> None:
    for name, text in zip(("crt", "key"), certificate, strict=True):
        (tmp_path / name).write_text(text)
    path = a_kubeconfig(
        tmp_path, {"client-certificate": "crt", "client-key": "key"}, {"certificate-authority": "crt"}
    )

    assert load_kubeconfig(path).client_certificate == ClientCertificate(
        certificate[0].encode(), certificate[1].encode()
    )


@pytest.mark.parametrize(
    ("user", "cluster", "words"),
    [
        pytest.param({"exec": {"command": "login"}}, {}, '"exec"', id="exec-plugin"),
        pytest.param({"auth-provider": {"name": "oidc"}}, {}, '"auth-provider"', id="auth-provider"),
        pytest.param({"username": "a", "password": "b"}, {}, '"username"', id="password"),
        pytest.param({"token": "t", "as": "admin"}, {}, '"as"', id="impersonation"),
        pytest.param({}, {"insecure-skip-tls-verify": True}, "insecure-skip-tls-verify", id="unverified"),
        pytest.param({}, {"proxy-url": "http://p"}, "proxy-url", id="proxy"),
        pytest.param({}, {"server": "http://hub.example"}, "https://", id="token-in-the-clear"),
        pytest.param({}, {"certificate-authority-data": "%%"}, "base64", id="ca-no-base64"),
        pytest.param({"client-certificate-data": "YQ=="}, {}, "without key", id="certificate-without-key"),
        pytest.param({"token": 5}, {}, "$.token", id="wrong-type"),
    ],
)
def test_what_a_service_cannot_use_is_refused_by_name(
    tmp_path: Path, user: dict, cluster: dict, words: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        load_kubeconfig(a_kubeconfig(tmp_path, user, cluster))

    assert words in str(caught.value)


def test_a_missing_context_is_refused_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match='no context "there"; it has: "here"'):
        load_kubeconfig(a_kubeconfig(tmp_path, {}), "there")


def test_a_broken_kubeconfig_is_refused_without_quoting_it(tmp_path: Path) -> None:
    (tmp_path / "config").write_text("users: [{token: s3cret")

    with pytest.raises(ConfigError) as caught:
        load_kubeconfig(tmp_path / "config")

    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("host", "server"),
    [("10.0.0.1", "https://10.0.0.1:443"), ("fd00::1", "https://[fd00::1]:443")],
)
def test_a_pod_finds_its_api_server(
    tmp_path: Path, certificate: tuple[str, str], host: str, server: str
) -> None:
    for name, text in {"token": "pod", "namespace": "member-a\n", "ca.crt": certificate[0]}.items():
        (tmp_path / name).write_text(text)

    config = in_cluster_config({"KUBERNETES_SERVICE_HOST": host, "KUBERNETES_SERVICE_PORT": "443"}, tmp_path)

    assert (config.server, config.namespace) == (server, "member-a")
    assert config.credentials.token(0.0) == "pod"


def test_outside_a_pod_the_remedy_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="give a kubeconfig"):
        in_cluster_config({}, tmp_path)


def test_plain_http_is_accepted_to_this_very_machine_only() -> None:
    ClusterConfig("http://127.0.0.1:8080", StaticToken())
    ClusterConfig("http://[::1]:8080", StaticToken())
    with pytest.raises(ConfigError):
        ClusterConfig("http://10.0.0.1:8080", StaticToken())


def test_an_authority_that_is_no_certificate_is_refused(tmp_path: Path) -> None:
    (tmp_path / "ca").write_text("nonsense")

    with pytest.raises(ConfigError, match="certificates"):
        build_ssl_context(token_file_config(SERVER, tmp_path / "token", tmp_path / "ca"))


def test_a_token_file_is_read_again_after_its_time(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text("one")
    file = TokenFile(path, reread_seconds=10)
    assert file.token(0.0) == "one"
    path.write_text("two")

    assert file.token(9.9) == "one"
    assert file.token(10.0) == "two"


def test_a_token_file_tells_whether_it_changed(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text("one")
    file = TokenFile(path)
    file.token(0.0)

    assert not file.reread(1.0)
    path.write_text("two")
    assert file.reread(2.0)


@pytest.mark.parametrize("damage", [Path.unlink, lambda path: path.write_text("")], ids=["gone", "empty"])
def test_a_token_file_that_is_being_replaced_leaves_the_old_token_in_use(
    tmp_path: Path, damage: object
) -> None:
    path = tmp_path / "token"
    path.write_text("one")
    file = TokenFile(path)
    file.token(0.0)
    damage(path)

    assert file.token(100.0) == "one"


@pytest.mark.parametrize("content", [None, b" \n", b"\xff\xfe"], ids=["missing", "empty", "binary"])
def test_a_token_file_without_a_token_is_refused_by_name(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "token"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(ConfigError, match=str(path)):
        TokenFile(path).token(0.0)
