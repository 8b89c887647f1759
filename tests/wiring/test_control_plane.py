"""The lab's control plane, on its real programs."""

import ssl
import stat
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from computility.lab.admin_api import AdminApi, RequestRefused
from computility.lab.audit import read_writes
from computility.lab.control_plane import API_SERVER, CONTROLLER_MANAGER, ControlPlane, NoControlPlane
from computility.lab.crds import KubectlFailed, install_crds
from computility.lab.leftovers import strays
from computility.lab.processes import DaemonFailed
from computility.lab.tools import Tools
from computility.lab.waiting import holds_within

pytestmark = pytest.mark.control_plane


@pytest.fixture(scope="module")
def own_plane(tools: Tools, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    """A control plane that these tests may restart."""
    plane = ControlPlane.start(tmp_path_factory.mktemp("lab"), tools)
    yield plane
    plane.stop()


def test_the_projects_kinds_are_served(control_plane: ControlPlane) -> None:
    served = control_plane.admin.get("/apis/computility.io/v1alpha1")

    kinds = {resource["kind"] for resource in served["resources"] if "/" not in resource["name"]}
    assert kinds == {"Assignment", "ComputeJob", "DataLink", "MemberCluster", "ResourcePool"}


def test_each_write_is_audited_with_its_user_and_object(control_plane: ControlPlane, tenant: str) -> None:
    control_plane.admin.post(f"/api/v1/namespaces/{tenant}/configmaps", {"metadata": {"name": "counted"}})

    def recorded() -> list[tuple[str, str, str, int]]:
        writes = read_writes(control_plane.audit_log)
        return [
            (write.verb, write.resource, write.user, write.code)
            for write in writes
            if (write.namespace, write.name) == (tenant, "counted")
        ]

    assert holds_within(lambda: recorded() == [("create", "configmaps", "admin", 201)], timeout_seconds=60)


def test_a_deleted_namespace_goes_away(control_plane: ControlPlane, tenant: str, tools: Tools) -> None:
    kubectl(tools, control_plane, "delete", "namespace", tenant, "--wait=false")

    path = f"/api/v1/namespaces/{tenant}"
    assert holds_within(lambda: not control_plane.admin.answers(path), timeout_seconds=30)


def test_an_accounts_token_is_known_and_may_nothing(control_plane: ControlPlane, tenant: str) -> None:
    account = {"metadata": {"name": "visitor"}}
    control_plane.admin.post(f"/api/v1/namespaces/{tenant}/serviceaccounts", account)
    token = control_plane.admin.mint_token(tenant, "visitor")
    visitor = AdminApi(control_plane.url, control_plane.ca_file, token)

    review = visitor.post(
        "/apis/authentication.k8s.io/v1/selfsubjectreviews",
        {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"},
    )
    assert review["status"]["userInfo"]["username"] == f"system:serviceaccount:{tenant}:visitor"
    with pytest.raises(RequestRefused, match="403"):
        visitor.get(f"/api/v1/namespaces/{tenant}/configmaps")


def test_nobody_gets_in_without_a_token(control_plane: ControlPlane) -> None:
    tls = ssl.create_default_context(cafile=str(control_plane.ca_file))
    with pytest.raises(urllib.error.HTTPError, match="401"):
        urllib.request.urlopen(f"{control_plane.url}/version", context=tls, timeout=10)


def test_the_server_is_trusted_only_by_the_labs_own_authority(control_plane: ControlPlane) -> None:
    with pytest.raises(urllib.error.URLError, match="CERTIFICATE_VERIFY_FAILED"):
        urllib.request.urlopen(f"{control_plane.url}/version", timeout=10)


def test_the_store_and_its_keys_are_closed_to_other_users(control_plane: ControlPlane) -> None:
    assert stat.S_ISSOCK((control_plane.folder / "etcd.sock").stat().st_mode)
    assert stat.S_IMODE(control_plane.folder.stat().st_mode) == 0o700


def test_a_kubeconfig_works_with_a_token_in_a_file(
    control_plane: ControlPlane, tenant: str, tools: Tools, tmp_path: Path
) -> None:
    (tmp_path / "token").write_text(control_plane.admin_token)
    control_plane.write_kubeconfig(tmp_path / "config", token_file=tmp_path / "token", namespace=tenant)

    argv = [
        tools["kubectl"],
        f"--kubeconfig={tmp_path}/config",
        "create",
        "configmap",
        "in-it",
        "--output=name",
    ]
    assert subprocess.run(argv, capture_output=True, text=True, check=True).stdout == "configmap/in-it\n"
    assert control_plane.admin.answers(f"/api/v1/namespaces/{tenant}/configmaps/in-it")


def test_crds_from_an_empty_folder_are_refused(
    control_plane: ControlPlane, tools: Tools, tmp_path: Path
) -> None:
    with pytest.raises(KubectlFailed, match="no CRD"):
        install_crds(tools["kubectl"], control_plane.admin_kubeconfig, tmp_path)


def test_another_process_finds_it_by_its_folder(own_plane: ControlPlane) -> None:
    assert ControlPlane.attach(Path(own_plane.root)) == own_plane


def test_a_second_start_is_refused_and_leaves_the_first_alone(own_plane: ControlPlane, tools: Tools) -> None:
    with pytest.raises(DaemonFailed, match="stop it first"):
        ControlPlane.start(Path(own_plane.root), tools)

    assert own_plane.admin.answers("/readyz")


def test_a_restarted_api_server_has_the_same_address_and_data(own_plane: ControlPlane) -> None:
    own_plane.admin.post("/api/v1/namespaces", {"metadata": {"name": "kept"}})
    before = own_plane.daemon(API_SERVER).pid

    own_plane.restart_api_server()

    assert own_plane.daemon(API_SERVER).pid != before
    assert own_plane.admin.answers("/api/v1/namespaces/kept")


def test_stopping_leaves_no_process_and_starting_again_keeps_the_data(tools: Tools, tmp_path: Path) -> None:
    first = ControlPlane.start(tmp_path, tools)
    first.admin.post("/api/v1/namespaces", {"metadata": {"name": "kept"}})
    first.stop()
    assert strays(tmp_path) == []
    with pytest.raises(NoControlPlane):
        ControlPlane.attach(tmp_path)

    second = ControlPlane.start(tmp_path, tools)
    try:
        assert second.admin.answers("/api/v1/namespaces/kept")
        second.daemon(CONTROLLER_MANAGER).kill()
        with pytest.raises(NoControlPlane, match=CONTROLLER_MANAGER):
            ControlPlane.attach(tmp_path)
    finally:
        second.stop()
    assert strays(tmp_path) == []


def test_a_start_that_fails_leaves_nothing_running(tools: Tools, tmp_path: Path) -> None:
    broken = Tools({**tools.paths, API_SERVER: Path("/bin/false")})

    with pytest.raises(DaemonFailed, match="kube-apiserver"):
        ControlPlane.start(tmp_path, broken)

    assert strays(tmp_path) == []


def kubectl(tools: Tools, plane: ControlPlane, *arguments: str) -> None:
    argv = [tools["kubectl"], f"--kubeconfig={plane.admin_kubeconfig}", *arguments]
    subprocess.run(argv, check=True, capture_output=True)
