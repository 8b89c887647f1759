"""Command lines of the control plane's three programs; they run in one folder, paths are relative to it.

etcd listens on a socket file in that folder, which only its owner may enter: a port would open the whole
store to every user of the machine, payloads of the lab's tenants included.
"""

from pathlib import Path

from computility.lab.pki import Pki
from computility.lab.reserved_port import LOOPBACK

TOKENS_FILE = "tokens.csv"
AUDIT_POLICY_FILE = "audit-policy.yaml"
CONTROLLER_KUBECONFIG = "controller-manager.kubeconfig"
_ETCD_SOCKET = "unix://etcd.sock"
# What a hub stands on, and nothing that would run pods.
_CONTROLLERS = (
    "namespace-controller",
    "garbage-collector-controller",
    "serviceaccount-controller",
    "ttl-after-finished-controller",
    "clusterrole-aggregation-controller",
    "validatingadmissionpolicy-status-controller",
)


def etcd_argv(program: Path) -> list[str]:
    """Return etcd's command line."""
    return [
        str(program),
        "--data-dir=etcd",
        f"--listen-client-urls={_ETCD_SOCKET}",
        "--listen-peer-urls=unix://etcd-peer.sock",
        # Must look like a URL with a port; a single etcd never dials itself.
        f"--advertise-client-urls=http://{LOOPBACK}:2379",
        "--quota-backend-bytes=8589934592",
        "--log-level=error",
    ]


def api_server_argv(program: Path, pki: Pki, port: int, audit_log: Path | None) -> list[str]:
    """Return kube-apiserver's command line; with an audit log it writes one line for each write request."""
    return [
        str(program),
        f"--etcd-servers={_ETCD_SOCKET}",
        f"--bind-address={LOOPBACK}",
        f"--advertise-address={LOOPBACK}",
        f"--secure-port={port}",
        "--permit-port-sharing=true",  # the starter holds the port until the server has it
        f"--tls-cert-file={pki.server_certificate}",
        f"--tls-private-key-file={pki.server_key}",
        f"--token-auth-file={TOKENS_FILE}",
        "--authorization-mode=RBAC",
        "--anonymous-auth=false",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-account-key-file={pki.account_public_key}",
        f"--service-account-signing-key-file={pki.account_key}",
        "--service-cluster-ip-range=10.0.0.0/24",
        "--endpoint-reconciler-type=none",
        "--disable-admission-plugins=ServiceAccount",  # it only fills in pods, and none run here
        *_audit_flags(audit_log),
    ]


def controller_manager_argv(program: Path) -> list[str]:
    """Return kube-controller-manager's command line; each controller acts as its own ServiceAccount."""
    return [
        str(program),
        f"--kubeconfig={CONTROLLER_KUBECONFIG}",
        f"--controllers={','.join(_CONTROLLERS)}",
        "--use-service-account-credentials=true",
        "--leader-elect=false",
        "--secure-port=0",
    ]


def tokens_csv(admin: str, controllers: str) -> str:
    """Return the API server's token file: who comes with which token."""
    return (
        f"{admin},admin,admin,system:masters\n"
        f"{controllers},system:kube-controller-manager,system:kube-controller-manager\n"
    )


def _audit_flags(log: Path | None) -> list[str]:
    return [f"--audit-log-path={log}", f"--audit-policy-file={AUDIT_POLICY_FILE}"] if log else []
