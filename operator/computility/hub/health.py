"""Whether the hub makes progress: /healthz, /readyz and /metrics on one port."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from aiohttp import web

STUCK_SECONDS = 120.0
"""A piece of work that is under way for so long is stuck. Keys that wait, however long, are only many:
to start the hub anew would help none of them."""

Page = Callable[[web.Request], Awaitable[web.StreamResponse]]
Probe = Callable[[], str]
"""Says what is wrong; "" when nothing is."""


@asynccontextmanager
async def serving(
    host: str, port: int, *, health: Probe, readiness: Probe, metrics: Callable[[], str]
) -> AsyncIterator[int]:
    """Serve the three pages and give the port, which for port 0 the system chooses.

    Raises:
        OSError: The port is taken.
    """
    app = web.Application()
    app.router.add_get("/healthz", _page(health))
    app.router.add_get("/readyz", _page(readiness))
    app.router.add_get("/metrics", _metrics_page(metrics))
    runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=1.0)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port)
        await site.start()
        yield int(runner.addresses[0][1])
    finally:
        await runner.cleanup()


def _page(probe: Probe) -> Page:
    async def answer(_: web.Request) -> web.Response:
        trouble = probe()
        return web.Response(text=f"{trouble or 'ok'}\n", status=503 if trouble else 200)

    return answer


def _metrics_page(render: Callable[[], str]) -> Page:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(body=render().encode(), content_type="text/plain", charset="utf-8")

    return answer
