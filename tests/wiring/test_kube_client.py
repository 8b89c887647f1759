"""The client's verbs on a real API server."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from computility.kube.builtin import (
    ConfigMap,
    CustomResourceDefinition,
    Namespace,
    RoleBinding,
    RoleRef,
    ServiceAccount,
    Subject,
)
from computility.kube.client import Client
from computility.kube.config import ClusterConfig
from computility.kube.credentials import StaticToken, TokenFile
from computility.kube.errors import (
    AlreadyExists,
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    Unauthorized,
    Unreachable,
)
from computility.kube.kubeconfig import load_kubeconfig
from computility.kube.selectors import label_in
from computility.kube.tokens import mint_token
from computility.kube.transport import Finished
from computility.lab.control_plane import ControlPlane
from computility.model.meta import ObjectMeta
from computility.model.resource_pool import (
    Architecture,
    Capacity,
    ResourcePool,
    ResourcePoolSpec,
    ResourcePoolStatus,
    Shape,
)
from support.kube import client_of

pytestmark = pytest.mark.control_plane


@pytest.fixture
async def client(control_plane: ControlPlane) -> AsyncIterator[Client]:
    async with client_of(control_plane) as client:
        yield client


def a_map(namespace: str, name: str = "a", **labels: str) -> ConfigMap:
    return ConfigMap(metadata=ObjectMeta(namespace=namespace, name=name, labels=labels), data={"k": "v"})


def a_pool(namespace: str, name: str = "cpu", *, nodes: int = 4) -> ResourcePool:
    shape = Shape(nodes=nodes, cores_per_node=8, memory_per_node="16Gi")
    return ResourcePool(
        metadata=ObjectMeta(namespace=namespace, name=name),
        spec=ResourcePoolSpec(architecture=Architecture.AMD64, shape=shape),
    )


async def test_an_object_comes_back_as_it_was_created(client: Client, tenant: str) -> None:
    created = await client.create(a_pool(tenant))
    found = await client.get(ResourcePool, tenant, "cpu")

    assert found == created
    assert found.spec == a_pool(tenant).spec
    assert found.metadata.uid
    assert found.metadata.generation == 1


async def test_what_is_not_there_is_found_to_be_none(client: Client, tenant: str) -> None:
    assert await client.find(ConfigMap, tenant, "a") is None
    with pytest.raises(NotFound, match=f"namespaces/{tenant}/configmaps/a"):
        await client.get(ConfigMap, tenant, "a")


async def test_a_second_create_is_told_from_a_conflict_of_versions(client: Client, tenant: str) -> None:
    await client.create(a_map(tenant))

    with pytest.raises(AlreadyExists):
        await client.create(a_map(tenant))


async def test_1200_objects_are_listed_whole_in_pages_of_500(
    control_plane: ControlPlane, tenant: str
) -> None:
    counted: list[Finished] = []
    async with client_of(control_plane, on_request=counted.append) as client:
        names = [f"m{number:04}" for number in range(1200)]
        await asyncio.gather(*(client.create(a_map(tenant, name)) for name in names))
        counted.clear()

        listing = await client.list(ConfigMap, tenant)

    assert sorted(item.metadata.name for item in listing.items) == names
    assert [finished.verb for finished in counted] == ["list"] * 3
    assert int(listing.resource_version) >= max(int(i.metadata.resource_version) for i in listing.items)


async def test_a_stale_resource_version_is_a_conflict(client: Client, tenant: str) -> None:
    first = await client.create(a_map(tenant))
    version = first.metadata.resource_version
    second = await client.patch(ConfigMap, tenant, "a", {"data": {"k": "2"}}, resource_version=version)

    with pytest.raises(Conflict) as caught:
        await client.patch(ConfigMap, tenant, "a", {"data": {"k": "3"}}, resource_version=version)

    assert not isinstance(caught.value, AlreadyExists)
    assert (await client.get(ConfigMap, tenant, "a")) == second


async def test_a_null_in_a_patch_removes_the_key(client: Client, tenant: str) -> None:
    await client.create(a_map(tenant))

    patched = await client.patch(ConfigMap, tenant, "a", {"data": {"k": None, "l": "w"}})

    assert patched.data == {"l": "w"}


async def test_a_status_is_written_once_and_an_equal_one_not_at_all(
    control_plane: ControlPlane, tenant: str
) -> None:
    counted: list[Finished] = []
    async with client_of(control_plane, on_request=counted.append) as client:
        seen = await client.create(a_pool(tenant))
        status = ResourcePoolStatus(
            observed_generation=1,
            observed_at=datetime(2026, 11, 24, 1, 2, 3, tzinfo=UTC),
            complete=True,
            total=Capacity(nodes=4, cores=32),
        )
        counted.clear()
        written = await client.write_status(seen, status)
        again = await client.write_status(written, status)

    assert written.status == status
    assert again is written
    assert [(f.verb, f.resource, f.subresource) for f in counted] == [("patch", "resourcepools", "status")]


async def test_a_status_field_goes_back_to_its_default(client: Client, tenant: str) -> None:
    seen = await client.create(a_pool(tenant))
    written = await client.write_status(seen, ResourcePoolStatus(observed_generation=1, complete=True))

    cleared = await client.write_status(written, ResourcePoolStatus(observed_generation=1))

    assert cleared.status == ResourcePoolStatus(observed_generation=1)


async def test_a_status_based_on_an_earlier_namesake_does_not_land(client: Client, tenant: str) -> None:
    earlier = await client.create(a_pool(tenant))
    await client.delete(ResourcePool, tenant, "cpu", uid=earlier.metadata.uid)
    later = await client.create(a_pool(tenant))

    with pytest.raises(Conflict):
        await client.write_status(earlier, ResourcePoolStatus(observed_generation=1, complete=True))

    assert (await client.get(ResourcePool, tenant, "cpu")) == later


async def test_a_refused_field_is_named_in_the_causes(client: Client, tenant: str) -> None:
    with pytest.raises(Invalid) as caught:
        await client.create(a_pool(tenant, nodes=0))

    assert [cause.field for cause in caught.value.causes] == ["spec.shape.nodes"]


async def test_a_field_that_the_schema_does_not_know_is_refused_and_not_dropped(
    client: Client, tenant: str
) -> None:
    await client.create(a_pool(tenant))

    with pytest.raises(Invalid, match=r'unknown field "spec.surprise"') as caught:
        await client.patch(ResourcePool, tenant, "cpu", {"spec": {"surprise": "s3cret"}})

    assert "s3cret" not in str(caught.value)


async def test_a_delete_meant_for_an_earlier_namesake_does_nothing(client: Client, tenant: str) -> None:
    earlier = await client.create(a_map(tenant))
    assert await client.delete(ConfigMap, tenant, "a", uid=earlier.metadata.uid)
    await client.create(a_map(tenant))

    with pytest.raises(Conflict):
        await client.delete(ConfigMap, tenant, "a", uid=earlier.metadata.uid)

    assert await client.find(ConfigMap, tenant, "a") is not None


async def test_a_delete_of_a_changed_object_does_nothing(client: Client, tenant: str) -> None:
    seen = await client.create(a_map(tenant))
    await client.patch(ConfigMap, tenant, "a", {"data": {"k": "2"}})

    with pytest.raises(Conflict):
        await client.delete(ConfigMap, tenant, "a", resource_version=seen.metadata.resource_version)


async def test_deleting_what_is_gone_is_no_error(client: Client, tenant: str) -> None:
    assert not await client.delete(ConfigMap, tenant, "a")


async def test_a_bulk_delete_takes_the_named_ones_only(client: Client, tenant: str) -> None:
    await asyncio.gather(*(client.create(a_map(tenant, n, attempt=n)) for n in ("a", "b", "c")))

    await client.delete_collection(ConfigMap, tenant, label_selector=label_in("attempt", ["a", "c"]))

    left = await client.list(ConfigMap, tenant)
    assert [item.metadata.name for item in left.items] == ["b"]


async def test_250_names_fit_one_bulk_delete(client: Client, tenant: str) -> None:
    names = [f"cj-{number:032x}-1" for number in range(250)]
    await client.create(a_map(tenant, names[7], attempt=names[7]))

    await client.delete_collection(ConfigMap, tenant, label_selector=label_in("attempt", names))

    assert (await client.list(ConfigMap, tenant)).items == []


async def test_applying_creates_then_changes_then_removes_what_is_left_out(
    client: Client, tenant: str
) -> None:
    await client.apply(msgspec.structs.replace(a_map(tenant), data={"k": "v", "l": "w"}))

    changed = await client.apply(msgspec.structs.replace(a_map(tenant), data={"k": "2"}))

    assert changed.data == {"k": "2"}


async def test_applying_without_force_respects_another_manager(client: Client, tenant: str) -> None:
    await client.apply(a_map(tenant), manager="one")

    with pytest.raises(Conflict):
        await client.apply(
            msgspec.structs.replace(a_map(tenant), data={"k": "2"}), manager="two", force=False
        )


async def test_cluster_scoped_objects_have_no_namespace_in_their_path(client: Client, tenant: str) -> None:
    found = await client.get(Namespace, "", tenant)

    assert found.status.phase == "Active"


async def test_a_kind_is_seen_to_be_served(client: Client) -> None:
    found = await client.get(CustomResourceDefinition, "", "resourcepools.computility.io")

    assert found.is_established


async def test_any_other_path_is_read_raw(client: Client) -> None:
    assert (await client.get_raw(dict, "/version"))["major"] == "1"


async def test_a_minted_token_may_do_what_its_account_is_bound_to_and_no_more(
    control_plane: ControlPlane, client: Client, tenant: str
) -> None:
    await client.apply(ServiceAccount(metadata=ObjectMeta(namespace=tenant, name="reader")))
    await client.apply(
        RoleBinding(
            metadata=ObjectMeta(namespace=tenant, name="reader"),
            role_ref=RoleRef(name="view"),
            subjects=(Subject(name="reader", namespace=tenant),),
        )
    )
    token = await mint_token(client, tenant, "reader", seconds=600)

    async with client_of(control_plane, StaticToken(token.token)) as reader:
        assert (await reader.list(ConfigMap, tenant)).items == []
        with pytest.raises(Forbidden, match="reader"):
            await reader.create(a_map(tenant))
    assert token.token not in repr(token)


async def test_a_replaced_token_file_is_used_after_a_401(
    control_plane: ControlPlane, tenant: str, tmp_path: Path
) -> None:
    token_file = tmp_path / "token"
    token_file.write_text("not-a-token")
    credentials = TokenFile(token_file, reread_seconds=3600)
    async with client_of(control_plane, credentials) as client:
        with pytest.raises(Unauthorized):
            await client.create(a_map(tenant))
        token_file.write_text(control_plane.admin_token)

        await client.create(a_map(tenant))


async def test_the_labs_kubeconfig_is_understood(
    control_plane: ControlPlane, tenant: str, tmp_path: Path
) -> None:
    path = tmp_path / "kubeconfig"
    control_plane.write_kubeconfig(path, token=control_plane.admin_token, namespace=tenant)

    config = load_kubeconfig(path)
    async with Client(config) as client:
        found = await client.get(Namespace, "", config.namespace)

    assert found.metadata.name == tenant


async def test_a_server_whose_certificate_we_do_not_trust_is_not_spoken_to(
    control_plane: ControlPlane,
) -> None:
    config = ClusterConfig(control_plane.url, StaticToken(control_plane.admin_token))
    async with Client(config, sleep=_no_wait) as client:
        with pytest.raises(Unreachable, match="Certificate") as caught:
            await client.get(Namespace, "", "default")

    assert not caught.value.is_outcome_unknown


async def _no_wait(_: float) -> None:
    await asyncio.sleep(0)
