"""Workers: several keys at a time, one key never twice; no failure of one ends the others."""

import asyncio
import logging

from computility.hub.hub import Hub
from computility.hub.keys import Work
from computility.hub.work import do_work
from computility.kube.errors import ApiError

_log = logging.getLogger(__name__)


async def run_workers(hub: Hub, limit: int) -> None:
    """Do what the queue has, at most `limit` pieces at a time, until cancelled."""
    slots = asyncio.Semaphore(limit)
    async with asyncio.TaskGroup() as group:
        while True:
            await slots.acquire()
            work = await hub.queue.take()
            task = group.create_task(do_one(work, hub), name=str(work))
            task.add_done_callback(lambda _: slots.release())


async def do_one(work: Work, hub: Hub) -> None:
    """Do one piece of work and give its key back: done, due later, or failed and to be tried again."""
    started = hub.monotonic()
    retry_after, result = None, "failed"
    try:
        due_at = await do_work(work, hub)
        if due_at is not None:
            hub.queue.add_after(work, (due_at - hub.now()).total_seconds())
        result = "done"
    except ApiError as error:
        retry_after = error.retry_after
        _log.warning("%s is tried again: %s", work, error)
    except asyncio.CancelledError:
        result = "cancelled"
        raise
    except Exception:
        _log.exception("%s failed; this is a bug of ours", work)
    finally:
        if result == "done":
            hub.queue.done(work)
        else:
            hub.queue.fail(work, retry_after)
        hub.metrics.reconciled(work.task.value, result, hub.monotonic() - started)
