"""Asking a daemon on loopback how it is."""

import http.client

from computility.lab.reserved_port import LOOPBACK

TIMEOUT_SECONDS = 5.0


def answers_ok(port: int, path: str) -> bool:
    """Say whether a GET is answered with 200; a server that is not there (yet) is a no."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=TIMEOUT_SECONDS)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
