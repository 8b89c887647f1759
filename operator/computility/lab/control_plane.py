"""A real Kubernetes control plane for one lab: etcd, kube-apiserver and kube-controller-manager."""

import secrets
from functools import partial
from pathlib import Path

import msgspec

from computility.lab import kubeconfig
from computility.lab.admin_api import AdminApi
from computility.lab.audit import POLICY
from computility.lab.control_plane_flags import (
    AUDIT_POLICY_FILE,
    CONTROLLER_KUBECONFIG,
    TOKENS_FILE,
    api_server_argv,
    controller_manager_argv,
    etcd_argv,
    tokens_csv,
)
from computility.lab.guard import guarded
from computility.lab.layout import make_private, write_private
from computility.lab.pki import Pki, make_pki
from computility.lab.processes import Daemon, DaemonFailed, find_daemon, find_daemons, start_daemon
from computility.lab.reserved_port import LOOPBACK, reserved_port
from computility.lab.tools import Tools

ETCD, API_SERVER, CONTROLLER_MANAGER = "etcd", "kube-apiserver", "kube-controller-manager"
PROGRAMS = (ETCD, API_SERVER, CONTROLLER_MANAGER)
READY_SECONDS = 60.0
"""On an idle machine it takes about 4; the bound is for one that builds and tests at the same time."""
API_SERVER_GRACE_SECONDS = 3.0
"""It waits for its clients' open watches, and those are endless."""
_READY_PATHS = {
    API_SERVER: "/readyz",
    # Made by kube-controller-manager once its controllers work.
    CONTROLLER_MANAGER: "/api/v1/namespaces/default/serviceaccounts/default",
}


class NoControlPlane(Exception):
    """There is no running control plane in this folder."""


class ControlPlane(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A running control plane, as `<root>/control-plane/state.json` has it for other processes."""

    root: str
    port: int
    admin_token: str
    """A credential of system:masters: for the administrator's own kubectl, never for a part of ours."""

    @classmethod
    def start(cls, root: Path, tools: Tools, *, audit: bool = False) -> "ControlPlane":
        """Start a control plane in this folder and wait until it is ready; earlier data is kept.

        Args:
            root: The lab's folder; daemons' files and logs go there, all else into `control-plane/`.
            tools: Where the programs are.
            audit: Whether every write request leaves a line in `audit_log`.

        Raises:
            DaemonFailed: One runs there already; or a program ended, or was not ready in time, and then
                nothing of the lab is left running, whatever else was started in it before.
            OpensslFailed: The certificates could not be made.
        """
        _refuse_second(root)
        folder = make_private(root.resolve() / "control-plane")
        pki = make_pki(folder / "pki")
        with guarded(root), reserved_port() as port:
            plane = cls(root=str(root.resolve()), port=port, admin_token=secrets.token_urlsafe(32))
            plane._write_credentials()
            plane._start_daemons(pki, tools, audit=audit)
            write_private(_state_file(root), msgspec.json.encode(plane))
        return plane

    @classmethod
    def attach(cls, root: Path) -> "ControlPlane":
        """Return the control plane that another process started in this folder.

        Raises:
            NoControlPlane: There is none, or one of its programs is not running.
        """
        if not _state_file(root).exists():
            raise NoControlPlane(f'no control plane was started in "{root}"')
        plane = msgspec.json.decode(_state_file(root).read_bytes(), type=cls)
        for name in PROGRAMS:
            plane.daemon(name)
        return plane

    @property
    def url(self) -> str:
        """Where the API server is."""
        return f"https://{LOOPBACK}:{self.port}"

    @property
    def folder(self) -> Path:
        """What is the control plane's alone: certificates, etcd's data, sockets, state."""
        return Path(self.root) / "control-plane"

    @property
    def ca_file(self) -> Path:
        """The certificate that clients check the server against."""
        return Pki(self.folder / "pki").ca_file

    @property
    def admin_kubeconfig(self) -> Path:
        """The administrator's kubeconfig, written at the start."""
        return Path(self.root) / "admin.kubeconfig"

    @property
    def audit_log(self) -> Path:
        """Where write requests are recorded, if it was started with `audit` (see `audit.read_writes`)."""
        return self.folder / "audit.log"

    @property
    def admin(self) -> AdminApi:
        """Requests as administrator."""
        return AdminApi(self.url, self.ca_file, self.admin_token)

    def daemon(self, name: str) -> Daemon:
        """Return one of the running programs.

        Raises:
            NoControlPlane: It is not running.
        """
        daemon = self._record(name)
        if not daemon.is_running():
            raise NoControlPlane(f'"{name}" of the control plane in "{self.root}" is not running')
        return daemon

    def write_kubeconfig(
        self,
        path: Path,
        *,
        token: str | None = None,
        token_file: Path | None = None,
        namespace: str | None = None,
    ) -> None:
        """Write a kubeconfig for a holder of this token, or of the token in this file."""
        kubeconfig.write_kubeconfig(
            path, url=self.url, ca_file=self.ca_file, token=token, token_file=token_file, namespace=namespace
        )

    def restart_api_server(self) -> None:
        """Stop kube-apiserver and start it again on the same port, as an upgrade of a hub cluster would."""
        running = self.daemon(API_SERVER)
        running.stop(grace_seconds=API_SERVER_GRACE_SECONDS)
        with reserved_port(self.port):
            self._start(API_SERVER, running.argv)
            self._wait_ready(API_SERVER)
            self._wait_ready(CONTROLLER_MANAGER)

    def stop(self) -> None:
        """Stop all three, the API server before etcd: without its store it would hold its port for long."""
        for name in reversed(PROGRAMS):
            daemon = find_daemon(Path(self.root), name)
            if daemon is not None:
                daemon.stop(grace_seconds=API_SERVER_GRACE_SECONDS)
        _state_file(Path(self.root)).unlink(missing_ok=True)

    def _write_credentials(self) -> None:
        controllers = secrets.token_urlsafe(32)
        write_private(self.folder / TOKENS_FILE, tokens_csv(self.admin_token, controllers).encode())
        write_private(self.folder / AUDIT_POLICY_FILE, POLICY.encode())
        self.write_kubeconfig(self.folder / CONTROLLER_KUBECONFIG, token=controllers)
        self.write_kubeconfig(self.admin_kubeconfig, token=self.admin_token)

    def _start_daemons(self, pki: Pki, tools: Tools, *, audit: bool) -> None:
        """Start all three and wait until they are ready.

        The API server waits for etcd by itself. The controller manager gives up after 10 s, which a busy
        machine needs for more than that: it comes once the API server is there.
        """
        log = self.audit_log if audit else None
        self._start(ETCD, etcd_argv(tools[ETCD]))
        self._start(API_SERVER, api_server_argv(tools[API_SERVER], pki, self.port, log))
        self._wait_ready(API_SERVER)
        self._start(CONTROLLER_MANAGER, controller_manager_argv(tools[CONTROLLER_MANAGER]))
        self._wait_ready(CONTROLLER_MANAGER)

    def _start(self, name: str, argv: list[str]) -> Daemon:
        return start_daemon(Path(self.root), name, argv, cwd=self.folder)

    def _wait_ready(self, name: str) -> None:
        is_ready = partial(self.admin.answers, _READY_PATHS[name])
        self._record(name).wait_ready(is_ready, timeout_seconds=READY_SECONDS)

    def _record(self, name: str) -> Daemon:
        daemon = find_daemon(Path(self.root), name)
        if daemon is None:
            raise NoControlPlane(f'"{name}" of the control plane in "{self.root}" was not started')
        return daemon


def _refuse_second(root: Path) -> None:
    running = [
        daemon.name for daemon in find_daemons(root) if daemon.name in PROGRAMS and daemon.is_running()
    ]
    if running:
        raise DaemonFailed(f'"{root}" has a running control plane ({", ".join(running)}): stop it first')


def _state_file(root: Path) -> Path:
    return root.resolve() / "control-plane" / "state.json"
