"""Watches and informers on a real API server, also over its restart."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager

import pytest

from computility.kube.builtin import ConfigMap, ServiceAccount
from computility.kube.client import Client
from computility.kube.credentials import StaticToken
from computility.kube.deltas import Added, Deleted, Delta, Modified, Synced
from computility.kube.errors import Forbidden, Gone, Unreachable
from computility.kube.frames import Bookmark, Change, Changed
from computility.kube.informer import Informer
from computility.kube.listing import Selection
from computility.kube.tokens import mint_token
from computility.kube.watch import watch
from computility.lab.control_plane import ControlPlane
from computility.lab.tools import Tools
from computility.model.meta import Key, ObjectMeta
from support.eventually import eventually
from support.kube import client_of

pytestmark = pytest.mark.control_plane


@pytest.fixture
async def client(control_plane: ControlPlane) -> AsyncIterator[Client]:
    async with client_of(control_plane) as client:
        yield client


def a_map(namespace: str, name: str, **labels: str) -> ConfigMap:
    return ConfigMap(metadata=ObjectMeta(namespace=namespace, name=name, labels=labels))


@asynccontextmanager
async def followed(informer: Informer[ConfigMap]) -> AsyncIterator[list[str]]:
    """Read an informer in the background; the list grows by what it tells."""
    told: list[str] = []

    async def follow() -> None:
        async with aclosing(informer.deltas()) as deltas:
            async for delta in deltas:
                told.append(words(delta))  # noqa: PERF401 - one at a time, as they come

    task = asyncio.create_task(follow())
    try:
        yield told
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def words(delta: Delta[ConfigMap]) -> str:
    match delta:
        case Added(new):
            return f"+{new.metadata.name}"
        case Modified(_, new):
            return f"~{new.metadata.name}"
        case Deleted(old):
            return f"-{old.metadata.name}"
        case Synced():
            return "synced"
    return f"?{delta.key}"


async def test_a_watch_tells_what_happened_since_the_list(client: Client, tenant: str) -> None:
    await client.create(a_map(tenant, "before"))
    listing = await client.list(ConfigMap, tenant)
    await client.create(a_map(tenant, "a"))
    await client.patch(ConfigMap, tenant, "a", {"data": {"k": "v"}})
    await client.delete(ConfigMap, tenant, "a")

    told: list[tuple[Change, str]] = []
    async with aclosing(watch(client, ConfigMap, Selection(tenant), listing.resource_version)) as events:
        async for event in events:
            if isinstance(event, Changed) and isinstance(event.object, ConfigMap):
                told.append((event.change, event.object.metadata.name))
            if len(told) == 3:
                break

    assert told == [(Change.ADDED, "a"), (Change.MODIFIED, "a"), (Change.DELETED, "a")]


async def test_bookmarks_carry_a_watch_of_a_quiet_namespace_forward(client: Client, tenant: str) -> None:
    listing = await client.list(ConfigMap, tenant)
    is_open = asyncio.Event()
    # The API server sends a bookmark two seconds before the end of a connection.
    quiet = watch(
        client,
        ConfigMap,
        Selection(tenant),
        listing.resource_version,
        connection_seconds=(5, 5),
        on_trouble=lambda _: is_open.set(),
    )
    async with aclosing(quiet) as events:
        first = asyncio.ensure_future(anext(events))
        await asyncio.wait_for(is_open.wait(), timeout=10)
        # A change elsewhere: without one the server has no newer version to tell.
        elsewhere = await client.create(a_map("default", f"elsewhere-{tenant}"))
        event = await asyncio.wait_for(first, timeout=30)

    assert isinstance(event, Bookmark)
    assert int(event.resource_version) >= int(elsewhere.metadata.resource_version)


async def test_a_watch_without_the_right_to_it_is_refused_for_good(
    control_plane: ControlPlane, client: Client, tenant: str
) -> None:
    await client.apply(ServiceAccount(metadata=ObjectMeta(namespace=tenant, name="nobody")))
    token = await mint_token(client, tenant, "nobody", seconds=600)
    async with client_of(control_plane, StaticToken(token.token)) as nobody:
        with pytest.raises(Forbidden):
            async with aclosing(watch(nobody, ConfigMap, Selection(tenant), "1")) as events:
                await anext(events)


async def test_an_informer_keeps_the_selected_objects(client: Client, tenant: str) -> None:
    await client.create(a_map(tenant, "a", team="x"))
    await client.create(a_map(tenant, "other", team="y"))
    informer = Informer(client, ConfigMap, Selection(tenant, label_selector="team=x"))

    async with followed(informer) as told:
        await eventually(lambda: informer.is_synced, "the first list")
        await client.create(a_map(tenant, "b", team="x"))
        await client.delete(ConfigMap, tenant, "a")
        await eventually(lambda: told == ["+a", "synced", "+b", "-a"], f"four deltas, not {told}")

    assert set(informer.objects) == {Key(tenant, "b")}
    assert informer.trouble is None


@pytest.fixture(scope="module")
def own_plane(tools: Tools, tmp_path_factory: pytest.TempPathFactory) -> ControlPlane:
    """A control plane that these tests may restart."""
    plane = ControlPlane.start(tmp_path_factory.mktemp("lab"), tools)
    yield plane
    plane.stop()


async def test_an_informer_misses_nothing_over_a_restart_of_the_api_server(own_plane: ControlPlane) -> None:
    async with client_of(own_plane) as client:
        await client.create(a_map("default", "stays"))
        await client.create(a_map("default", "goes"))
        informer = Informer(client, ConfigMap, Selection("default"))
        async with followed(informer) as told:
            await eventually(lambda: "synced" in told, "the first list")
            told.clear()

            await asyncio.to_thread(own_plane.restart_api_server)
            assert isinstance(informer.trouble, Unreachable | None)
            await client.delete(ConfigMap, "default", "goes")
            await client.create(a_map("default", "comes"))

            wanted = {"-goes", "+comes"}
            await eventually(lambda: wanted <= set(told), f"{wanted}, not {told}", seconds=60)

    assert not {"-stays", "+stays", "~stays"} & set(told)
    assert {key.name for key in informer.objects} >= {"stays", "comes"}
    assert informer.trouble is None


async def test_a_version_from_before_the_servers_memory_is_gone(own_plane: ControlPlane) -> None:
    async with client_of(own_plane) as client:
        listing = await client.list(ConfigMap, "default")
        await client.create(a_map("default", "later"))
        await asyncio.to_thread(own_plane.restart_api_server)

        async with aclosing(
            watch(client, ConfigMap, Selection("default"), listing.resource_version)
        ) as events:
            with pytest.raises(Gone):
                await asyncio.wait_for(anext(events), timeout=30)
