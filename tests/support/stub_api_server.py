"""An HTTP server that misbehaves as told: for faults that a healthy API server does not show on demand."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple, Self

from aiohttp import web

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Seen(NamedTuple):
    """A request as it arrived."""

    method: str
    path: str
    query: dict[str, str]
    token: str
    body: bytes


class StubApiServer:
    """Gives the scripted answers in order, the last one for ever; `seen` lists what was asked."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.seen: list[Seen] = []
        self.url = ""

    async def __aenter__(self) -> Self:
        server = web.Server(self._handle, access_log=None)
        self._runner = web.ServerRunner(server, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        body = await request.read()
        self.seen.append(Seen(request.method, request.path, dict(request.query), token, body))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return await answer(request)


def gives(value: Any) -> Answer:
    async def answer(_: web.Request) -> web.StreamResponse:
        return web.json_response(value)

    return answer


def refuses(code: int, reason: str = "", message: str = "", **details: Any) -> Answer:
    status = {"kind": "Status", "code": code, "reason": reason, "message": message, "details": details}

    async def answer(_: web.Request) -> web.StreamResponse:
        return web.json_response(status, status=code)

    return answer


def says(code: int, text: str, **headers: str) -> Answer:
    """Answer with no Status at all, as a proxy in between does."""

    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(status=code, text=text, headers=headers)

    return answer


def hangs_up() -> Answer:
    """Take the request and cut the connection: the answer is lost."""

    async def answer(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    return answer


def breaks_off(begun: bytes) -> Answer:
    """Begin an answer that promises more, then cut the connection."""

    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "100000"})
        await response.prepare(request)
        await response.write(begun)
        assert request.transport is not None
        request.transport.close()
        return response

    return answer


def streams(*pieces: bytes, then_silent: bool = False) -> Answer:
    """Send the pieces of a watch, then end it, or hold it open without a word."""

    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for piece in pieces:
            await response.write(piece)
        if then_silent:
            await asyncio.Event().wait()
        return response

    return answer


def event(change: str, name: str, version: int, *, uid: str = "") -> bytes:
    metadata = {"name": name, "namespace": "ns", "uid": uid or name, "resourceVersion": str(version)}
    return json.dumps({"type": change, "object": {"metadata": metadata}}).encode() + b"\n"


def error_event(code: int, reason: str) -> bytes:
    return json.dumps({"type": "ERROR", "object": {"code": code, "reason": reason}}).encode() + b"\n"


def listed(*names: str, version: int = 1, more: str = "") -> Answer:
    items = [
        {"metadata": {"name": name, "namespace": "ns", "uid": name, "resourceVersion": "1"}} for name in names
    ]
    return gives({"metadata": {"resourceVersion": str(version), "continue": more}, "items": items})
