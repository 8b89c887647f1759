"""The few requests that the lab itself makes as administrator, without an event loop."""

import http.client
import ssl
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

TIMEOUT_SECONDS = 10.0
LAB_TOKEN_SECONDS = 30 * 24 * 3600
"""How long the tokens of hub and agent last: nobody renews them in a lab that stays up."""


class RequestRefused(Exception):
    """The API server answered with an error; the message has its words."""


class AdminApi:
    """Blocking requests with the administrator's token; one connection for each.

    An answer that is an error raises RequestRefused; a server that cannot be reached, OSError.
    """

    def __init__(self, url: str, ca_file: Path, token: str) -> None:
        self._address = urlsplit(url).netloc
        self._tls = ssl.create_default_context(cafile=str(ca_file))
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def answers(self, path: str) -> bool:
        """Say whether a GET is answered with 200; a server that is not there (yet) is a no."""
        try:
            status, _ = self._send("GET", path, None)
        except (OSError, http.client.HTTPException):
            return False
        return status == 200

    def get(self, path: str) -> dict[str, object]:
        """Return the object at this path."""
        return self._request("GET", path, None)

    def post(self, path: str, body: dict[str, object]) -> dict[str, object]:
        """Create an object and return it as it is now."""
        return self._request("POST", path, body)

    def mint_token(self, namespace: str, account: str, *, seconds: int = 3600) -> str:
        """Mint a token of a ServiceAccount; the API server refuses less than 600 seconds."""
        request: dict[str, object] = {
            "apiVersion": "authentication.k8s.io/v1",
            "kind": "TokenRequest",
            "spec": {"expirationSeconds": seconds},
        }
        answer = self.post(f"/api/v1/namespaces/{namespace}/serviceaccounts/{account}/token", request)
        return msgspec.convert(answer["status"], type=dict[str, str])["token"]

    def _request(self, method: str, path: str, body: dict[str, object] | None) -> dict[str, object]:
        status, answer = self._send(method, path, body)
        decoded: dict[str, object] = msgspec.json.decode(answer)
        if status >= 300:
            raise RequestRefused(f"{method} {path}: {status}: {decoded.get('message', '')}")
        return decoded

    def _send(self, method: str, path: str, body: dict[str, object] | None) -> tuple[int, bytes]:
        connection = http.client.HTTPSConnection(self._address, timeout=TIMEOUT_SECONDS, context=self._tls)
        try:
            connection.request(
                method, path, msgspec.json.encode(body) if body is not None else None, self._headers
            )
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()
