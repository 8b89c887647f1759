"""The one step that all typed verbs share: send a request, decode its answer."""

from typing import TypeVar

import msgspec

from computility.kube.codec import decode
from computility.kube.errors import UnreadableAnswer
from computility.kube.request import Request
from computility.kube.transport import Transport

A = TypeVar("A")


class Asking:
    """What reads and writes stand on.

    Attributes:
        transport: Sends the requests.
        manager: Who writes, as it shall stand in managedFields.
    """

    def __init__(self, transport: Transport, manager: str) -> None:
        self.transport = transport
        self.manager = manager

    async def ask(self, type_: type[A], request: Request) -> A:
        body = await self.transport.send(request)
        try:
            return decode(type_, body)
        except msgspec.DecodeError as error:
            cause = f"it was done, but the answer does not fit {type_.__name__}: {error}"
            raise UnreadableAnswer(request.verb, request.path, cause, status=200) from error
