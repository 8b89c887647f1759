"""The hub, ending itself by SIGKILL right after the write that DIE_AFTER names."""

import os
import signal
import sys
from typing import Any

from computility.hub.main import main
from computility.kube.client import Client
from computility.model.assignment import Assignment
from computility.model.compute_job import ComputeJob

STEP = os.environ["DIE_AFTER"]

create, patch, delete = Client.create, Client.patch, Client.delete
write_status, delete_collection = Client.write_status, Client.delete_collection


def die_after(step: str) -> None:
    if step == STEP:
        os.kill(os.getpid(), signal.SIGKILL)


async def create_and_die(self: Client, obj: Any) -> Any:
    answer = await create(self, obj)
    if isinstance(obj, Assignment):
        die_after("create")
    return answer


async def patch_and_die(self: Client, kind: type, *arguments: Any, **options: Any) -> Any:
    answer = await patch(self, kind, *arguments, **options)
    if kind is Assignment:
        die_after("give up")
    return answer


async def write_status_and_die(self: Client, seen: Any, status: Any) -> Any:
    answer = await write_status(self, seen, status)
    if isinstance(seen, ComputeJob):
        die_after("place" if status.last_ordinal > seen.status.last_ordinal else "book")
    return answer


async def delete_and_die(self: Client, kind: type, *arguments: Any, **options: Any) -> Any:
    answer = await delete(self, kind, *arguments, **options)
    if kind is Assignment:
        die_after("delete")
    return answer


async def delete_collection_and_die(self: Client, *arguments: Any, **options: Any) -> None:
    await delete_collection(self, *arguments, **options)
    die_after("delete")


Client.create = create_and_die  # type: ignore[method-assign]
Client.patch = patch_and_die  # type: ignore[method-assign]
Client.write_status = write_status_and_die  # type: ignore[method-assign]
Client.delete = delete_and_die  # type: ignore[method-assign]
Client.delete_collection = delete_collection_and_die  # type: ignore[method-assign]

if __name__ == "__main__":
    sys.exit(main())
