"""What the client does when the API server, or the way to it, misbehaves. The faults come from a stub."""

import asyncio
import itertools
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import pytest

from computility.kube.builtin import ConfigMap
from computility.kube.client import Client
from computility.kube.config import ClusterConfig
from computility.kube.credentials import StaticToken, TokenFile
from computility.kube.deltas import Added, Deleted, Synced
from computility.kube.errors import (
    ApiError,
    Conflict,
    Gone,
    ServerUnavailable,
    TooManyRequests,
    Unauthorized,
    Unreachable,
    UnreadableAnswer,
)
from computility.kube.frames import Bookmark, Changed
from computility.kube.informer import Informer
from computility.kube.listing import Selection
from computility.kube.transport import TRIES, Finished
from computility.kube.watch import watch
from computility.model.meta import ObjectMeta
from support.stub_api_server import (
    Answer,
    StubApiServer,
    breaks_off,
    error_event,
    event,
    gives,
    hangs_up,
    listed,
    refuses,
    says,
    streams,
)

A_MAP = {"metadata": {"name": "a", "namespace": "ns", "uid": "a", "resourceVersion": "1"}}
IN_NS = Selection("ns")


class Sleeps(list[float]):
    """Keeps how long was to be waited, and does not wait."""

    async def __call__(self, seconds: float) -> None:
        self.append(seconds)
        await asyncio.sleep(0)


@asynccontextmanager
async def a_client(
    *answers: Answer, token_file: Path | None = None, on_request: Callable[[Finished], None] | None = None
) -> AsyncIterator[tuple[Client, StubApiServer, Sleeps]]:
    sleeps = Sleeps()
    async with StubApiServer(*answers) as stub:
        credentials = TokenFile(token_file) if token_file else StaticToken("t")
        config = ClusterConfig(stub.url, credentials)
        async with Client(config, timeout_seconds=60, sleep=sleeps, on_request=on_request) as client:
            yield client, stub, sleeps


def a_map() -> ConfigMap:
    return ConfigMap(metadata=ObjectMeta(name="a", namespace="ns"))


async def create(client: Client) -> object:
    return await client.create(a_map())


async def patch(client: Client) -> object:
    return await client.patch(ConfigMap, "ns", "a", {"data": {"k": "v"}})


async def delete(client: Client) -> object:
    return await client.delete(ConfigMap, "ns", "a")


WRITES = pytest.mark.parametrize("write", [create, patch, delete])


@WRITES
@pytest.mark.parametrize(
    "fault", [hangs_up(), breaks_off(b'{"metadata"')], ids=["no-answer", "half-an-answer"]
)
async def test_a_write_with_a_lost_answer_is_never_repeated(
    write: Callable[[Client], object], fault: Answer
) -> None:
    # The first request leaves a kept-alive connection, on which aiohttp would repeat a DELETE by itself.
    async with a_client(gives(A_MAP), fault) as (client, stub, _):
        await client.get(ConfigMap, "ns", "a")
        with pytest.raises(Unreachable) as caught:
            await write(client)

    assert len(stub.seen) == 2
    assert caught.value.is_outcome_unknown


@WRITES
async def test_a_write_that_the_server_failed_is_not_repeated(write: Callable[[Client], object]) -> None:
    async with a_client(refuses(500, "InternalError")) as (client, stub, _):
        with pytest.raises(ServerUnavailable) as caught:
            await write(client)

    assert len(stub.seen) == 1
    assert caught.value.is_outcome_unknown


@WRITES
async def test_a_write_that_was_not_looked_at_is_repeated_when_the_server_says(
    write: Callable[[Client], object],
) -> None:
    async with a_client(refuses(429, retryAfterSeconds=2), gives(A_MAP)) as (client, stub, sleeps):
        await write(client)

    assert len(stub.seen) == 2
    assert sleeps == [2.0]


async def test_a_write_to_a_closed_port_is_tried_again_and_known_not_to_be_executed() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        sleeps = Sleeps()
        async with Client(ClusterConfig(url, StaticToken("t")), sleep=sleeps) as client:
            with pytest.raises(Unreachable) as caught:
                await client.create(a_map())

    assert not caught.value.is_outcome_unknown
    assert len(sleeps) == TRIES - 1


@pytest.mark.parametrize(
    "fault",
    [hangs_up(), breaks_off(b'{"metadata"'), refuses(503, "ServiceUnavailable"), says(502, "<html>")],
    ids=["no-answer", "half-an-answer", "unavailable", "proxy"],
)
async def test_a_read_is_tried_again_until_it_is_answered(fault: Answer) -> None:
    async with a_client(fault, fault, gives(A_MAP)) as (client, stub, _):
        found = await client.get(ConfigMap, "ns", "a")

    assert found.metadata.uid == "a"
    assert len(stub.seen) == 3


async def test_a_read_is_given_up_after_a_bounded_number_of_tries() -> None:
    async with a_client(refuses(503)) as (client, stub, sleeps):
        with pytest.raises(ServerUnavailable):
            await client.get(ConfigMap, "ns", "a")

    assert len(stub.seen) == TRIES
    assert all(0 < seconds <= 2 for seconds in sleeps)


async def test_a_server_that_asks_for_a_long_wait_is_left_to_the_caller() -> None:
    async with a_client(says(429, "", **{"Retry-After": "60"})) as (client, stub, _):
        with pytest.raises(TooManyRequests) as caught:
            await client.get(ConfigMap, "ns", "a")

    assert caught.value.retry_after == 60
    assert len(stub.seen) == 1


async def test_a_redirect_is_not_followed_and_the_token_stays_here() -> None:
    async with (
        StubApiServer(gives(A_MAP)) as elsewhere,
        a_client(says(307, "", Location=elsewhere.url)) as (client, _, _sleeps),
    ):
        with pytest.raises(ApiError, match="307"):
            await client.get(ConfigMap, "ns", "a")

    assert elsewhere.seen == []


async def test_a_token_that_was_replaced_is_used_after_the_first_401(tmp_path: Path) -> None:
    token_file = tmp_path / "token"
    token_file.write_text("old")
    async with a_client(gives(A_MAP), refuses(401, "Unauthorized"), gives(A_MAP), token_file=token_file) as (
        client,
        stub,
        _,
    ):
        await client.get(ConfigMap, "ns", "a")
        token_file.write_text("new")
        await create(client)

        assert [seen.token for seen in stub.seen] == ["old", "old", "new"]
        assert client.session.headers["Authorization"] == "Bearer new"


async def test_an_unchanged_token_is_not_tried_twice(tmp_path: Path) -> None:
    token_file = tmp_path / "token"
    token_file.write_text("old")
    async with a_client(refuses(401, "Unauthorized"), token_file=token_file) as (client, stub, _):
        with pytest.raises(Unauthorized) as caught:
            await create(client)

    assert len(stub.seen) == 1
    assert "old" not in str(caught.value)


async def test_an_answer_of_another_shape_says_that_the_write_was_done() -> None:
    async with a_client(gives({"metadata": {"name": 5}})) as (client, _, _sleeps):
        with pytest.raises(UnreadableAnswer, match="it was done"):
            await create(client)


async def test_each_try_is_counted_with_its_status() -> None:
    counted: list[Finished] = []
    answers = hangs_up(), refuses(503), gives(A_MAP)
    async with a_client(*answers, on_request=counted.append) as (client, _, _sleeps):
        await client.get(ConfigMap, "ns", "a")

    assert [(f.verb, f.resource, f.status) for f in counted] == [
        ("get", "configmaps", 0),
        ("get", "configmaps", 503),
        ("get", "configmaps", 200),
    ]


async def test_no_more_requests_are_under_way_than_allowed() -> None:
    under_way, most = 0, 0

    async def slowly(_: object) -> object:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.01)
        under_way -= 1
        return await gives(A_MAP)(_)

    async with StubApiServer(slowly) as stub, Client(ClusterConfig(stub.url), limit=3) as client:
        await asyncio.gather(*(client.get(ConfigMap, "ns", "a") for _ in range(12)))

    assert most == 3


# Lists


async def test_a_list_whose_continuation_expired_starts_anew() -> None:
    answers = (
        listed("a", more="m"),
        refuses(410, "Expired"),
        listed("b", version=7, more="m"),
        listed("c", version=7),
    )
    async with a_client(*answers) as (client, _, _sleeps):
        listing = await client.list(ConfigMap, "ns", limit=1)

    assert [item.metadata.name for item in listing.items] == ["b", "c"]
    assert listing.resource_version == "7"


async def test_a_list_that_keeps_expiring_is_read_in_one_piece() -> None:
    answers = [answer for _ in range(3) for answer in (listed("a", more="m"), refuses(410, "Expired"))]
    async with a_client(*answers, listed("a", "b")) as (client, stub, _):
        listing = await client.list(ConfigMap, "ns", limit=1)

    assert len(listing.items) == 2
    assert "limit" not in stub.seen[-1].query


async def test_nothing_is_returned_of_half_a_list() -> None:
    async with a_client(listed("a", more="m"), refuses(500)) as (client, _, _sleeps):
        with pytest.raises(ServerUnavailable):
            await client.list(ConfigMap, "ns", limit=1)


async def test_a_collection_is_not_deleted_without_a_selector() -> None:
    async with a_client(gives({})) as (client, stub, _):
        with pytest.raises(ValueError, match="selector"):
            await client.delete_collection(ConfigMap, "ns", label_selector="")

    assert stub.seen == []


async def test_a_status_is_not_patched_without_the_version_it_is_based_on() -> None:
    async with a_client(gives(A_MAP)) as (client, stub, _):
        with pytest.raises(ValueError, match="resourceVersion"):
            await client.patch_status(ConfigMap, "ns", "a", {"x": 1}, resource_version="")

    assert stub.seen == []


# Watches


async def read(client: Client, count: int, *, silence_seconds: float = 5.0) -> list[str]:
    """Watch from version 1 and return what the first events were, as name@version."""
    events: list[str] = []
    stream = watch(client, ConfigMap, IN_NS, "1", silence_seconds=silence_seconds)
    async with aclosing(stream):
        async for found in stream:
            events.append(_words(found))
            if len(events) == count:
                break
    return events


def _words(found: Changed[ConfigMap] | Bookmark) -> str:
    if isinstance(found, Bookmark):
        return f"bookmark@{found.resource_version}"
    assert isinstance(found.object, ConfigMap)
    return f"{found.object.metadata.name}@{found.object.metadata.resource_version}"


def versions(stub: StubApiServer) -> list[str]:
    return [seen.query["resourceVersion"] for seen in stub.seen]


async def test_a_watch_that_ended_goes_on_from_its_last_event() -> None:
    async with a_client(streams(event("ADDED", "a", 4)), streams(event("ADDED", "b", 5))) as (
        client,
        stub,
        _,
    ):
        assert await read(client, 2) == ["a@4", "b@5"]

    assert versions(stub) == ["1", "4"]


async def test_a_bookmark_moves_the_watch_on() -> None:
    async with a_client(streams(event("BOOKMARK", "", 90)), streams(event("ADDED", "b", 91))) as (
        client,
        stub,
        _,
    ):
        assert await read(client, 2) == ["bookmark@90", "b@91"]

    assert versions(stub) == ["1", "90"]
    assert stub.seen[0].query["allowWatchBookmarks"] == "true"


async def test_an_event_that_arrived_by_half_is_asked_for_again() -> None:
    whole, torn = event("ADDED", "a", 4), event("ADDED", "b", 5)
    async with a_client(streams(whole + torn[:30]), streams(torn)) as (client, stub, _):
        assert await read(client, 2) == ["a@4", "b@5"]

    assert versions(stub) == ["1", "4"]


async def test_an_event_may_arrive_in_any_pieces_and_be_larger_than_any_line_limit() -> None:
    large = event("ADDED", "a" * 900_000, 4)
    pieces = [
        large[:7],
        large[7:500_000],
        large[500_000:] + event("ADDED", "b", 5)[:10],
        event("ADDED", "b", 5)[10:],
    ]
    async with a_client(streams(*pieces)) as (client, _, _sleeps):
        assert [words[-3:] for words in await read(client, 2)] == ["a@4", "b@5"]


async def test_a_silent_connection_is_replaced() -> None:
    silent = streams(event("ADDED", "a", 4), then_silent=True)
    async with a_client(silent, streams(event("ADDED", "b", 5))) as (client, stub, _):
        assert await read(client, 2, silence_seconds=0.2) == ["a@4", "b@5"]

    assert versions(stub) == ["1", "4"]


@pytest.mark.parametrize(
    "fault",
    [
        refuses(429, retryAfterSeconds=3),
        hangs_up(),
        refuses(503),
        streams(error_event(500, "InternalError")),
        streams(b"<html>\n"),
    ],
    ids=["storage-initialises", "no-answer", "unavailable", "in-stream-failure", "no-watch"],
)
async def test_a_passing_trouble_only_delays_the_watch(fault: Answer) -> None:
    async with a_client(fault, fault, streams(event("ADDED", "a", 4))) as (client, stub, sleeps):
        assert await read(client, 1) == ["a@4"]

    assert versions(stub) == ["1", "1", "1"]
    assert len(sleeps) == 2
    assert all(seconds > 0 for seconds in sleeps)


async def test_a_refused_watch_waits_as_long_as_the_server_says() -> None:
    async with a_client(refuses(429, retryAfterSeconds=3), streams(event("ADDED", "a", 4))) as (
        client,
        _,
        sleeps,
    ):
        await read(client, 1)

    assert sleeps == [3.0]


@pytest.mark.parametrize(
    "answer", [refuses(410, "Expired"), streams(error_event(410, "Expired"))], ids=["http", "in-stream"]
)
async def test_a_version_that_is_too_old_ends_the_watch(answer: Answer) -> None:
    async with a_client(answer) as (client, _, _sleeps):
        with pytest.raises(Gone):
            await read(client, 1)


async def test_a_server_that_ends_every_watch_at_once_is_asked_ever_more_slowly() -> None:
    async with a_client(*[streams()] * 6, streams(event("ADDED", "a", 4))) as (client, _, sleeps):
        await read(client, 1)

    assert sleeps[-1] > 4 * sleeps[0]


async def test_the_watch_of_a_quiet_kind_goes_on_without_delay() -> None:
    hours = itertools.count(step=3600)
    sleeps = Sleeps()
    async with StubApiServer(*[streams()] * 6, streams(event("ADDED", "a", 4))) as stub:
        config = ClusterConfig(stub.url)
        async with Client(config, sleep=sleeps, monotonic=lambda: float(next(hours))) as client:
            await read(client, 1)

    assert len(sleeps) == 6
    assert max(sleeps) <= 0.1


# Informers


async def test_an_informer_lists_again_after_410_and_tells_what_vanished() -> None:
    answers = (
        listed("a", "b"),
        streams(event("ADDED", "c", 5), error_event(410, "Expired")),
        listed("b", "c", version=9),
        streams(then_silent=True),
    )
    async with a_client(*answers) as (client, _, _sleeps):
        informer = Informer(client, ConfigMap, IN_NS)
        assert not informer.is_synced
        told: list[object] = []
        async with aclosing(informer.deltas()) as deltas:
            async for delta in deltas:
                told.append(_name(delta))
                if told.count("synced") == 2:
                    break

        # "c" was listed with another version than its event had, so it is told as modified.
        assert told == ["+a", "+b", "synced", "+c", "-a", "~", "synced"]
        assert {key.name for key in informer.objects} == {"b", "c"}


def _name(delta: object) -> str:
    if isinstance(delta, Added):
        return f"+{delta.new.metadata.name}"
    if isinstance(delta, Deleted):
        return f"-{delta.old.metadata.name}"
    return "synced" if isinstance(delta, Synced) else "~"


async def test_an_informer_outlasts_lost_rights_and_shows_the_trouble() -> None:
    troubles: list[object] = []
    async with a_client(refuses(403, "Forbidden"), refuses(401), listed("a"), streams(then_silent=True)) as (
        client,
        _,
        sleeps,
    ):
        informer = Informer(client, ConfigMap, IN_NS)
        client.transport.sleep = _observed(sleeps, lambda: troubles.append(type(informer.trouble).__name__))
        async with aclosing(informer.deltas()) as deltas:
            assert _name(await anext(deltas)) == "+a"

    assert troubles == ["Forbidden", "Unauthorized"]


def _observed(sleeps: Sleeps, look: Callable[[], None]) -> Callable[[float], object]:
    async def sleep(seconds: float) -> None:
        look()
        await sleeps(seconds)

    return sleep


async def test_a_conflict_is_no_passing_trouble() -> None:
    async with a_client(refuses(409, "Conflict")) as (client, stub, _):
        with pytest.raises(Conflict):
            await patch(client)

    assert len(stub.seen) == 1
