"""The dialect of kubeconfig that services need: tokens, token files and client certificates."""

import base64
import binascii
from pathlib import Path
from typing import Any, Protocol, TypeVar

import msgspec
import yaml

from computility.kube.config import ClientCertificate, ClusterConfig, read_text
from computility.kube.config_error import ConfigError
from computility.kube.credentials import Credentials, StaticToken, TokenFile

_FOREIGN = ("exec", "auth-provider", "username", "password", "as", "impersonate")


class _Entry(msgspec.Struct, frozen=True, kw_only=True, rename="kebab"):
    pass


class _Cluster(_Entry, frozen=True, kw_only=True):
    server: str
    certificate_authority: str = ""
    certificate_authority_data: str = ""
    tls_server_name: str = ""
    insecure_skip_tls_verify: bool = False
    proxy_url: str = ""


class _User(_Entry, frozen=True, kw_only=True):
    token: str = ""
    token_file: str = msgspec.field(default="", name="tokenFile")
    client_certificate: str = ""
    client_certificate_data: str = ""
    client_key: str = ""
    client_key_data: str = ""


class _Context(_Entry, frozen=True, kw_only=True):
    cluster: str
    user: str
    namespace: str = ""


class _NamedCluster(_Entry, frozen=True, kw_only=True):
    name: str
    cluster: _Cluster


class _NamedUser(_Entry, frozen=True, kw_only=True):
    name: str
    user: dict[str, Any] | None = None


class _NamedContext(_Entry, frozen=True, kw_only=True):
    name: str
    context: _Context


class _Kubeconfig(_Entry, frozen=True, kw_only=True):
    current_context: str = ""
    clusters: tuple[_NamedCluster, ...] | None = None
    contexts: tuple[_NamedContext, ...] | None = None
    users: tuple[_NamedUser, ...] | None = None


class _Named(Protocol):
    @property
    def name(self) -> str: ...


N = TypeVar("N", bound=_Named)


def load_kubeconfig(path: Path, context_name: str = "") -> ClusterConfig:
    """Read one context of a kubeconfig; "" is its current one. Relative paths start at the file's folder.

    Raises:
        ConfigError: The file or what it names is unreadable, or it wants what services do not do:
            exec plugins, password log-in, impersonation, proxies, unverified TLS.
    """
    parsed = _parse(path)
    context = _pick(path, "context", parsed.contexts, context_name or parsed.current_context).context
    cluster = _pick(path, "cluster", parsed.clusters, context.cluster).cluster
    user = _parse_user(path, _pick(path, "user", parsed.users, context.user))
    _refuse_unverified(path, context.cluster, cluster)
    ca = _pem(path, cluster.certificate_authority_data, cluster.certificate_authority)
    return ClusterConfig(
        server=cluster.server.rstrip("/"),
        credentials=_credentials(path, user),
        ca=ca.decode("ascii", "replace") if ca else None,
        client_certificate=_client_certificate(path, user),
        namespace=context.namespace,
        tls_server_name=cluster.tls_server_name,
    )


def _parse(path: Path) -> _Kubeconfig:
    try:
        return msgspec.convert(yaml.safe_load(read_text(path)), _Kubeconfig)
    except (yaml.YAMLError, msgspec.ValidationError) as error:
        # YAML's own message quotes the line, which may be the one with the token.
        cause = str(error) if isinstance(error, msgspec.ValidationError) else "it is no YAML"
        raise ConfigError(f'cannot read the kubeconfig "{path}": {cause}') from None


def _pick(path: Path, what: str, entries: tuple[N, ...] | None, name: str) -> N:
    for entry in entries or ():
        if entry.name == name:
            return entry
    known = ", ".join(f'"{entry.name}"' for entry in entries or ()) or "none"
    raise ConfigError(f'the kubeconfig "{path}" has no {what} "{name}"; it has: {known}')


def _parse_user(path: Path, named: _NamedUser) -> _User:
    fields = named.user or {}
    for foreign in _FOREIGN:
        if foreign in fields:
            raise ConfigError(
                f'cannot use user "{named.name}" of the kubeconfig "{path}": it logs in by "{foreign}"; '
                "give it a token, a tokenFile or a client certificate"
            )
    try:
        return msgspec.convert(fields, _User)
    except msgspec.ValidationError as error:
        raise ConfigError(f'cannot read user "{named.name}" of the kubeconfig "{path}": {error}') from None


def _refuse_unverified(path: Path, name: str, cluster: _Cluster) -> None:
    for wish, is_wanted in (
        ("insecure-skip-tls-verify", cluster.insecure_skip_tls_verify),
        ("proxy-url", bool(cluster.proxy_url)),
    ):
        if is_wanted:
            raise ConfigError(f'cannot use cluster "{name}" of the kubeconfig "{path}": remove its {wish}')


def _credentials(path: Path, user: _User) -> Credentials:
    # As in client-go, a file wins over a token: the file is the one that is kept fresh.
    return TokenFile(path.parent / user.token_file) if user.token_file else StaticToken(user.token)


def _client_certificate(path: Path, user: _User) -> ClientCertificate | None:
    certificate = _pem(path, user.client_certificate_data, user.client_certificate)
    key = _pem(path, user.client_key_data, user.client_key)
    if certificate and key:
        return ClientCertificate(certificate, key)
    if certificate or key:
        raise ConfigError(f'the kubeconfig "{path}" has a client certificate without key, or a key alone')
    return None


def _pem(path: Path, data: str, file: str) -> bytes:
    if not data:
        return read_text(path.parent / file).encode() if file else b""
    try:
        return base64.b64decode(data, validate=True)
    except binascii.Error:
        raise ConfigError(f'the kubeconfig "{path}" has certificate data that is no base64') from None
