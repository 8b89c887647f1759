"""The one aiohttp session of a client; Kopf can be given the same."""

from contextlib import AbstractAsyncContextManager

import aiohttp
from yarl import URL

from computility.kube.config import ClusterConfig, build_ssl_context
from computility.kube.request import Request


class Session:
    """An aiohttp session that carries the current token; to be made inside a running event loop.

    The token stands in the session's own headers, so that whoever shares `aiohttp` sends it too.
    """

    def __init__(self, config: ClusterConfig, user_agent: str) -> None:
        self.server = config.server
        self._credentials = config.credentials
        self._server_name = config.tls_server_name or None
        self._token = ""
        self.aiohttp = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, ssl=build_ssl_context(config), keepalive_timeout=60),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": user_agent, "Accept": "application/json"},
        )
        # aiohttp repeats a DELETE by itself when a kept-alive connection was just closed. By then the
        # first may have been executed, and the name may belong to another object.
        self.aiohttp._retry_connection = False

    async def close(self) -> None:
        await self.aiohttp.close()

    def request(
        self, request: Request, limits: aiohttp.ClientTimeout, now: float
    ) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
        """Start a request with the token of this monotonic time; redirects are never followed."""
        self._use(self._credentials.token(now))
        return self.aiohttp.request(
            request.method,
            # Paths and queries are already encoded; parsing them again would cost a tenth of the request.
            URL(self.server + request.target, encoded=True),
            data=request.body,
            headers={"Content-Type": request.content_type} if request.body is not None else None,
            timeout=limits,
            allow_redirects=False,
            server_hostname=self._server_name,
        )

    def authorize(self, now: float) -> None:
        """Put the token of this monotonic time into `aiohttp`'s own headers, for whoever is lent it."""
        self._use(self._credentials.token(now))

    def reread_token(self, now: float) -> bool:
        """Look for a new token after a 401 and say whether there is one."""
        return self._credentials.reread(now)

    def _use(self, token: str) -> None:
        if token != self._token:
            self._token = token
            self.aiohttp.headers["Authorization"] = f"Bearer {token}"
