from collections.abc import AsyncIterator, Iterable

import pytest

from computility.kube.builtin import ConfigMap
from computility.kube.codec import Unreadable
from computility.kube.errors import Gone, ServerUnavailable, Unreachable
from computility.kube.frames import Bookmark, Change, Changed, WatchEvent, read_events, split_lines
from computility.kube.request import Request
from computility.model.meta import Key

REQUEST = Request("watch", "/api/v1/configmaps", "configmaps")


async def chunked(pieces: Iterable[bytes]) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


async def events_of(*pieces: bytes) -> list[WatchEvent[ConfigMap]]:
    return [event async for event in read_events(ConfigMap, REQUEST, chunked(pieces))]


async def test_lines_are_the_same_however_the_stream_is_cut() -> None:
    text = b"one\ntwo\n\nthree\nunfinished"
    for first in range(len(text) + 1):
        for second in range(first, len(text) + 1):
            pieces = text[:first], text[first:second], text[second:]
            lines = [line async for line in split_lines(chunked(pieces))]
            assert lines == [b"one", b"two", b"", b"three"], pieces


async def test_a_line_without_an_end_is_refused_before_it_fills_the_memory() -> None:
    with pytest.raises(Unreachable, match="does not end"):
        await events_of(*[b"x" * 2**20] * 17)


async def test_changes_and_bookmarks_are_told_apart() -> None:
    added, bookmark = await events_of(
        b'{"type":"ADDED","object":{"metadata":{"name":"a"},"data":{"k":"v"}}}\n'
        b'{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"7"}}}\n'
    )

    assert isinstance(added, Changed)
    assert isinstance(added.object, ConfigMap)
    assert (added.change, added.object.data) == (Change.ADDED, {"k": "v"})
    assert bookmark == Bookmark("7")


async def test_an_object_of_another_release_is_told_as_unreadable() -> None:
    (event,) = await events_of(
        b'{"type":"MODIFIED","object":{"metadata":{"namespace":"ns","name":"a","uid":"u","resourceVersion":"3"},'
        b'"data":{"k":5}}}\n'
    )

    assert isinstance(event, Changed)
    assert isinstance(event.object, Unreadable)
    assert event.object[:3] == (Key("ns", "a"), "u", "3")


@pytest.mark.parametrize(
    ("line", "error"),
    [
        (b'{"type":"ERROR","object":{"code":410,"reason":"Expired"}}', Gone),
        (b'{"type":"ERROR","object":{}}', ServerUnavailable),
        (b'{"type":"RENAMED","object":{"metadata":{}}}', Unreachable),
        (b'{"type":"ADDED","object":[]}', Unreachable),
        (b"<html>", Unreachable),
    ],
)
async def test_what_is_no_event_has_its_error(line: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        await events_of(line + b"\n")
