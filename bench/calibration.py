"""The machine's own measure: what creates of a small built-in object cost on the same control plane.

CPU-seconds vary with the load beside them by a factor of almost two; their ratio to this loop does not.
"""

import asyncio
import time
from collections.abc import Callable, Iterator

from bench.result import Calibration
from computility.kube.builtin import ConfigMap
from computility.kube.client import Client
from computility.model.meta import ObjectMeta

CREATES, AT_ONCE = 2000, 16
NAMESPACE = "default"


async def calibrate(client: Client, server_cpu_seconds: Callable[[], float]) -> Calibration:
    """Create ConfigMaps, and delete them again when the clock has stopped."""
    names = iter([f"calibration-{number}" for number in range(CREATES)])
    used, started = server_cpu_seconds(), time.monotonic()
    async with asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(_create(client, names))
    done = Calibration(
        creates=CREATES,
        server_cpu_seconds=server_cpu_seconds() - used,
        seconds=time.monotonic() - started,
    )
    await client.delete_collection(ConfigMap, NAMESPACE, label_selector="bench=calibration")
    return done


async def _create(client: Client, names: Iterator[str]) -> None:
    for name in names:
        meta = ObjectMeta(name=name, namespace=NAMESPACE, labels={"bench": "calibration"})
        await client.create(ConfigMap(metadata=meta, data={"text": "x" * 200}))
