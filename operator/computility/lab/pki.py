"""Keys and certificates of a lab's control plane, made by the openssl program.

One certificate authority for each lab, whose only certificate is the API server's; its own key is
thrown away, so nobody can add a second.
"""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from computility.lab.layout import make_private

VALID_DAYS = "825"
_CURVE = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
_EXTENSIONS = """
[req]
distinguished_name = name
[name]
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[server]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = IP:127.0.0.1, DNS:localhost, DNS:kubernetes.default.svc
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
"""


class OpensslFailed(Exception):
    """The openssl program is missing, or refused."""


@dataclass(frozen=True, slots=True)
class Pki:
    """Where the keys and certificates of one control plane are."""

    folder: Path

    @property
    def ca_file(self) -> Path:
        """The certificate that clients trust."""
        return self.folder / "ca.crt"

    @property
    def server_certificate(self) -> Path:
        return self.folder / "server.crt"

    @property
    def server_key(self) -> Path:
        return self.folder / "server.key"

    @property
    def account_key(self) -> Path:
        """The key that signs the tokens of ServiceAccounts."""
        return self.folder / "service-account.key"

    @property
    def account_public_key(self) -> Path:
        return self.folder / "service-account.pub"


def make_pki(folder: Path) -> Pki:
    """Make the keys and certificates in this folder, or return those that are there.

    Raises:
        OpensslFailed: There is no openssl, or it refused.
    """
    pki = Pki(make_private(folder))
    if not pki.account_public_key.exists():  # made last, so it says that all are there
        _make_server_certificate(pki)
        _make_account_keys(pki)
    return pki


def _make_server_certificate(pki: Pki) -> None:
    config, request, ca_key = pki.folder / "openssl.cnf", pki.folder / "server.csr", pki.folder / "ca.key"
    config.write_text(_EXTENSIONS)
    _openssl(
        "req", "-x509", *_CURVE, "-config", config, "-extensions", "authority",
        "-subj", "/CN=computility-lab", "-days", VALID_DAYS, "-keyout", ca_key, "-out", pki.ca_file,
    )  # fmt: skip
    _openssl(
        "req", *_CURVE, "-config", config, "-subj", "/CN=kube-apiserver",
        "-keyout", pki.server_key, "-out", request,
    )  # fmt: skip
    _openssl(
        "x509", "-req", "-in", request, "-CA", pki.ca_file, "-CAkey", ca_key, "-set_serial", "2",
        "-days", VALID_DAYS, "-extfile", config, "-extensions", "server", "-out", pki.server_certificate,
    )  # fmt: skip
    ca_key.unlink()
    request.unlink()


def _make_account_keys(pki: Pki) -> None:
    _openssl(
        "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-out", pki.account_key
    )
    _openssl("pkey", "-in", pki.account_key, "-pubout", "-out", pki.account_public_key)


def _openssl(*arguments: str | Path) -> None:
    try:
        subprocess.run(["openssl", *arguments], check=True, capture_output=True, text=True)
    except FileNotFoundError as error:
        raise OpensslFailed(
            "there is no openssl program: install it (on Debian: apt-get install openssl)"
        ) from error
    except subprocess.CalledProcessError as error:
        raise OpensslFailed(f"openssl {arguments[0]}: {error.stderr.strip()}") from error
