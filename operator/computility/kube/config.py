"""How to reach one API server: address, certificates, credentials."""

import ipaddress
import ssl
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from computility.kube.config_error import ConfigError
from computility.kube.credentials import Credentials, StaticToken, TokenFile

SERVICE_ACCOUNT_FOLDER = Path("/var/run/secrets/kubernetes.io/serviceaccount")


@dataclass(frozen=True, slots=True)
class ClientCertificate:
    """A certificate and its private key, both PEM."""

    certificate: bytes
    key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class ClusterConfig:
    """How to reach one API server.

    Attributes:
        server: Base URL without a trailing slash; https, or http to this very machine.
        ca: PEM of the authorities to trust; None means the system's.
        namespace: The namespace meant when none is named; "" when nothing says so.
        tls_server_name: The name expected in the server's certificate, when it is not the URL's host.
    """

    server: str
    credentials: Credentials = field(default_factory=StaticToken, repr=False)
    ca: str | None = None
    client_certificate: ClientCertificate | None = None
    namespace: str = ""
    tls_server_name: str = ""

    def __post_init__(self) -> None:
        check_server(self.server)


def check_server(server: str) -> None:
    """Refuse an address over which the token would travel in the clear.

    Raises:
        ConfigError: It is neither https nor http to a loopback address.
    """
    url = urlsplit(server)
    if url.hostname and (url.scheme == "https" or (url.scheme == "http" and _is_loopback(url.hostname))):
        return
    raise ConfigError(f'cannot use the server address "{server}": it must start with https://')


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def token_file_config(
    server: str, token_file: Path, ca_file: Path | None = None, namespace: str = ""
) -> ClusterConfig:
    """Build the configuration of a process that is given an address, a token file and an authority.

    Raises:
        ConfigError: The authority's file is unreadable or the address unusable.
    """
    return ClusterConfig(
        server=server.rstrip("/"),
        credentials=TokenFile(token_file),
        ca=read_text(ca_file) if ca_file else None,
        namespace=namespace,
    )


def in_cluster_config(environ: Mapping[str, str], folder: Path = SERVICE_ACCOUNT_FOLDER) -> ClusterConfig:
    """Build the configuration of a pod from its environment and its mounted ServiceAccount.

    Raises:
        ConfigError: This process does not run in a pod, or the pod mounts no ServiceAccount token.
    """
    host, port = environ.get("KUBERNETES_SERVICE_HOST"), environ.get("KUBERNETES_SERVICE_PORT")
    if not host or not port:
        raise ConfigError("not in a cluster: KUBERNETES_SERVICE_HOST is not set; give a kubeconfig instead")
    server = f"https://[{host}]:{port}" if ":" in host else f"https://{host}:{port}"
    namespace = read_text(folder / "namespace").strip()
    return token_file_config(server, folder / "token", folder / "ca.crt", namespace)


def build_ssl_context(config: ClusterConfig) -> ssl.SSLContext:
    """Build the TLS context; the server's certificate and name are always verified.

    Raises:
        ConfigError: A certificate or key is no PEM, or the two do not belong together.
    """
    try:
        context = ssl.create_default_context(cadata=config.ca)
        # Python 3.13 asks for an authority key identifier, which Kubernetes' own authorities lack.
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
        if config.client_certificate:
            _load_client_certificate(context, config.client_certificate)
    except (ssl.SSLError, ValueError) as error:
        raise ConfigError(f"cannot use the certificates for {config.server}: {error}") from error
    return context


def _load_client_certificate(context: ssl.SSLContext, client: ClientCertificate) -> None:
    # OpenSSL's Python binding only loads keys from files: a private folder (0700), for this moment.
    with tempfile.TemporaryDirectory() as folder:
        certificate, key = Path(folder, "certificate.pem"), Path(folder, "key.pem")
        certificate.write_bytes(client.certificate)
        key.write_bytes(client.key)
        context.load_cert_chain(certificate, key)


def read_text(path: Path) -> str:
    """Read a small file of the configuration.

    Raises:
        ConfigError: It is missing or unreadable.
    """
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f'cannot read "{path}": {type(error).__name__}') from error
